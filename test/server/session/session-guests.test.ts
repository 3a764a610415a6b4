import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import type {
  GuestAnswer,
  GuestRights,
  GuestSeat,
  Sharing,
} from '../../../protocol/guest-messages.ts';
import { type InviteId, type PlayerId, playerIdSchema } from '../../../protocol/ids.ts';
import type { GameInput } from '../../../renderer/game-runtime.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { SessionGuests } from '../../../server/session/session-guests.ts';
import { OWNER, SharedInputs } from '../../../server/session/shared-inputs.ts';
import { FakeRuntime, fakeEntry } from '../../support/fake-runtime.ts';
import { FakeSharedStream } from '../../support/fake-stream-connection.ts';

const SHAPE = {
  resolution: { width: 512, height: 288 },
  frameRate: 60,
  maxBitrateBps: 2_000_000,
  codec: 'auto',
} as const;

const somebody = () => playerIdSchema.parse(randomUUID());

function open({ players = 4, maxSpectators = 2 } = {}) {
  const time = new VirtualTime();
  const delivered: GameInput[] = [];
  const inputs = new SharedInputs((input) => delivered.push(input));
  const stream = new FakeSharedStream(SHAPE, {
    handlePictureWanted: () => undefined,
    handleFailure: () => undefined,
    handleEncodings: () => undefined,
  });
  const gone: string[] = [];
  const signals: number[] = [];
  let sharing: Sharing | undefined;
  let waiting = false;
  const guests = new SessionGuests({
    game: { ...fakeEntry(new FakeRuntime()).info, players },
    inputs,
    scheduler: time,
    maxSpectators,
    isWaiting: () => waiting,
    cursor: () => ({ type: 'cursor', shape: 'default' }),
    connect: (order, listener) => stream.connect(order, listener),
    listener: {
      handleSignal: (_guestId, attempt) => signals.push(attempt),
      handleSharing: (told) => {
        sharing = told;
      },
      handleGone: (_guestId, reason) => gone.push(reason),
    },
  });
  const expectKind = <K extends GuestAnswer['kind']>(answer: GuestAnswer, kind: K) => {
    if (answer.kind !== kind) throw new Error(`answered ${answer.kind}`);
    return answer as Extract<GuestAnswer, { kind: K }>;
  };
  const invite = (player: GuestSeat, rights: GuestRights = 'pad') =>
    expectKind(guests.handleRequest({ kind: 'invite', player, rights }), 'invited').inviteId;
  const admit = (inviteId: InviteId, playerId: PlayerId = somebody(), attach = false) =>
    expectKind(
      guests.handleRequest({
        ...{ kind: 'admit', inviteId, playerId, codecs: ['h264'] },
        ...{ iceServers: [], relayOnly: false, attach },
      }),
      'admitted',
    );
  const connection = (index = -1) => {
    const one = stream.connections.at(index);
    if (!one) throw new Error('nobody was connected');
    return one;
  };
  const here = (inviteId: InviteId, playerId?: PlayerId) => {
    const { guestId } = admit(inviteId, playerId);
    connection().listener.handleState('connected');
    return guestId;
  };
  return {
    ...{ time, guests, inputs, delivered, stream, gone, signals, invite, admit, connection, here },
    sharing: () => sharing,
    setWaiting: (value: boolean) => {
      waiting = value;
      guests.handleWaiting();
    },
  };
}

const fails = (code: string) => expect.objectContaining({ code });

