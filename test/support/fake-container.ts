import { randomUUID } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import type { z } from 'zod';
import type { BuildOrder } from '../../protocol/build-order.ts';
import type { Capacity } from '../../protocol/capacity.ts';
import {
  type AssignAnswer,
  type AssignRequest,
  CONTAINER_NAMESPACE,
  type ConfirmRequest,
  type ContainerGame,
  type ContainerHello,
  type ContainerLoad,
  type containerCommands,
  type EndRequest,
  type JoinRequest,
  type ReserveRequest,
  type ResumeRequest,
  type TrialRequest,
} from '../../protocol/container-messages.ts';
import type { WireError } from '../../protocol/errors.ts';
import type { GuestAnswer, GuestOrder, GuestSignal } from '../../protocol/guest-messages.ts';
import { type ContainerId, containerIdSchema } from '../../protocol/ids.ts';
import type { Ack, Empty } from '../../protocol/player-messages.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { TryOutRequest } from '../../protocol/try-out-messages.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { ContainerIdentity } from '../../server/agent/container-identity.ts';
import { Inbox } from './inbox.ts';

/** Only ends what hangs: a busy machine may take seconds to answer. */
const ANSWER_MS = 30_000;

export const FAKE_NEEDS: Capacity = {
  pixelsPerSecond: 1_000,
  cpus: 1,
  memoryBytes: 1_000,
  gpuMemoryBytes: 0,
};

export function fakeGame(id: string, overrides: Partial<ContainerGame> = {}): ContainerGame {
  return {
    id,
    title: id,
    summary: '',
    inputs: ['keyboard'],
    players: 1,
    diagnostic: false,
    pointerLock: false,
    controls: [],
    touchButtons: [],
    needs: FAKE_NEEDS,
    needsGpu: false,
    ...overrides,
  };
}

/** Room for so many sessions of {@link FAKE_NEEDS}. */
export function fakeCapacity(sessions: number): Capacity {
  const { pixelsPerSecond, cpus, memoryBytes } = FAKE_NEEDS;
  return {
    pixelsPerSecond: pixelsPerSecond * sessions,
    cpus: cpus * sessions,
    memoryBytes: memoryBytes * sessions,
    gpuMemoryBytes: 0,
  };
}

export function fakeLoad(
  freeSlots: number,
  state: ContainerLoad['state'] = freeSlots > 0 ? 'standby' : 'busy',
): ContainerLoad {
  return { state, freeSlots, free: fakeCapacity(freeSlots) };
}

export function fakeJoin(overrides: Partial<JoinRequest> = {}): JoinRequest {
  return {
    slots: 1,
    capacity: fakeCapacity(overrides.slots ?? 1),
    pricePerHour: 0,
    games: [fakeGame('skimmer')],
    builds: { runtimes: [], warm: [] },
    encoders: [{ name: 'x264', codec: 'h264', hardware: false, pixelsPerSecond: 1e8 }],
    gpu: { kind: 'none', description: '' },
    sessions: [],
    ...overrides,
  };
}

export function newContainerId(): ContainerId {
  return containerIdSchema.parse(randomUUID());
}

/** What a container says on connecting, where it is not what any would; and who it is. */
export interface FakeHello extends Partial<ContainerHello> {
  readonly identity?: Promise<ContainerIdentity>;
}

type Commands = typeof containerCommands;
type Answer<K extends keyof Commands> = Ack<z.infer<Commands[K]['answer']>>;

/** A container's socket without a container behind it: a test says how commands are answered. */
export class FakeContainer {
  /** Signs what it says. */
  readonly identity: Promise<ContainerIdentity>;
  #containerId: ContainerId | undefined;
  readonly reserved = new Inbox<ReserveRequest>();
  readonly assigned = new Inbox<AssignRequest>();
  readonly resumed = new Inbox<ResumeRequest>();
  readonly tried = new Inbox<TrialRequest>();
  readonly confirmed = new Inbox<ConfirmRequest>();
  readonly ended = new Inbox<EndRequest>();
  readonly signals = new Inbox<SessionSignal>();
  readonly guestOrders = new Inbox<GuestOrder>();
  readonly guestSignals = new Inbox<GuestSignal>();
  readonly prefetched = new Inbox<BuildOrder>();
  readonly tryOuts = new Inbox<TryOutRequest>();
  readonly refused = new Inbox<WireError>();
  readonly disconnected: Promise<string>;
  readonly socket: Socket;

