/*
 * Cuts content where the content itself says so, so that a change moves only the borders next to it:
 * FastCDC (Xia et al., USENIX ATC 2016) with normalised chunk sizes.
 */

/** Bytes of chunks: never less but for the last one, usually about, never more. */
export interface ChunkSizes {
  readonly least: number;
  /** A power of two. */
  readonly usual: number;
  readonly most: number;
}

const KIB = 1024;

/**
 * A change in one place moves about two chunks more than itself: of 1 GiB of which 1 % has changed in
 * ten places, 1.7 % (`npm run bench -- builds`). Smaller ones would move less and be more: 1 GiB is 4,000
 * of these.
 */
export const CHUNK_SIZES: ChunkSizes = { least: 64 * KIB, usual: 256 * KIB, most: 1024 * KIB };

/** Harder to meet below the usual size, and easier above, by so many bits. */
const NORMALISATION_BITS = 2;

/**
 * A number for each byte. Never to be changed: borders, and so what is kept already, follow from it.
 * By mulberry32 from the seed 1.
 */
const GEAR = gearTable();

function gearTable(): Uint32Array {
  let state = 1;
  return Uint32Array.from({ length: 256 }, () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  });
}

/** So many ones from the top: there the hash depends on most of the bytes before. */
function topBits(count: number): number {
  return (0xffffffff << (32 - count)) | 0;
}

/**
 * Chunks of a stream in their order; each is a copy of its own.
 * @param source in pieces of any size: borders do not depend on them.
 */
export async function* cutChunks(
  source: AsyncIterable<Uint8Array>,
  sizes: ChunkSizes = CHUNK_SIZES,
): AsyncGenerator<Uint8Array> {
  const held = new Uint8Array(2 * sizes.most);
  let filled = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      const taken = piece.subarray(at, at + held.length - filled);
      held.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      while (filled >= sizes.most) {
        const cut = findCut(held.subarray(0, filled), sizes);
        yield held.slice(0, cut);
        held.copyWithin(0, cut, filled);
        filled -= cut;
      }
    }
  }
  while (filled > 0) {
    const cut = findCut(held.subarray(0, filled), sizes);
    yield held.slice(0, cut);
    held.copyWithin(0, cut, filled);
    filled -= cut;
  }
}

/** @returns where the first chunk ends: the whole length where nothing says so before. */
function findCut(bytes: Uint8Array, { least, usual, most }: ChunkSizes): number {
  const end = Math.min(bytes.length, most);
  if (end <= least) return end;
  const bits = Math.log2(usual);
  const hard = topBits(bits + NORMALISATION_BITS);
  const easy = topBits(bits - NORMALISATION_BITS);
  const middle = Math.min(usual, end);
  let hash = 0;
  let at = least;
  for (; at < middle; at++) {
    hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
    if ((hash & hard) === 0) return at + 1;
  }
  for (; at < end; at++) {
    hash = ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;
    if ((hash & easy) === 0) return at + 1;
  }
  return end;
}
