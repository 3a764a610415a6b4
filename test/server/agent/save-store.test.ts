import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { playerIdSchema, type SessionId, sessionIdSchema } from '../../../protocol/ids.ts';
import type { KeptSave } from '../../../protocol/save-order.ts';
import { sha256Of } from '../../../server/agent/save-digest.ts';
import { SaveStore } from '../../../server/agent/save-store.ts';

const ANNA = playerIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11');
const BEN = playerIdSchema.parse('0b9d7b51-4f0f-4d0b-8a53-8f7c2d3a9e22');

function session(index: number): SessionId {
  return sessionIdSchema.parse(`00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
}

describe('SaveStore', () => {
  let folder = '';
  let nowMs = Date.UTC(2030, 0, 1);
  const warnings: string[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockpool-saves-'));
    warnings.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  function storeIn(dataFolder = folder): SaveStore {
    const log = { warn: (_: unknown, message?: string) => void warnings.push(message ?? '') };
    return new SaveStore(dataFolder, { log, nowMs: () => nowMs });
  }

  const blobsOf = async (playerId = ANNA) =>
    (await readdir(join(folder, 'saves', playerId, 'blobs'))).sort();

  /** Path of the blob of the version counted from the newest. */
  async function blobPath(age: number): Promise<string> {
    const version = (await storeIn().list(ANNA, 'skimmer'))[age];
    return join(folder, 'saves', ANNA, 'blobs', version?.sha256 ?? '');
  }

  async function readNumber(store: SaveStore, playerId = ANNA, gameId = 'skimmer') {
    const save = await store.read(playerId, gameId);
    return save && Number(Buffer.from(save).toString());
  }

  const save = (number: number) => Buffer.from(String(number));

  /** Saves 1, 2, … each in a session of its own. */
  async function writeSaves(count: number, store = storeIn()): Promise<SaveStore> {
    for (let i = 1; i <= count; i++)
      await store.write(ANNA, 'skimmer', { sessionId: session(i) }, save(i));
    return store;
  }

  it('has nothing for a new player', async () => {
    expect(await storeIn().read(ANNA, 'skimmer')).toBeUndefined();
    expect(await storeIn().list(ANNA, 'skimmer')).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  it('gives back the newest save a player and game, over restarts', async () => {
    await storeIn().write(ANNA, 'skimmer', { sessionId: session(1) }, save(1));
    await storeIn().write(ANNA, 'skimmer', { sessionId: session(2) }, save(2));
    await storeIn().write(BEN, 'skimmer', { sessionId: session(3) }, save(3));
    expect(await readNumber(storeIn(), ANNA)).toBe(2);
    expect(await readNumber(storeIn(), BEN)).toBe(3);
    expect(await storeIn().read(ANNA, 'calibration')).toBeUndefined();
  });

  it('says of each version what, when and in which session it was', async () => {
    nowMs = Date.UTC(2030, 5, 1);
    await storeIn().write(ANNA, 'skimmer', { sessionId: session(7) }, Buffer.from('hello'));
    expect(await storeIn().list(ANNA, 'skimmer')).toEqual([
      {
        sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
        bytes: 5,
        savedAt: '2030-06-01T00:00:00.000Z',
        sessionId: session(7),
      },
    ]);
  });

  it('keeps ten versions, and no blob that none of them needs', async () => {
    const store = await writeSaves(13);
    const versions = await store.list(ANNA, 'skimmer');
    expect(versions.map((version) => version.sessionId)).toEqual(
      Array.from({ length: 10 }, (_, i) => session(13 - i)),
    );
    expect(await blobsOf()).toEqual(versions.map((version) => version.sha256).sort());
  });

  it('keeps the last two of each session, so that a long one displaces no other', async () => {
    const store = await writeSaves(3);
    for (let i = 10; i < 40; i++)
      await store.write(ANNA, 'skimmer', { sessionId: session(4) }, save(i));
    const versions = await store.list(ANNA, 'skimmer');
    expect(versions.map((version) => version.sessionId)).toEqual(
      [4, 4, 3, 2, 1].map((index) => session(index)),
    );
    expect(await readNumber(store)).toBe(39);
  });

  it('adds no version for what is the same as the newest', async () => {
    const store = await writeSaves(2);
    await store.write(ANNA, 'skimmer', { sessionId: session(9) }, save(2));
    expect(await store.list(ANNA, 'skimmer')).toHaveLength(2);
    await store.write(ANNA, 'skimmer', { sessionId: session(9) }, save(1));
    expect(await store.list(ANNA, 'skimmer')).toHaveLength(3);
    expect(await blobsOf()).toHaveLength(2);
  });

  it('keeps a blob that another game of the player needs', async () => {
    const store = storeIn();
    await store.write(ANNA, 'calibration', { sessionId: session(1) }, save(1));
    await writeSaves(12, store);
    expect(await readNumber(store, ANNA, 'calibration')).toBe(1);
    expect(await blobsOf()).toHaveLength(11);
  });

  it.each([
    ['changed', (path: string) => writeFile(path, '9')],
    ['cut off', (path: string) => writeFile(path, '')],
    ['gone', (path: string) => rm(path)],
  ])('falls back to the version before where the newest is %s, and warns', async (_, damage) => {
    await writeSaves(3);
    await damage(await blobPath(0));
    expect(await readNumber(storeIn())).toBe(2);
    expect(warnings).toEqual(['a save is damaged: the one before it is used']);
  });

  it('has nothing where every version is damaged', async () => {
    await writeSaves(2);
    for (const age of [0, 1]) await writeFile(await blobPath(age), 'x');
    expect(await storeIn().read(ANNA, 'skimmer')).toBeUndefined();
    expect(warnings).toHaveLength(2);
  });

  it('mends a damaged version that is saved again', async () => {
    const store = await writeSaves(2);
    await writeFile(await blobPath(0), 'x');
    await store.write(ANNA, 'skimmer', { sessionId: session(3) }, save(2));
    expect(await readNumber(store)).toBe(2);
    expect(await store.list(ANNA, 'skimmer')).toHaveLength(2);
  });

  it.each(['', '{', '{"format":2,"versions":[]}', '{"format":1,"versions":[{"sha256":"../x"}]}'])(
    'sets an index aside that it does not understand, and removes nothing then: %s',
    async (text) => {
      await writeSaves(2);
      const path = join(folder, 'saves', ANNA, 'skimmer.json');
      await writeFile(path, text);
      const store = storeIn();
      expect(await store.read(ANNA, 'skimmer')).toBeUndefined();
      expect(warnings).toEqual([expect.stringContaining('is damaged')]);
      await store.write(ANNA, 'skimmer', { sessionId: session(3) }, save(3));
      expect(await readNumber(store)).toBe(3);
      expect(await readFile(`${path}.damaged`, 'utf8')).toBe(text);
      expect(await blobsOf()).toHaveLength(3);
    },
  );

  it('takes over what was kept before there were versions', async () => {
    const path = join(folder, 'saves', ANNA, 'skimmer.save');
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, save(5));
    await utimes(path, 0, Date.UTC(2029, 0, 1) / 1000);
    const store = storeIn();
    expect(await readNumber(store)).toBe(5);
    expect(await store.list(ANNA, 'skimmer')).toMatchObject([
      { bytes: 1, savedAt: '2029-01-01T00:00:00.000Z' },
    ]);
    await store.write(ANNA, 'skimmer', { sessionId: session(6) }, save(6));
    expect(await store.list(ANNA, 'skimmer')).toHaveLength(2);
    expect((await readdir(dirname(path))).sort()).toEqual(['blobs', 'skimmer.json']);
  });

  describe('choosing between its own and what signaling has', () => {
    /** Versions as `text@turn`, oldest first; without a turn where it has none. */
    async function storeOf(...versions: string[]): Promise<SaveStore> {
      const store = storeIn();
      for (const [index, version] of versions.entries()) {
        const [text = '', turn] = version.split('@');
        const origin = { sessionId: session(index), ...(turn && { turn: Number(turn) }) };
        await store.write(ANNA, 'skimmer', origin, Buffer.from(text));
      }
      return store;
    }

    const remote = (text: string, turn: number): KeptSave => ({
      sha256: sha256Of(Buffer.from(text)),
      bytes: text.length,
      turn,
    });

    async function choose(store: SaveStore, kept: KeptSave | undefined): Promise<string> {
      const { standing, save: own } = await store.choose(ANNA, 'skimmer', kept);
      return `${standing}: ${own ? Buffer.from(own).toString() : 'none'}`;
    }

    it.each([
      ['nothing on either side', [], undefined, 'newer: none'],
      ['nothing there', ['a@1', 'b@2'], undefined, 'newer: b'],
      ['nothing here', [], remote('x', 5), 'older: none'],
      ['the same', ['a@1', 'b@2'], remote('b', 2), 'same: b'],
      ['the same from a later turn', ['a@1', 'b@2'], remote('b', 9), 'same: b'],
      ['a later turn there', ['a@1', 'b@2'], remote('x', 3), 'older: b'],
      ['an earlier turn there', ['a@1', 'b@2'], remote('a', 1), 'newer: b'],
      ['an earlier save of the same turn there', ['a@2', 'b@2'], remote('a', 2), 'newer: b'],
      ['one without a turn here', ['a@1', 'b'], remote('x', 1), 'newer: a'],
      ['only such without a turn here', ['a', 'b'], remote('x', 1), 'older: b'],
      ['the same below one without a turn', ['a@1', 'b'], remote('a', 1), 'same: a'],
    ] as const)('with %s', async (_, versions, kept, expected) => {
      expect(await choose(await storeOf(...versions), kept)).toBe(expected);
    });

    it('passes over what is damaged', async () => {
      const store = await storeOf('a@1', 'b@2', 'c@3');
      await writeFile(await blobPath(0), 'x');
      expect(await choose(store, remote('b', 2))).toBe('same: b');
      expect(await choose(store, remote('a', 1))).toBe('newer: b');
      expect(await choose(store, undefined)).toBe('newer: b');
      expect(warnings).toEqual(['a save is damaged: the one before it is used']);
    });

    it('needs what signaling has where its own copy of that is damaged', async () => {
      const store = await storeOf('a@1', 'b@2');
      await writeFile(await blobPath(0), 'x');
      expect(await choose(store, remote('b', 2))).toBe('older: a');
    });

    it('does not take an earlier save of that session for newer then', async () => {
      const store = await storeOf('a@1', 'b@2', 'c@2');
      await writeFile(await blobPath(0), 'x');
      expect(await choose(store, remote('c', 2))).toBe('older: b');
    });

    it('makes what is chosen the newest, so that this is what is brought to signaling', async () => {
      const store = await storeOf('a@1', 'b');
      await choose(store, remote('x', 1));
      const versions = await store.list(ANNA, 'skimmer');
      expect(versions.map(({ turn }) => turn)).toEqual([1, undefined]);
      expect(Buffer.from((await store.read(ANNA, 'skimmer')) ?? []).toString()).toBe('a');
    });
  });

  it('writes one after another what two sessions save at the same time', async () => {
    const store = storeIn();
    const writing: Promise<void>[] = [];
    for (let i = 1; i <= 5; i++) {
      writing.push(store.write(ANNA, 'skimmer', { sessionId: session(1) }, save(i)));
      writing.push(store.write(ANNA, 'skimmer', { sessionId: session(2) }, save(10 + i)));
    }
    const reading = readNumber(store);
    await Promise.all(writing);
    expect(await reading).toBe(15);
    expect(await store.list(ANNA, 'skimmer')).toHaveLength(4);
    expect(await blobsOf()).toHaveLength(4);
  });

  it('has written everything once it is closed', async () => {
    const store = storeIn();
    store.write(ANNA, 'skimmer', { sessionId: session(1) }, save(1));
    store.write(BEN, 'skimmer', { sessionId: session(2) }, save(2));
    await store.close();
    const files = await readdir(folder, { recursive: true });
    expect(files.filter((name) => name.endsWith('.json'))).toHaveLength(2);
    expect(files.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('goes on after what a crash left half written', async () => {
    await writeSaves(1);
    await writeFile(join(folder, 'saves', ANNA, 'blobs', 'abc.tmp'), 'half');
    await writeFile(join(folder, 'saves', ANNA, 'skimmer.json.tmp'), '{"for');
    const store = storeIn();
    expect(await readNumber(store)).toBe(1);
    await store.write(ANNA, 'skimmer', { sessionId: session(2) }, save(2));
    expect(await blobsOf()).toHaveLength(2);
    expect(warnings).toEqual([]);
  });

  it('says so where the folder cannot be written, and goes on', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const store = storeIn(file);
    await expect(store.write(ANNA, 'skimmer', { sessionId: session(1) }, save(1))).rejects.toThrow(
      /ENOTDIR/,
    );
    await rm(file);
    await store.write(ANNA, 'skimmer', { sessionId: session(1) }, save(1));
    expect(await readNumber(store)).toBe(1);
  });
});
