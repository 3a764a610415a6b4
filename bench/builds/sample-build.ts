import { mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SeededRandom } from '../../gate/network/seeded-random.ts';

const MIB = 2 ** 20;
export const MANIFEST = { id: 'sample', title: 'Sample', runtime: 'web', entry: 'index.html' };

/** Bytes that no packer makes smaller, as those of assets that are compressed already. */
export function noise(bytes: number, random: SeededRandom): Buffer {
  const words = new Uint32Array(Math.ceil(bytes / 4));
  for (let i = 0; i < words.length; i++) words[i] = random.next() * 2 ** 32;
  return Buffer.from(words.buffer, 0, bytes);
}

/** A web build of so many files of 1 to 20 KiB, in folders of a hundred. @returns its bytes. */
export async function writeManyFiles(folder: string, files: number): Promise<number> {
  const random = new SeededRandom(1);
  let total = 0;
  const write = async (path: string, content: string | Buffer) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
    total += content.length;
  };
  await write('rockpool.json', JSON.stringify(MANIFEST));
  await write('index.html', '<script src="a.js"></script>');
  for (let i = 2; i < files; i++) {
    const bytes = 1024 + Math.floor(random.next() * 19 * 1024);
    await write(`assets/${Math.floor(i / 100)}/${i}.bin`, noise(bytes, random));
  }
  return total;
}

/** A build as engines export them: nearly all of it in eight packs, and many small files. */
export class LargeBuild {
  readonly #folder: string;
  readonly #packBytes: number;
  readonly #smallFiles: number;

  constructor(folder: string, mib: number) {
    this.#folder = folder;
    this.#packBytes = Math.floor((mib * MIB * 0.95) / 8);
    // A twentieth of it, 16 KiB each.
    this.#smallFiles = Math.floor((mib * MIB * 0.05) / 16_384);
  }

  async write(): Promise<number> {
    const random = new SeededRandom(2);
    await mkdir(join(this.#folder, 'small'), { recursive: true });
    for (let pack = 0; pack < 8; pack++) {
      const file = await open(this.#pack(pack), 'w');
      for (let left = this.#packBytes; left > 0; left -= MIB) {
        await file.appendFile(noise(Math.min(left, MIB), random));
      }
      await file.close();
    }
    for (let i = 0; i < this.#smallFiles; i++) {
      await writeFile(join(this.#folder, `small/${i}`), noise(16_384, random));
    }
    return 8 * this.#packBytes + this.#smallFiles * 16_384;
  }

  /**
   * Changes a hundredth: of the packs ten places, in half of which other bytes are put in before them,
   * so that all that follows moves; of the small files one in a hundred.
   */
  async change(): Promise<number> {
    const random = new SeededRandom(3);
    const places = 10;
    const each = Math.floor((8 * this.#packBytes * 0.01) / places);
    let changed = 0;
    for (let place = 0; place < places; place++) {
      const path = this.#pack(place % 8);
      const at = Math.floor(random.next() * (this.#packBytes - each));
      if (place % 2 === 0) await overwrite(path, at, noise(each, random));
      else await insert(path, at, noise(each, random));
      changed += each;
    }
    for (let i = 0; i < this.#smallFiles; i += 100) {
      await writeFile(join(this.#folder, `small/${i}`), noise(16_384, random));
      changed += 16_384;
    }
    return changed;
  }

  #pack(number: number): string {
    return join(this.#folder, `level${number}.pak`);
  }
}

async function overwrite(path: string, at: number, content: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(content, 0, content.length, at);
  await file.close();
}

async function insert(path: string, at: number, content: Buffer): Promise<void> {
  const file = await open(path, 'r+');
  const { size } = await file.stat();
  const rest = Buffer.alloc(size - at);
  await file.read(rest, 0, rest.length, at);
  await file.write(Buffer.concat([content, rest]), 0, content.length + rest.length, at);
  await file.close();
}
