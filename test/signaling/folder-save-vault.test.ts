import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { playerIdSchema } from '../../protocol/ids.ts';
import type { KeptSave, SaveOwner } from '../../protocol/save-order.ts';
import { FolderSaveVault } from '../../signaling/folder-save-vault.ts';

const ANNA: SaveOwner = {
  playerId: playerIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11'),
  gameId: 'skimmer',
};
const BEN: SaveOwner = {
  playerId: playerIdSchema.parse('0b9d7b51-4f0f-4d0b-8a53-8f7c2d3a9e22'),
  gameId: 'skimmer',
};
const CLEO: SaveOwner = {
  playerId: playerIdSchema.parse('c1e00000-4f0f-4d0b-8a53-8f7c2d3a9e22'),
  gameId: 'skimmer',
};

describe('FolderSaveVault', () => {
  let folder = '';
  let nowMs = 1000;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockpool-vault-'));
    nowMs = 1000;
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = (maxBytes = 1000) =>
    FolderSaveVault.open(folder, { wallClockMs: () => nowMs, maxBytes });

  const kept = (text: string, turn: number): KeptSave => ({
    sha256: createHash('sha256').update(text).digest('hex'),
    bytes: Buffer.byteLength(text),
    turn,
  });

  async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield Buffer.from(text);
  }

  const put = (vault: FolderSaveVault, owner: SaveOwner, turn: number, text: string) =>
    vault.write(owner, kept(text, turn), chunks(text));

  async function read(vault: FolderSaveVault, owner: SaveOwner): Promise<string | undefined> {
    const stored = await vault.read(owner);
    return stored && (await buffer(stored.content)).toString();
  }

  const filesOf = async ({ playerId }: SaveOwner) =>
    (await readdir(join(folder, 'save-vault', playerId))).sort();
  const drafts = () => readdir(join(folder, 'save-vault', 'drafts'));

  it('has nothing of a new player', async () => {
    const vault = await open();
    expect(vault.newest(ANNA)).toBeUndefined();
    expect(await vault.read(ANNA)).toBeUndefined();
  });

  it('gives back the newest of each player and game, after a restart too', async () => {
    const vault = await open();
    const pond = { ...ANNA, gameId: 'pond' };
    expect(await put(vault, ANNA, 1, 'one')).toBe(true);
    expect(await put(vault, ANNA, 2, 'two')).toBe(true);
    expect(await put(vault, pond, 3, 'pond')).toBe(true);
    expect(await put(vault, BEN, 4, 'ben')).toBe(true);
    for (const each of [vault, await open()]) {
      expect(each.newest(ANNA)).toEqual(kept('two', 2));
      expect(await read(each, ANNA)).toBe('two');
      expect(await read(each, pond)).toBe('pond');
      expect(await read(each, BEN)).toBe('ben');
    }
    expect(await filesOf(ANNA)).toHaveLength(2);
    expect(await drafts()).toEqual([]);
  });

  it('takes another save of the same turn, and none of an earlier one', async () => {
    const vault = await open();
    await put(vault, ANNA, 5, 'first');
    expect(await put(vault, ANNA, 5, 'second')).toBe(true);
    expect(await put(vault, ANNA, 4, 'too late')).toBe(false);
    expect(await read(vault, ANNA)).toBe('second');
    expect(await put(vault, ANNA, 6, 'second')).toBe(true);
    expect(vault.newest(ANNA)).toEqual(kept('second', 6));
    expect(await filesOf(ANNA)).toHaveLength(1);
  });

  it('keeps that of the later turn where two come at the same time', async () => {
    const vault = await open();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* slow(): AsyncGenerator<Uint8Array> {
      await released;
      yield Buffer.from('early');
    }
    const early = vault.write(ANNA, kept('early', 1), slow());
    expect(await put(vault, ANNA, 2, 'late')).toBe(true);
    release();
    expect(await early).toBe(false);
    expect(await read(vault, ANNA)).toBe('late');
    expect(await drafts()).toEqual([]);
  });

  it.each([
    ['shorter', ['thr']],
    ['longer', ['three', 's']],
    ['other', ['thre', 'f']],
    ['nothing', []],
  ])('takes nothing where the content is %s than was said', async (_, texts) => {
    const vault = await open();
    await put(vault, ANNA, 1, 'one');
    await expect(vault.write(ANNA, kept('three', 2), chunks(...texts))).rejects.toMatchObject({
      code: 'bad-message',
    });
    expect(vault.newest(ANNA)).toEqual(kept('one', 1));
    expect(await read(vault, ANNA)).toBe('one');
    expect(await drafts()).toEqual([]);
  });

  it('takes nothing of what breaks off, and hands on why', async () => {
    const vault = await open();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('th');
      throw new Error('cable pulled');
    }
    await expect(vault.write(ANNA, kept('three', 1), broken())).rejects.toThrow('cable pulled');
    expect(await read(vault, ANNA)).toBeUndefined();
    expect(await drafts()).toEqual([]);
  });

  it('forgets who has not saved for the longest once it is full', async () => {
    const vault = await open(10);
    await put(vault, ANNA, 1, '1234');
    await put(vault, { ...ANNA, gameId: 'pond' }, 2, '1');
    await put(vault, BEN, 3, '1234');
    await put(vault, ANNA, 4, '4321');
    await put(vault, CLEO, 5, '12');
    expect(await read(vault, BEN)).toBeUndefined();
    expect(await read(vault, ANNA)).toBe('4321');
    expect(await read(vault, CLEO)).toBe('12');
    expect(await readdir(join(folder, 'save-vault'))).not.toContain(BEN.playerId);
  });

  it('keeps what came last, however large, and knows after a restart who came before', async () => {
    const vault = await open(10);
    await put(vault, ANNA, 1, '1234');
    await put(vault, BEN, 2, '123');
    for (const [index, owner] of [BEN, ANNA].entries()) {
      const [name = ''] = await filesOf(owner);
      const at = new Date(1000 * (index + 1));
      await utimes(join(folder, 'save-vault', owner.playerId, name), at, at);
    }
    const again = await open(10);
    await put(again, CLEO, 3, '12345');
    expect(await read(again, BEN)).toBeUndefined();
    expect(await read(again, ANNA)).toBe('1234');
    await put(again, CLEO, 4, '12345678901');
    expect(await read(again, ANNA)).toBeUndefined();
    expect(await read(again, CLEO)).toBe('12345678901');
  });

  it('tidies up at start what a crash left, and leaves alone what is not its own', async () => {
    const own = join(folder, 'save-vault', ANNA.playerId);
    const older = kept('older', 1);
    const newer = kept('newer', 2);
    await mkdir(own, { recursive: true });
    await mkdir(join(folder, 'save-vault', 'drafts'));
    await writeFile(join(folder, 'save-vault', 'drafts', 'half'), 'ha');
    await writeFile(join(own, `skimmer.2.${newer.sha256}`), 'newer');
    await writeFile(join(own, `skimmer.1.${older.sha256}`), 'older');
    await writeFile(join(own, 'notes.txt'), 'mine');
    const vault = await open();
    expect(await read(vault, ANNA)).toBe('newer');
    expect(await filesOf(ANNA)).toEqual(['notes.txt', `skimmer.2.${newer.sha256}`]);
    expect(await drafts()).toEqual([]);
  });

  it('reads the newer where the one that it had just looked up is replaced', async () => {
    const vault = await open();
    await put(vault, ANNA, 1, 'one');
    const reading = read(vault, ANNA);
    await put(vault, ANNA, 2, 'two');
    expect(['one', 'two']).toContain(await reading);
    await rm(join(folder, 'save-vault', ANNA.playerId), { recursive: true });
    expect(await read(vault, ANNA)).toBeUndefined();
  });

  it('numbers sessions ever higher: by the clock, and past one that goes back', async () => {
    const vault = await open();
    expect(vault.nextTurn()).toBe(1000);
    expect(vault.nextTurn()).toBe(1001);
    nowMs = 5000;
    expect(vault.nextTurn()).toBe(5000);
    await put(vault, ANNA, 5000, 'one');
    nowMs = 10;
    expect(vault.nextTurn()).toBe(5001);
    expect((await open()).nextTurn()).toBe(5001);
  });

  it('says so where it cannot write, and goes on', async () => {
    const vault = await open();
    await rm(join(folder, 'save-vault'), { recursive: true });
    await expect(put(vault, ANNA, 1, 'one')).rejects.toThrow(/ENOENT/);
    await mkdir(join(folder, 'save-vault', 'drafts'), { recursive: true });
    expect(await put(vault, ANNA, 1, 'one')).toBe(true);
    const [name = ''] = await filesOf(ANNA);
    expect(await readFile(join(folder, 'save-vault', ANNA.playerId, name), 'utf8')).toBe('one');
  });
});
