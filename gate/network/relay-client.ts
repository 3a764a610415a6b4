import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Address } from './candidates.ts';
import type { Profile } from './profiles.ts';
import {
  type FromRelay,
  fromRelaySchema,
  type RelayStatistics,
  type ToRelay,
  toRelaySchema,
} from './relay-messages.ts';

/** Compiled or not, the relay's program ends like this module; sources need tsx to run. */
const FROM_SOURCE = import.meta.url.endsWith('.ts');
const PROGRAM = fileURLToPath(
  new URL(`./relay-process.${FROM_SOURCE ? 'ts' : 'js'}`, import.meta.url),
);

/** A message before it has its number. */
type Question<T = ToRelay> = T extends ToRelay ? Omit<T, 'id'> : never;

interface Request {
  readonly resolve: (reply: FromRelay) => void;
  readonly reject: (error: Error) => void;
}

/** A relay that runs in a process of its own. */
export class RelayClient {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #requests = new Map<number, Request>();
  #nextId = 0;

  private constructor() {
    this.#child = fork(PROGRAM, { execArgv: FROM_SOURCE ? ['--import', 'tsx'] : [] });
    this.#exited = once(this.#child, 'exit');
    this.#child.on('message', (value) => this.#handleReply(fromRelaySchema.parse(value)));
    this.#exited.then(
      () => this.#fail(new Error('The relay has ended.')),
      (cause: unknown) => this.#fail(new Error('The relay could not be started.', { cause })),
    );
  }

  /**
   * @param seed decides all that is random.
   * @param host address of this machine that peers send to; the loopback's where left out.
   */
  static async start(profile: Profile, seed: number, host?: string): Promise<RelayClient> {
    const client = new RelayClient();
    await client.#ask({ type: 'start', profile, seed, ...(host !== undefined && { host }) });
    return client;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * @returns the address that stands in for the target; who sends to it first is the path's peer.
   * @throws Error where the target is no IPv4 address or no port is free.
   */
  async open(target: Address): Promise<Address> {
    const reply = await this.#ask({ type: 'open', target });
    if (reply.type !== 'opened') throw new Error(`The relay answered ${reply.type}.`);
    return reply.address;
  }

  /** Traces, randomness and statistics begin now. */
  async markStart(): Promise<void> {
    await this.#ask({ type: 'mark-start' });
  }

  /** Since the last {@link markStart}, or the start. */
  async statistics(): Promise<RelayStatistics> {
    const reply = await this.#ask({ type: 'statistics' });
    if (reply.type !== 'statistics') throw new Error(`The relay answered ${reply.type}.`);
    return reply.statistics;
  }

  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #ask(question: Question): Promise<FromRelay> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const message = toRelaySchema.parse({ ...question, id });
      this.#requests.set(id, { resolve, reject });
      this.#child.send(message, (error) => {
        if (!error) return;
        this.#requests.delete(id);
        reject(new Error('The relay is gone.', { cause: error }));
      });
    });
  }

  #handleReply(reply: FromRelay): void {
    const request = this.#requests.get(reply.id);
    this.#requests.delete(reply.id);
    if (reply.type === 'failed') request?.reject(new Error(`The relay: ${reply.message}`));
    else request?.resolve(reply);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#requests.values()) reject(error);
    this.#requests.clear();
  }
}
