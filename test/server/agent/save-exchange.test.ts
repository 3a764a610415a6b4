import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../protocol/errors.ts';
import { playerIdSchema, sessionIdSchema } from '../../../protocol/ids.ts';
import type { KeptSave, SaveOwner } from '../../../protocol/save-order.ts';
import type { RemoteSaves } from '../../../server/agent/remote-saves.ts';
import { sha256Of } from '../../../server/agent/save-digest.ts';
import { SaveExchange, type SessionSaves } from '../../../server/agent/save-exchange.ts';
import { SaveStore } from '../../../server/agent/save-store.ts';
import { ManualTimers } from '../../support/manual-timers.ts';

const ANNA = {
  playerId: playerIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11'),
  gameId: 'skimmer',
};

/** Signaling, as far as saves go: one game of one player. A token is the turn it is for. */
class FakeSignaling implements RemoteSaves {
  kept: (KeptSave & { readonly save: Uint8Array }) | undefined;
  isAway = false;
  /** Nothing is answered until it is given up. */
  hangs = false;
  #turn = 0;

  order() {
    const turn = ++this.#turn;
    const { kept } = this;
    const newest = kept && { sha256: kept.sha256, bytes: kept.bytes, turn: kept.turn };
    return { token: String(turn), turn, ...(newest && { newest }) };
  }

  async read(_owner: SaveOwner, _token: string, signal: AbortSignal) {
    if (this.isAway) throw awayError();
    if (this.hangs) {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(awayError()));
      });
    }
    return this.kept?.save;
  }

  async write(_owner: SaveOwner, token: string, save: Uint8Array): Promise<boolean> {
    if (this.isAway) throw awayError();
    const turn = Number(token);
    if (this.kept && this.kept.turn > turn) return false;
    this.kept = { sha256: sha256Of(save), bytes: save.length, turn, save };
    return true;
  }

  get text(): string | undefined {
    return this.kept && Buffer.from(this.kept.save).toString();
  }
}

function awayError(): RockpoolError {
  return new RockpoolError('timeout', 'Signaling could not be reached.');
}

/** A container with a folder of its own. */
class Machine {
  readonly exchange: SaveExchange;
  readonly store: SaveStore;
  readonly timers = new ManualTimers();
  readonly warnings: string[] = [];
  readonly #signaling: FakeSignaling;

  constructor(folder: string, signaling: FakeSignaling) {
    const warn = (_: unknown, text?: string) => void this.warnings.push(text ?? '');
    const log = { debug: () => {}, warn, error: warn };
    this.#signaling = signaling;
    this.store = new SaveStore(folder, { log, nowMs: () => 0 });
    this.exchange = new SaveExchange({
      store: this.store,
      remote: signaling,
      after: (delayMs, task) => this.timers.after(delayMs, task),
      random: () => 1,
      log,
    });
  }

  /** Begins a session. @returns what it plays from. */
  async begin(): Promise<{ from: string | undefined; saves: SessionSaves }> {
    const sessionId = sessionIdSchema.parse(randomUUID());
    const { save, saves } = await this.exchange.begin({
      sessionId,
      ...ANNA,
      save: this.#signaling.order(),
    });
    return { from: save && Buffer.from(save).toString(), saves };
  }

  async keep(saves: SessionSaves, text: string): Promise<void> {
    this.exchange.keep(saves, Buffer.from(text));
    await this.exchange.untilBrought(ANNA, 2_000);
  }

  /** A whole session that saves once. @returns what it played from. */
  async play(text: string): Promise<string | undefined> {
    const { from, saves } = await this.begin();
    await this.keep(saves, text);
    return from;
  }
}

let folder: string;
let signaling: FakeSignaling;
let attic: Machine;
let cellar: Machine;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockpool-exchange-'));
  signaling = new FakeSignaling();
  attic = new Machine(join(folder, 'attic'), signaling);
  cellar = new Machine(join(folder, 'cellar'), signaling);
});
afterEach(() => rm(folder, { recursive: true }));

