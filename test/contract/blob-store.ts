import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  type BlobRange,
  type BlobStore,
  UNWANTED_MS,
} from '../../signaling/studio/blobs/blob-store.ts';

const blobOf = (content: Uint8Array) => ({
  sha256: createHash('sha256').update(content).digest('hex'),
  bytes: content.length,
});

/** Content that no other test has: one store may serve them all. */
const newContent = (bytes = 1000) => randomBytes(bytes);

async function* inPieces(content: Uint8Array, bytes = 333): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes);
}

async function read(store: BlobStore, sha256: string, range?: BlobRange) {
  const content = await store.get(sha256, range);
  if (!content) return undefined;
  const pieces: Uint8Array[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

/**
 * What every {@link BlobStore} promises; run on each implementation.
 * @param open the same store, as another process would open it, by a clock of epoch milliseconds.
 */
export function describeBlobStoreContract(
  open: (nowMs?: () => number) => Promise<BlobStore>,
): void {
  describe('as a store of blobs', () => {
    it('gives back what was put, and knows that it is there', async () => {
      const store = await open();
      const content = newContent();
      const blob = blobOf(content);
      expect(await store.has([blob.sha256])).toEqual(new Set());
      expect(await store.get(blob.sha256)).toBeUndefined();
      await store.put(blob, inPieces(content));
      expect(await read(store, blob.sha256)).toEqual(content);
      const other = blobOf(newContent());
      expect(await store.has([blob.sha256, other.sha256])).toEqual(new Set([blob.sha256]));
    });

    it('gives parts', async () => {
      const store = await open();
      const content = newContent(5000);
      const blob = blobOf(content);
      await store.put(blob, inPieces(content));
      for (const [from, bytes] of [
        [0, 1],
        [1234, 3000],
        [4999, 1],
        [4000, 9000],
      ] as const) {
        expect(await read(store, blob.sha256, { from, bytes })).toEqual(
          content.subarray(from, from + bytes),
        );
      }
    });

    it('refuses what is not what it is said to be, and keeps nothing of it', async () => {
      const store = await open();
      const content = newContent();
      const blob = blobOf(content);
      for (const wrong of [
        content.subarray(1),
        Buffer.concat([content, Buffer.of(0)]),
        Buffer.concat([content.subarray(1), Buffer.of(0)]),
      ]) {
        await expect(store.put(blob, inPieces(wrong))).rejects.toMatchObject({
          code: 'bad-message',
        });
      }
      expect(await store.has([blob.sha256])).toEqual(new Set());
      expect(await store.get(blob.sha256)).toBeUndefined();
      await store.put(blob, inPieces(content));
      expect(await read(store, blob.sha256)).toEqual(content);
    });

    it('keeps nothing of what breaks off', async () => {
      const store = await open();
      const content = newContent();
      const blob = blobOf(content);
      async function* breaking(): AsyncGenerator<Uint8Array> {
        yield content.subarray(0, 500);
        throw new Error('the line is dead');
      }
      await expect(store.put(blob, breaking())).rejects.toThrow('the line is dead');
      expect(await store.has([blob.sha256])).toEqual(new Set());
    });

    it('takes the same blob from several at once, and again', async () => {
      const content = newContent(20_000);
      const blob = blobOf(content);
      const stores = await Promise.all([open(), open(), open()]);
      await Promise.all(stores.map((store) => store.put(blob, inPieces(content, 1000))));
      const [store] = stores;
      await store.put(blob, inPieces(content));
      expect(await read(store, blob.sha256)).toEqual(content);
    });

    it('takes what is larger than one request', async () => {
      const store = await open();
      const content = newContent(17 * 2 ** 20 + 1);
      const blob = blobOf(content);
      await store.put(blob, inPieces(content, 100_000));
      const back = await read(store, blob.sha256);
      expect(back && blobOf(back)).toEqual(blob);
    });

    it('collects what nobody has wanted for a day, once, and takes it again', async () => {
      const { store, blob, content, pass } = await unwanted(open);
      pass(UNWANTED_MS - 1);
      expect(await store.collect(blob.sha256)).toBeUndefined();
      expect(await read(store, blob.sha256)).toEqual(content);
      pass(1);
      expect(await store.collect(blob.sha256)).toBe(blob.bytes);
      expect(await store.collect(blob.sha256)).toBeUndefined();
      expect(await store.has([blob.sha256])).toEqual(new Set());
      await store.put(blob, inPieces(content));
      expect(await read(store, blob.sha256)).toEqual(content);
      expect(await store.collect(blob.sha256)).toBeUndefined();
    });

    it('collects nothing that was put again, or asked for, a short while ago', async () => {
      for (const want of [
        ({ store, blob, content }: Unwanted) => store.put(blob, inPieces(content)),
        ({ store, blob }: Unwanted) => store.has([blob.sha256]),
      ]) {
        const given = await unwanted(open);
        const { store, blob, content, pass } = given;
        pass(2 * UNWANTED_MS);
        await want(given);
        pass(UNWANTED_MS / 2);
        const other = await open(given.nowMs);
        expect(await other.collect(blob.sha256)).toBeUndefined();
        expect(await read(store, blob.sha256)).toEqual(content);
      }
    });

    it('keeps what is found there while it is collected, or does not find it', async () => {
      let found = 0;
      for (let round = 0; round < 40; round++) {
        const { store, blob, content, pass, nowMs } = await unwanted(open);
        pass(2 * UNWANTED_MS);
        const other = await open(nowMs);
        const late = round % 4 > 1 ? async () => void (await store.get(blob.sha256)) : undefined;
        const [, there] = await Promise.all([
          other.collect(blob.sha256),
          (async () => {
            await late?.();
            return round % 2 === 0
              ? await store.has([blob.sha256])
              : store.put(blob, inPieces(content)).then(() => new Set([blob.sha256]));
          })(),
        ]);
        if (!there.has(blob.sha256)) continue;
        found++;
        expect(await store.has([blob.sha256])).toEqual(there);
        expect(await read(store, blob.sha256)).toEqual(content);
      }
      expect(found).toBeGreaterThan(0);
    });

    it('lists and counts what is there', async () => {
      const store = await open();
      const before = await store.statistics();
      const contents = [newContent(10), newContent(2000), newContent(30)];
      for (const content of contents) await store.put(blobOf(content), inPieces(content));
      const listed: unknown[] = [];
      for await (const blob of store.list()) listed.push(blob);
      expect(listed).toEqual(expect.arrayContaining(contents.map(blobOf)));
      expect(await store.statistics()).toEqual({
        blobs: before.blobs + 3,
        bytes: before.bytes + 2040,
      });
    });
  });
}

interface Unwanted {
  readonly store: BlobStore;
  readonly blob: { readonly sha256: string; readonly bytes: number };
  readonly content: Uint8Array;
  readonly nowMs: () => number;
  /** Lets the store's clock go on. */
  readonly pass: (ms: number) => void;
}

/** A blob that was put, and a clock of its own. */
async function unwanted(open: (nowMs: () => number) => Promise<BlobStore>): Promise<Unwanted> {
  let nowMs = 1_800_000_000_000;
  const clock = () => nowMs;
  const store = await open(clock);
  const content = newContent();
  const blob = blobOf(content);
  await store.put(blob, inPieces(content));
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { store, blob, content, nowMs: clock, pass };
}