describe('SessionGuests', () => {
  it('lets a guest in by a link, and tells both sides what they may do', () => {
    const { invite, admit, connection, sharing } = open();
    const inviteId = invite(2);
    const { guestId, attempt } = admit(inviteId);
    expect(attempt).toBe(0);
    expect(connection().order).toMatchObject({ role: 'player', codecs: ['h264'] });
    connection().listener.handleControlOpen();
    connection().listener.handleState('connected');
    expect(connection().hellos).toEqual([{ resumed: false }]);
    const standing = { type: 'guest', player: 2, rights: 'pad', waiting: false, behind: false };
    expect(connection().sent).toContainEqual(standing);
    expect(connection().keyframeRequests).toBe(1);
    expect(sharing()).toEqual({
      seats: [null, 2, 3, 4],
      invites: [{ inviteId, player: 2, rights: 'pad' }],
      guests: [{ guestId, number: 1, player: 2, rights: 'pad', state: 'here', network: null }],
    });
  });

  it('offers no more players than the game has', () => {
    const { guests, invite } = open({ players: 2 });
    invite(2);
    expect(guests.describe().seats).toEqual([null, 2]);
    expect(() => invite(3)).toThrow(fails('bad-message'));
  });

  it('drops and counts what is beyond the rights of a guest', () => {
    const { invite, here, connection, delivered } = open();
    const key: GameInput = { type: 'key', seq: 1, down: true, code: 'KeyA' };
    const pad: GameInput = { type: 'pad-button', seq: 2, pad: 0, button: 1, down: true };

    here(invite(null));
    connection().listener.handleInput(key, 0);
    connection().listener.handleInput(pad, 0);
    expect(delivered).toEqual([]);
    expect(connection().refused).toBe(2);

    here(invite(3, 'pad'));
    connection().listener.handleInput(key, 0);
    connection().listener.handleInput(pad, 0);
    expect(delivered).toEqual([{ ...pad, seq: 0, pad: 2 }]);
    expect(connection().refused).toBe(1);

    here(invite(2, 'all'));
    connection().listener.handleInput(key, 0);
    expect(delivered.at(-1)).toEqual({ ...key, seq: 0 });
    expect(connection().refused).toBe(0);
  });

  it('changes nothing of the stream for a guest, nor ends the game', () => {
    const { invite, here, connection, stream } = open();
    here(invite(null));
    connection().listener.handleControl({
      type: 'settings',
      settings: { ...SHAPE, resolution: 'auto', frameRate: 30 },
    });
    expect(stream.shapes).toHaveLength(1);
    expect(connection().refused).toBe(1);
    connection().listener.handleControl({ type: 'keyframe' });
    expect(connection().keyframeRequests).toBe(2);
  });

  it('changes the rights of a guest, who lets go of what they held', () => {
    const { guests, invite, here, connection, delivered, sharing } = open();
    const guestId = here(invite(2, 'all'));
    connection().listener.handleInput({ type: 'key', seq: 1, down: true, code: 'KeyA' }, 0);
    guests.handleRequest({ kind: 'set-rights', guestId, rights: 'none' });
    expect(delivered.at(-1)).toEqual({ type: 'key', seq: 0, down: false, code: 'KeyA' });
    expect(connection().sent.at(-1)).toMatchObject({ type: 'guest', rights: 'none' });
    expect(sharing()?.guests[0]?.rights).toBe('none');
    connection().listener.handleInput({ type: 'key', seq: 2, down: true, code: 'KeyA' }, 0);
    expect(connection().refused).toBe(1);
  });

  it("lets go of what a guest holds when they are gone, and not of the player's", () => {
    const { inputs, invite, here, connection, delivered } = open();
    inputs.handle(OWNER, { type: 'key', seq: 5, down: true, code: 'KeyA' }, 0);
    here(invite(2, 'all'));
    connection().listener.handleInput({ type: 'key', seq: 1, down: true, code: 'KeyA' }, 0);
    connection().listener.handleInput({ type: 'key', seq: 2, down: true, code: 'KeyB' }, 0);
    connection().listener.handleState('disconnected');
    expect(delivered.filter((input) => input.type === 'key' && !input.down)).toEqual([
      { type: 'key', seq: 5, down: false, code: 'KeyB' },
    ]);
  });

  it('ends the visits of a link that is revoked, which leads nowhere from then on', () => {
    const { guests, invite, here, admit, connection, gone, sharing } = open();
    const inviteId = invite(null);
    here(inviteId);
    guests.handleRequest({ kind: 'revoke', inviteId });
    expect(connection().sent.at(-1)).toEqual({ type: 'bye', reason: 'guest-removed' });
    expect(connection().closed).toBe(true);
    expect(gone).toEqual(['guest-removed']);
    expect(sharing()).toMatchObject({ invites: [], guests: [] });
    expect(() => admit(inviteId)).toThrow(fails('invite-revoked'));
    expect(() => guests.handleRequest({ kind: 'look', inviteId })).toThrow(fails('invite-revoked'));
  });

  it('keeps somebody out whom the player removed, and lets others watch by the same link', () => {
    const { guests, invite, here, admit } = open();
    const inviteId = invite(null);
    const removed = somebody();
    const guestId = here(inviteId, removed);
    guests.handleRequest({ kind: 'remove', guestId });
    expect(() => admit(inviteId, removed)).toThrow(fails('invite-revoked'));
    expect(admit(inviteId).attempt).toBe(0);
  });

  it('takes the link with the one it was for', () => {
    const { guests, invite, here, admit } = open();
    const inviteId = invite(2);
    guests.handleRequest({ kind: 'remove', guestId: here(inviteId) });
    expect(() => admit(inviteId)).toThrow(fails('invite-revoked'));
  });

  it('lets one in by a link to play, and as many as there is room for by one to watch', () => {
    const { guests, invite, admit, stream } = open({ maxSpectators: 2 });
    const seat = invite(2);
    admit(seat);
    expect(() => admit(seat)).toThrow(fails('invite-full'));
    const [bench, other] = [invite(null), invite(null)];
    admit(bench);
    expect(guests.handleRequest({ kind: 'look', inviteId: other })).toMatchObject({ full: false });
    admit(other);
    expect(() => admit(bench)).toThrow(fails('invite-full'));
    expect(guests.handleRequest({ kind: 'look', inviteId: bench })).toMatchObject({ full: true });
    expect(stream.connections).toHaveLength(3);
  });

  it('gives the place to a new link: there is one for each player', () => {
    const { guests, invite, here, gone } = open();
    here(invite(2));
    invite(2, 'all');
    expect(gone).toEqual(['guest-removed']);
    expect(guests.describe().invites).toHaveLength(1);
  });

  it('knows a guest who comes back, and replaces their connection', () => {
    const { invite, admit, here, connection, sharing, signals } = open();
    const inviteId = invite(2);
    const who = somebody();
    const guestId = here(inviteId, who);
    connection().listener.handleState('failed');
    expect(sharing()?.guests[0]?.state).toBe('away');
    expect(admit(inviteId, who, true)).toEqual({ kind: 'admitted', guestId, attempt: 0 });
    expect(admit(inviteId, who)).toEqual({ kind: 'admitted', guestId, attempt: 1 });
    expect(connection(0).closed).toBe(true);
    connection(0).listener.handleState('connected');
    expect(sharing()?.guests[0]?.state).toBe('connecting');
    connection(1).listener.handleControlOpen();
    expect(connection(1).hellos).toEqual([{ resumed: true }]);
    connection(1).listener.handleSignal({ kind: 'restart-ice' });
    expect(signals).toEqual([1]);
  });

  it('gives up a guest who does not come, or does not come back', () => {
    const { invite, admit, here, connection, gone, time } = open();
    admit(invite(null));
    time.advance(20_000);
    expect(gone).toEqual(['connect-timeout']);
    here(invite(2));
    connection().listener.handleState('disconnected');
    time.advance(59_000);
    expect(gone).toHaveLength(1);
    time.advance(1_000);
    expect(gone).toEqual(['connect-timeout', 'abandoned']);
  });

  it('counts nobody whose browser cannot be served', () => {
    const { invite, admit, stream, guests } = open();
    stream.refusal = new RockpoolError('no-common-codec', 'Another browser may.');
    const inviteId = invite(2);
    expect(() => admit(inviteId)).toThrow(fails('no-common-codec'));
    expect(guests.describe().guests).toEqual([]);
    stream.refusal = undefined;
    expect(admit(inviteId).attempt).toBe(0);
    expect(guests.describe().guests[0]?.number).toBe(1);
  });

  it('tells guests that the game waits for its player, and that it goes on', () => {
    const { invite, here, connection, setWaiting } = open();
    here(invite(null));
    setWaiting(true);
    expect(connection().sent.at(-1)).toMatchObject({ type: 'guest', waiting: true });
    setWaiting(false);
    expect(connection().sent.at(-1)).toMatchObject({ type: 'guest', waiting: false });
  });

  it('tells a guest whose network is too slow, and the player of it in a word', () => {
    const { guests, invite, here, connection, sharing } = open();
    here(invite(null));
    guests.handleSecond();
    expect(sharing()?.guests[0]?.network).toBe('good');
    connection().fractionLost = 0.1;
    guests.handleSecond();
    expect(sharing()?.guests[0]?.network).toBe('fair');
    connection().pace = { made: 60, sent: 5 };
    for (let second = 0; second < 4; second++) guests.handleSecond();
    expect(connection().sent.at(-1)).toMatchObject({ type: 'guest', behind: true });
    expect(sharing()?.guests[0]?.network).toBe('poor');
  });

  it("shakes the pad of the guest whose player's it is", () => {
    const { guests, invite, here, connection } = open();
    here(invite(2));
    here(invite(3));
    guests.handleRumble({ pad: 2, strong: 1, weak: 0, durationMs: 90 });
    const shake = { type: 'rumble', pad: 0, strong: 1, weak: 0, durationMs: 90 };
    expect(connection(1).sent).toContainEqual(shake);
    expect(connection(0).sent).not.toContainEqual(shake);
  });

  it('says good-bye to all at the end of the game, and leaves no timer', async () => {
    const { guests, invite, admit, here, connection, time } = open();
    here(invite(2));
    admit(invite(null));
    await guests.close('host-left');
    expect(connection(0).sent.at(-1)).toEqual({ type: 'bye', reason: 'host-left' });
    expect([connection(0).closed, connection(1).closed]).toEqual([true, true]);
    expect(time.pendingTimers).toBe(0);
    expect(() => invite(null)).toThrow(fails('unknown-session'));
  });

  it('ends a visit when the guest says good-bye', () => {
    const { invite, here, connection, gone, sharing } = open();
    here(invite(null));
    connection().listener.handleControl({ type: 'bye' });
    expect(gone).toEqual(['player-left']);
    expect(sharing()?.guests).toEqual([]);
    expect(sharing()?.invites).toHaveLength(1);
  });

  it('makes no more links than can be kept an eye on', () => {
    const { invite } = open();
    for (let made = 0; made < 16; made++) invite(null);
    expect(() => invite(null)).toThrow(fails('invite-full'));
  });
});
