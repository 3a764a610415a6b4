import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_SIZES, cutChunks } from '../../../signaling/studio/blobs/chunk-cutter.ts';
import { noise } from '../../support/archives/hostile-archives.ts';

/** Small, so that small contents have many chunks. */
const SIZES = { least: 64, usual: 256, most: 1024 };

async function* inPieces(content: Uint8Array, bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += bytes) yield content.subarray(at, at + bytes);
}

async function chunksOf(content: Uint8Array, sizes = SIZES, pieceBytes = 1000) {
  const chunks: Buffer[] = [];
  for await (const chunk of cutChunks(inPieces(content, pieceBytes), sizes)) {
    chunks.push(Buffer.from(chunk));
  }
  return chunks;
}

const nameOf = (chunk: Uint8Array) => createHash('sha256').update(chunk).digest('hex');

/** Contents that do not compress and such that do. */
const contents = fc.oneof(
  fc
    .record({ bytes: fc.nat(20_000), seed: fc.nat(1000) })
    .map(({ bytes, seed }) => noise(bytes, seed)),
  fc.uint8Array({ maxLength: 5000 }).map((bytes) => Buffer.from(bytes)),
  fc.nat(5000).map((bytes) => Buffer.alloc(bytes)),
);

describe('cutChunks', () => {
  it('gives all of the content, in chunks of the sizes allowed, however it comes', async () => {
    await fc.assert(
      fc.asyncProperty(contents, fc.integer({ min: 1, max: 3000 }), async (content, pieceBytes) => {
        const chunks = await chunksOf(content, SIZES, pieceBytes);
        expect(Buffer.concat(chunks).equals(content)).toBe(true);
        for (const [i, { length }] of chunks.entries()) {
          expect(length).toBeLessThanOrEqual(SIZES.most);
          if (i < chunks.length - 1) expect(length).toBeGreaterThanOrEqual(SIZES.least);
        }
        expect(chunks).toEqual(await chunksOf(content, SIZES, 4096));
      }),
      { numRuns: 60 },
    );
  });

  it('keeps nearly all chunks where bytes are changed, put in or taken out in one place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.nat(99_000),
        fc.nat(300),
        fc.nat(300),
        async (seed, at, removed, added) => {
          const before = noise(100_000, seed);
          const after = Buffer.concat([
            before.subarray(0, at),
            noise(added, seed + 5000),
            before.subarray(at + removed),
          ]);
          const known = new Set((await chunksOf(before)).map(nameOf));
          const fresh = (await chunksOf(after)).filter((chunk) => !known.has(nameOf(chunk)));
          const bytes = fresh.reduce((sum, { length }) => sum + length, 0);
          // The edit itself, the chunks it touches, and a few until the borders meet again.
          expect(bytes).toBeLessThanOrEqual(added + 12 * SIZES.most);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cuts about as often as it says', async () => {
    const chunks = await chunksOf(noise(4_000_000, 7));
    const usual = 4_000_000 / chunks.length;
    expect(usual).toBeGreaterThan(SIZES.usual * 0.7);
    expect(usual).toBeLessThan(SIZES.usual * 1.6);
  });

  it('cuts today where it cut before: what is stored stays the same', async () => {
    const chunks = await chunksOf(noise(3_000_000, 1), CHUNK_SIZES, 65_536);
    expect(chunks.map(({ length }) => length)).toMatchInlineSnapshot(`
      [
        300959,
        270364,
        458791,
        326504,
        380083,
        111221,
        294073,
        373433,
        269789,
        214783,
      ]
    `);
  });
});
