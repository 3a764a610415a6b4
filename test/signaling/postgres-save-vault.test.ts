import { createHash, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { playerIdSchema } from '../../protocol/ids.ts';
import type { KeptSave, SaveOwner } from '../../protocol/save-order.ts';
import { PostgresSaveVault } from '../../signaling/postgres-save-vault.ts';
import { openPostgresStore } from '../../signaling/store/postgres-store.ts';
import { describeWithPostgres, PostgresServer } from '../support/postgres-server.ts';

const log = pino({ level: 'silent' });

/** Making a database takes seconds. */
const START_LIMIT_MS = 60_000;

const kept = (content: string | Buffer, turn: number): KeptSave => ({
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: Buffer.byteLength(content),
  turn,
});

async function* chunks(...pieces: (string | Buffer)[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

describeWithPostgres('PostgresSaveVault', () => {
  let server: PostgresServer;
  let url = '';
  let nowMs = 0;
  const vaults: PostgresSaveVault[] = [];

  beforeAll(async () => {
    server = await PostgresServer.start();
    url = await server.createDatabase();
    await (await openPostgresStore({ url, log })).close();
  }, START_LIMIT_MS);
  beforeEach(async () => {
    nowMs = 1_000_000;
    await server.query(url, 'truncate rockpool.saves, rockpool.save_parts');
  });
  afterAll(async () => {
    await Promise.all(vaults.map((vault) => vault.close()));
    await server.remove();
  });

  /** As one node has it. */
  function open(maxBytes = 1000): PostgresSaveVault {
    const vault = new PostgresSaveVault({ url, wallClockMs: () => nowMs, log, maxBytes });
    vaults.push(vault);
    return vault;
  }

  const newOwner = (): SaveOwner => ({
    playerId: playerIdSchema.parse(randomUUID()),
    gameId: 'skimmer',
  });

  const put = (vault: PostgresSaveVault, owner: SaveOwner, turn: number, text: string) =>
    vault.write(owner, kept(text, turn), chunks(text));

  async function read(vault: PostgresSaveVault, owner: SaveOwner): Promise<string | undefined> {
    const stored = await vault.read(owner);
    return stored && (await buffer(stored.content)).toString();
  }

  const parts = () =>
    server.query(url, 'select upload_id from rockpool.save_parts order by upload_id, part');

  it('has nothing of a new player', async () => {
    const vault = open();
    expect(await vault.newest(newOwner())).toBeUndefined();
    expect(await read(vault, newOwner())).toBeUndefined();
  });

  it('gives one node what another has kept, of each player and game', async () => {
    const [one, two] = [open(), open()];
    const anna = newOwner();
    const chess = { ...anna, gameId: 'chess' };
    expect(await put(one, anna, 1, 'first')).toBe(true);
    expect(await put(two, chess, 1, 'a pawn')).toBe(true);
    expect(await put(two, anna, 2, 'second')).toBe(true);
    expect(await one.newest(anna)).toStrictEqual(kept('second', 2));
    expect(await read(one, anna)).toBe('second');
    expect(await read(one, chess)).toBe('a pawn');
    expect(await read(one, newOwner())).toBeUndefined();
  });

  it('takes another save of the same turn, and none of an earlier one', async () => {
    const vault = open();
    const anna = newOwner();
    await put(vault, anna, 2, 'second');
    expect(await put(vault, anna, 2, 'again')).toBe(true);
    expect(await put(vault, anna, 1, 'late')).toBe(false);
    expect(await read(vault, anna)).toBe('again');
  });

  it('keeps that of the later turn where two nodes are brought theirs at the same time', async () => {
    const [one, two] = [open(), open()];
    const anna = newOwner();
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* slowly() {
      yield Buffer.from('ear');
      await held;
      yield Buffer.from('lier');
    }
    const earlier = one.write(anna, kept('earlier', 1), slowly());
    expect(await put(two, anna, 2, 'later')).toBe(true);
    goOn();
    expect(await earlier).toBe(false);
    expect(await read(one, anna)).toBe('later');
    expect(await parts()).toHaveLength(1);
  });

  it('takes large ones in parts', async () => {
    const vault = open(1e9);
    const anna = newOwner();
    const large = Buffer.alloc(2.5 * 2 ** 20, 'rockpool ');
    const pieces = [
      large.subarray(0, 10),
      large.subarray(10, 2 ** 21 + 5),
      large.subarray(2 ** 21 + 5),
    ];
    expect(await vault.write(anna, kept(large, 1), chunks(...pieces))).toBe(true);
    expect(await parts()).toHaveLength(3);
    expect((await read(vault, anna)) === large.toString()).toBe(true);
  });

  it.each([
    ['shorter', 'sho'],
    ['longer', 'longer than said'],
    ['other', 'othr!'],
  ])('takes nothing of what is %s than its announcement says', async (_, text) => {
    const vault = open();
    const anna = newOwner();
    await expect(vault.write(anna, kept('short', 1), chunks(text))).rejects.toMatchObject({
      code: 'bad-message',
    });
    expect(await vault.newest(anna)).toBeUndefined();
    expect(await parts()).toHaveLength(0);
  });

  it('lets who reads a save that is replaced read it to the end, and drops it later', async () => {
    const vault = open(1e9);
    const anna = newOwner();
    const large = 'x'.repeat(1.5 * 2 ** 20);
    await put(vault, anna, 1, large);
    const stored = await vault.read(anna);
    await put(vault, anna, 2, 'new');
    expect((stored && (await buffer(stored.content)))?.byteLength).toBe(large.length);
    nowMs += 20 * 60_000;
    await put(vault, anna, 3, 'newer');
    expect(await parts()).toHaveLength(1);
    expect(await read(vault, anna)).toBe('newer');
  });

  it('forgets who has not saved for the longest once it is full, and never what came last', async () => {
    const vault = open(25);
    const [anna, ben, cleo] = [newOwner(), newOwner(), newOwner()];
    for (const [owner, text] of [
      [anna, 'ten bytes!'],
      [ben, 'ten bytes?'],
      [cleo, 'ten bytes.'],
    ] as const) {
      nowMs += 60_000;
      await put(vault, owner, 1, text);
    }
    expect(await read(vault, anna)).toBeUndefined();
    expect(await read(vault, ben)).toBe('ten bytes?');
    nowMs += 60_000;
    await put(vault, anna, 2, 'far more than all of them may have together');
    expect(await read(vault, ben)).toBeUndefined();
    expect(await vault.newest(anna)).toMatchObject({ turn: 2 });
  });

  it('numbers sessions ever higher: by the clock, and past one that goes back', async () => {
    const vault = open();
    const first = vault.nextTurn();
    expect(first).toBe(nowMs);
    nowMs -= 500;
    expect(vault.nextTurn()).toBe(first + 1);
  });
});
