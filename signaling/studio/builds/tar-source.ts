import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { isCode } from '../../data-folder.ts';
import type { ArchiveFormat } from './archive-format.ts';
import { ArchiveRefusal, asRefusal } from './archive-refusal.ts';

const AGAIN = 'Pack and upload the build again';
/** Of what zstd writes when it fails: a line. */
const TOLD_CHARACTERS = 300;

/**
 * The tar inside a file. Reading it to its end, or leaving the loop over it, closes everything.
 * @throws ArchiveRefusal `damaged` where the compression's own checks fail; `unsupported` where this
 * machine cannot undo it.
 */
export function tarSource(
  path: string,
  format: Exclude<ArchiveFormat, 'zip'>,
): AsyncIterable<Uint8Array> {
  switch (format) {
    case 'tar':
      return createReadStream(path);
    case 'tar.gz':
      return gunzipped(path);
    case 'tar.zst':
      return unzstd(path);
  }
}

async function* gunzipped(path: string): AsyncGenerator<Uint8Array> {
  const stream: AsyncIterable<Buffer> = pipeline(
    createReadStream(path),
    createGunzip(),
    () => undefined,
  );
  try {
    yield* stream;
  } catch (thrown) {
    if (isCode(thrown, 'Z_BUF_ERROR')) {
      throw asRefusal(thrown, 'damaged', `The gzip file is cut off. ${AGAIN}`);
    }
    throw asRefusal(thrown, 'damaged', `The gzip file is damaged. ${AGAIN}`);
  }
}

/** By Debian's own program: Node 20 has no Zstandard, and those in JavaScript check no checksum. */
async function* unzstd(path: string): AsyncGenerator<Uint8Array> {
  const child = spawn('zstd', ['--decompress', '--stdout', '--quiet', '--', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (said.length < TOLD_CHARACTERS) said += chunk.toString('utf8');
  });
  const ended = once(child, 'close').catch((cause: unknown) => {
    throw isCode(cause, 'ENOENT')
      ? new ArchiveRefusal(
          'unsupported',
          'This machine has no zstd to unpack .tar.zst with. Install the package zstd, or pack the build as .tar.gz.',
          { cause },
        )
      : cause;
  });
  // Whoever stops reading early does not wait for it.
  ended.catch(() => undefined);
  try {
    const stream: AsyncIterable<Buffer> = child.stdout;
    yield* stream;
    const [code] = await ended;
    if (code !== 0) throw zstdRefusal(said);
  } finally {
    child.kill('SIGKILL');
  }
}

function zstdRefusal(said: string): ArchiveRefusal {
  const why = said.slice(0, TOLD_CHARACTERS).trim().replaceAll('\n', ' ');
  return /memory|[Ww]indow/.test(why)
    ? new ArchiveRefusal(
        'unsupported',
        `The archive needs more memory to be unpacked than is given. Pack it without --long and --ultra (${why}).`,
      )
    : new ArchiveRefusal('damaged', `The zstd file is damaged or cut off. ${AGAIN} (${why})`);
}