  onReserve: (request: ReserveRequest) => Promise<Ack<Empty>> | Ack<Empty> = () => ({
    ok: true,
    value: {},
  });
  onAssign: (
    request: AssignRequest,
  ) => Promise<Ack<AssignAnswer>> | Ack<AssignAnswer> | 'no answer' = () => ({
    ok: true,
    value: { attempt: 0 },
  });
  onResume: (request: ResumeRequest) => Ack<AssignAnswer> = () => ({
    ok: true,
    value: { attempt: 1 },
  });
  onTrial: (request: TrialRequest) => Promise<Ack<Empty>> | Ack<Empty> = () => ({
    ok: true,
    value: {},
  });
  onConfirm: (request: ConfirmRequest) => Promise<Ack<AssignAnswer>> | Ack<AssignAnswer> = () => ({
    ok: true,
    value: { attempt: 0 },
  });
  onTryOut: (request: TryOutRequest) => Ack<Empty> = () => ({ ok: true, value: {} });
  /** What happens before an end is confirmed. */
  onEnd: (request: EndRequest) => Promise<void> = async () => {};
  onGuests: (order: GuestOrder) => Promise<Ack<GuestAnswer>> | Ack<GuestAnswer> = () => ({
    ok: true,
    value: { kind: 'done' },
  });
  onEcho: () => Promise<void> = async () => {};

  constructor(url: string, joinToken: string, said: FakeHello = {}, headers = {}) {
    const { identity = ContainerIdentity.create(), ...hello } = said;
    this.identity = identity;
    this.socket = io(url + CONTAINER_NAMESPACE, {
      transports: ['websocket'],
      auth: async (answer) => {
        const { publicKey, containerId } = await identity;
        this.#containerId = containerId;
        const own = { joinToken, publicKey, name: 'a container', region: 'local' };
        answer({ protocol: PROTOCOL_VERSION, ...own, ...hello });
      },
      forceNew: true,
      reconnection: false,
      extraHeaders: headers,
    });
    this.disconnected = new Promise((resolve) => this.socket.once('disconnect', resolve));
    this.socket.on('refused', (error: WireError) => this.refused.put(error));
    this.#answer('reserve', async (request, ack) => {
      this.reserved.put(request);
      ack(await this.onReserve(request));
    });
    this.#answer('assign', async (request, ack) => {
      this.assigned.put(request);
      const answer = await this.onAssign(request);
      if (answer !== 'no answer') ack(answer);
    });
    this.#answer('resume', (request, ack) => {
      this.resumed.put(request);
      ack(this.onResume(request));
    });
    this.#answer('trial', async (request, ack) => {
      this.tried.put(request);
      ack(await this.onTrial(request));
    });
    this.#answer('confirm', async (request, ack) => {
      this.confirmed.put(request);
      ack(await this.onConfirm(request));
    });
    this.#answer('end', async (request, ack) => {
      this.ended.put(request);
      await this.onEnd(request);
      ack({ ok: true, value: {} });
    });
    this.#answer('signal', (signal, ack) => {
      this.signals.put(signal);
      ack({ ok: true, value: {} });
    });
    this.#answer('guests', async (order, ack) => {
      this.guestOrders.put(order);
      ack(await this.onGuests(order));
    });
    this.#answer('guest-signal', (signal, ack) => {
      this.guestSignals.put(signal);
      ack({ ok: true, value: {} });
    });
    this.#answer('prefetch', (order, ack) => {
      this.prefetched.put(order);
      ack({ ok: true, value: {} });
    });
    this.#answer('try-out', (request, ack) => {
      this.tryOuts.put(request);
      ack(this.onTryOut(request));
    });
    this.#answer('echo', async (_empty, ack) => {
      await this.onEcho();
      ack({ ok: true, value: {} });
    });
  }

  /** Known once it is connected. */
  get containerId(): ContainerId {
    if (!this.#containerId) throw new Error('This container has not connected yet.');
    return this.#containerId;
  }

  /** Resolves when connected, rejects with what the handshake was refused with. */
  connected(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('connect_error', reject);
    });
  }

  /** Connects, joins and, unless told otherwise, says that every slot is free. */
  async start(join: Partial<JoinRequest> = {}, load?: ContainerLoad): Promise<this> {
    await this.connected();
    const request = fakeJoin(join);
    const answers = [
      await this.join(request),
      await this.request(
        'load',
        load ?? fakeLoad(request.slots - request.sessions.length, 'standby'),
      ),
    ];
    if (answers.some((answer) => !answer.ok)) throw new Error(JSON.stringify(answers));
    return this;
  }

  /** Says what it has, signed. */
  async join(request: JoinRequest): Promise<Ack<Empty>> {
    const { id: socketId = '' } = this.socket;
    const statement = await (await this.identity).sign({ ...request, socketId });
    return this.request('join', { statement });
  }

  /** Sends anything and gives what came back. */
  request(event: string, ...args: unknown[]): Promise<Ack<Empty>> {
    return this.socket.timeout(ANSWER_MS).emitWithAck(event, ...args);
  }

  close(): void {
    this.socket.disconnect();
  }

  #answer<K extends keyof Commands>(
    name: K,
    handle: (payload: z.infer<Commands[K]['payload']>, ack: (answer: Answer<K>) => void) => void,
  ): void {
    const listener = (payload: unknown, ack: unknown) =>
      handle(payload as Parameters<typeof handle>[0], ack as (answer: Answer<K>) => void);
    this.socket.on(name as string, listener);
  }
}
