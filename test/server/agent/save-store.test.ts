import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { playerIdSchema } from '../../../protocol/ids.ts';
import { SaveStore } from '../../../server/agent/save-store.ts';

const ANNA = playerIdSchema.parse('7f8de6a3-3c6d-4a52-9d3c-0d6f2f6f5a11');
const BEN = playerIdSchema.parse('0b9d7b51-4f0f-4d0b-8a53-8f7c2d3a9e22');

describe('SaveStore', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockpool-saves-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('has nothing for a new player', async () => {
    expect(await new SaveStore(folder).read(ANNA, 'skimmer')).toBeUndefined();
  });

  it('keeps one save a player and game, over restarts', async () => {
    await new SaveStore(folder).write(ANNA, 'skimmer', Uint8Array.of(1));
    await new SaveStore(folder).write(ANNA, 'skimmer', Uint8Array.of(2));
    await new SaveStore(folder).write(BEN, 'skimmer', Uint8Array.of(3));
    const store = new SaveStore(folder);
    expect([...((await store.read(ANNA, 'skimmer')) ?? [])]).toEqual([2]);
    expect([...((await store.read(BEN, 'skimmer')) ?? [])]).toEqual([3]);
    expect(await store.read(ANNA, 'calibration')).toBeUndefined();
  });

  it('says so where the folder cannot be written', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    const write = new SaveStore(file).write(ANNA, 'skimmer', Uint8Array.of(1));
    await expect(write).rejects.toThrow(/ENOTDIR/);
  });
});