describe('SaveExchange', () => {
  it('lets a player go on from machine to machine, and back', async () => {
    expect(await attic.play('one')).toBeUndefined();
    expect(await cellar.play('two')).toBe('one');
    expect(await attic.play('three')).toBe('two');
    expect(await cellar.play('four')).toBe('three');
    expect(signaling.text).toBe('four');
    expect([...attic.warnings, ...cellar.warnings]).toEqual([]);
  });

  it('uses its own copy where that is the same', async () => {
    await attic.play('one');
    signaling.isAway = true;
    expect((await attic.begin()).from).toBe('one');
    expect(attic.warnings).toEqual([]);
  });

  it('brings each save while a game runs, so that a machine that dies loses the last alone', async () => {
    const { saves } = await attic.begin();
    await attic.keep(saves, 'minute 1');
    await attic.keep(saves, 'minute 2');
    expect((await cellar.begin()).from).toBe('minute 2');
  });

  it('goes on from what never reached signaling, and brings that', async () => {
    await attic.play('one');
    signaling.isAway = true;
    await attic.play('two');
    signaling.isAway = false;
    expect(signaling.text).toBe('one');
    expect((await attic.begin()).from).toBe('two');
    await attic.exchange.untilBrought(ANNA, 2_000);
    expect(signaling.text).toBe('two');
    expect((await cellar.begin()).from).toBe('two');
  });

  it('brings it by itself too, once signaling is back', async () => {
    signaling.isAway = true;
    await attic.play('one');
    signaling.isAway = false;
    attic.timers.advance(1_000);
    await attic.exchange.untilBrought(ANNA, 2_000);
    expect(signaling.text).toBe('one');
  });

  it('gives up what never reached signaling where its player has gone on elsewhere', async () => {
    await attic.play('one');
    signaling.isAway = true;
    await attic.play('lost');
    signaling.isAway = false;
    await cellar.play('two');
    attic.timers.advance(1_000);
    await attic.exchange.untilBrought(ANNA, 2_000);
    expect(signaling.text).toBe('two');
    expect((await attic.begin()).from).toBe('two');
    const versions = await attic.store.list(ANNA.playerId, ANNA.gameId);
    expect(versions.map(({ sha256 }) => sha256)).toContain(sha256Of(Buffer.from('lost')));
  });

  it('begins from what is here where the newest cannot be fetched, and does not replace that', async () => {
    await attic.play('one');
    await cellar.play('two');
    signaling.isAway = true;
    const { from, saves } = await attic.begin();
    expect(from).toBe('one');
    expect(attic.warnings).toEqual(['the newest save could not be fetched: what is here is used']);
    signaling.isAway = false;
    await attic.keep(saves, 'one and a half');
    expect(signaling.text).toBe('two');
    expect((await attic.begin()).from).toBe('two');
  });

  it('begins after three seconds at the latest where signaling hangs, with nothing if need be', async () => {
    await attic.play('one');
    signaling.hangs = true;
    const beginning = cellar.begin();
    await expect.poll(() => cellar.timers.pending).toBe(1);
    cellar.timers.advance(3_001);
    expect((await beginning).from).toBeUndefined();
    expect(cellar.timers.pending).toBe(0);
  });

  it('brings what was kept before saves travelled', async () => {
    await attic.store.write(ANNA.playerId, ANNA.gameId, {}, Buffer.from('old'));
    expect((await attic.begin()).from).toBe('old');
    await attic.exchange.untilBrought(ANNA, 2_000);
    expect((await cellar.begin()).from).toBe('old');
  });

  it('keeps saves here alone where signaling does not ask for them', async () => {
    const sessionId = sessionIdSchema.parse(randomUUID());
    const { saves } = await attic.exchange.begin({ sessionId, ...ANNA });
    await attic.keep(saves, 'mine');
    expect(signaling.kept).toBeUndefined();
    expect((await attic.exchange.begin({ sessionId, ...ANNA })).save).toEqual(Buffer.from('mine'));
  });
});
