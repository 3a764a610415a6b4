import { describe, expect, it } from 'vitest';
import {
  type ReadableFile,
  readSteady,
} from '../../../../renderer/desktop/saves/anchored-folder.ts';

/** A file that is written anew, with other contents, each time its end has been read. */
function changingFile(states: readonly string[]): ReadableFile & { reads: number } {
  let state = 0;
  return {
    reads: 0,
    async stat() {
      const time = BigInt(state);
      return { size: BigInt(states[state]?.length ?? 0), mtimeNs: time, ctimeNs: time };
    },
    async read(buffer, offset, length, position) {
      // Half at a time, as a large file comes.
      const half = Math.min(length, Math.ceil((states[state]?.length ?? 0) / 2));
      const text = (states[state] ?? '').slice(position, position + half);
      buffer.set(Buffer.from(text), offset);
      if (text === '') {
        this.reads++;
        if (state < states.length - 1) state++;
      }
      return { bytesRead: text.length };
    },
  };
}

async function contentOf(file: ReadableFile, maxBytes = 100): Promise<string> {
  return Buffer.from(await readSteady(file, maxBytes)).toString();
}

describe('reading a file that may change', () => {
  it('reads a file that stays as it is once', async () => {
    const file = changingFile(['level 3']);
    expect(await contentOf(file)).toBe('level 3');
    expect(file.reads).toBe(1);
  });

  it('reads again what has changed meanwhile', async () => {
    const file = changingFile(['level 3', 'level 4 has begun']);
    expect(await contentOf(file)).toBe('level 4 has begun');
    expect(file.reads).toBe(2);
  });

  it('gives up on one that changes each time, and keeps what it read last', async () => {
    const file = changingFile(['1', '2', '3', '4', '5']);
    expect(await contentOf(file)).toBe('3');
  });

  it('reads a file that has grown beyond what was seen of it', async () => {
    const file = changingFile(['level 3']);
    const grown = { ...file, stat: async () => ({ size: 2n, mtimeNs: 0n, ctimeNs: 0n }) };
    expect(await contentOf(grown)).toBe('level 3');
  });

  it('stops at the limit', async () => {
    await expect(contentOf(changingFile(['x'.repeat(11)]), 10)).rejects.toMatchObject({
      code: 'resource-limit',
    });
    expect(await contentOf(changingFile(['x'.repeat(10)]), 10)).toHaveLength(10);
  });
});
