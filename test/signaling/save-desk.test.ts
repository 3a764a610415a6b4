import { randomBytes, randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { playerIdSchema, type SessionId, sessionIdSchema } from '../../protocol/ids.ts';
import type { KeptSave } from '../../protocol/save-order.ts';
import { IdentityTokens } from '../../signaling/identity-tokens.ts';
import { SaveDesk } from '../../signaling/save-desk.ts';
import type { SaveVault } from '../../signaling/save-vault.ts';
import { SessionRegistry } from '../../signaling/session-registry.ts';
import { newContainerId } from '../support/fake-container.ts';
import { ManualTimers } from '../support/manual-timers.ts';

const ANNA = {
  playerId: playerIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11'),
  gameId: 'skimmer',
};
const BEN = { ...ANNA, playerId: playerIdSchema.parse('0b9d7b51-4f0f-4d0b-8a53-8f7c2d3a9e22') };
const ATTIC = newContainerId();
const CELLAR = newContainerId();

const newSession = (): SessionId => sessionIdSchema.parse(randomUUID());

/** Knows of one save, the same for everybody. */
class OneSave implements SaveVault {
  kept: KeptSave | undefined;
  #turn = 0;

  newest(): KeptSave | undefined {
    return this.kept;
  }

  async read(): Promise<undefined> {
    return undefined;
  }

  async write(): Promise<boolean> {
    return true;
  }

  nextTurn(): number {
    return ++this.#turn;
  }
}

let timers: ManualTimers;
let vault: OneSave;
let desk: SaveDesk;
beforeEach(() => {
  timers = new ManualTimers();
  vault = new OneSave();
  const tokens = new IdentityTokens(randomBytes(32));
  desk = new SaveDesk({ vault, sessions: new SessionRegistry(), tokens, timers });
});

/** Has a session of Anna's on the attic that is about to end. @returns what ends it. */
async function leaveAttic(): Promise<() => void> {
  const sessionId = newSession();
  await desk.order(ATTIC, { sessionId, ...ANNA });
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  desk.handleEnding(sessionId, ended);
  return end;
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol();
  await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, pending])) !== pending;
}

describe('an order', () => {
  it('tells what there is once the machine that was left has brought it', async () => {
    const end = await leaveAttic();
    const ordering = desk.order(CELLAR, { sessionId: newSession(), ...ANNA });
    expect(await isSettled(ordering)).toBe(false);
    vault.kept = { sha256: 'f'.repeat(64), bytes: 1, turn: 1 };
    end();
    expect((await ordering).newest).toEqual(vault.kept);
  });

  it('does not wait for more than four seconds', async () => {
    await leaveAttic();
    const ordering = desk.order(CELLAR, { sessionId: newSession(), ...ANNA });
    timers.advance(3_999);
    expect(await isSettled(ordering)).toBe(false);
    timers.advance(1);
    expect((await ordering).newest).toBeUndefined();
  });

  it('does not wait for other players, other games, or the same machine', async () => {
    await leaveAttic();
    await desk.order(CELLAR, { sessionId: newSession(), ...BEN });
    await desk.order(CELLAR, { sessionId: newSession(), ...ANNA, gameId: 'pond' });
    expect((await desk.order(ATTIC, { sessionId: newSession(), ...ANNA })).turn).toBe(4);
  });

  it('does not wait once the end has failed', async () => {
    const sessionId = newSession();
    await desk.order(ATTIC, { sessionId, ...ANNA });
    desk.handleEnding(sessionId, Promise.reject(new Error('lost')));
    expect((await desk.order(CELLAR, { sessionId: newSession(), ...ANNA })).turn).toBe(2);
  });
});
