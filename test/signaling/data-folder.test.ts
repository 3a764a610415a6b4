import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_COVER_BYTES } from '../../protocol/container-messages.ts';
import { CoverStore } from '../../signaling/cover-store.ts';
import { readOrCreateSecret } from '../../signaling/data-folder.ts';
import { fakeWebp } from '../support/fake-webp.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockpool-data-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a secret in the data folder', () => {
  it('is made once, in a folder made for it, and read from then on', async () => {
    const data = join(folder, 'not/yet/there');
    const secret = await readOrCreateSecret(data, 'key');
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(await readOrCreateSecret(data, 'key')).toBe(secret);
    expect(await readdir(data)).toEqual(['key']);
  });

  it('may be read by its owner only', async () => {
    await readOrCreateSecret(folder, 'key');
    expect((await stat(join(folder, 'key'))).mode & 0o777).toBe(0o600);
  });

  it('is the same for all who make it at the same time', async () => {
    const secrets = await Promise.all(
      Array.from({ length: 8 }, () => readOrCreateSecret(folder, 'key')),
    );
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(folder)).toEqual(['key']);
  });
});

describe('the cover store', () => {
  it('has no address for a game without a cover', async () => {
    expect((await CoverStore.open(folder)).url('skimmer')).toBeNull();
  });

  it('gives another address to another content, and keeps one file a game', async () => {
    const covers = await CoverStore.open(folder);
    await covers.put('skimmer', fakeWebp(1));
    const first = covers.url('skimmer');
    await covers.put('skimmer', fakeWebp(2));
    expect(covers.url('skimmer')).not.toBe(first);
    await covers.put('skimmer', fakeWebp(1));
    expect(covers.url('skimmer')).toBe(first);
    expect(await readdir(covers.folder)).toEqual(['skimmer.webp']);
    expect(await readFile(join(covers.folder, 'skimmer.webp'))).toEqual(Buffer.from(fakeWebp(1)));
  });

  it('finds its covers again, at the same addresses', async () => {
    const covers = await CoverStore.open(folder);
    await covers.put('skimmer', fakeWebp(1));
    expect((await CoverStore.open(folder)).url('skimmer')).toBe(covers.url('skimmer'));
  });

  it('refuses what is no WebP', async () => {
    const covers = await CoverStore.open(folder);
    for (const bytes of [Buffer.from('RIFF'), Buffer.alloc(64), Buffer.from('RIFF1234WAVEfmt ')]) {
      await expect(covers.put('skimmer', bytes)).rejects.toMatchObject({ code: 'bad-message' });
    }
    expect(covers.url('skimmer')).toBeNull();
  });

  it('refuses a WebP of more than the limit, and takes one of just the limit', async () => {
    const covers = await CoverStore.open(folder);
    await expect(covers.put('skimmer', fakeWebp(0, MAX_COVER_BYTES + 1))).rejects.toMatchObject({
      code: 'message-too-large',
    });
    await covers.put('skimmer', fakeWebp(0, MAX_COVER_BYTES));
    expect(covers.url('skimmer')).toMatch(/^\/covers\/skimmer\/[0-9a-f]{16}\.webp$/);
  });
});
