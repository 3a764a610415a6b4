import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { LOG_TAIL_BYTES, ProgramLog } from '../../../renderer/sandbox/program-log.ts';

describe('the log of a program', () => {
  let folder: string | undefined;
  afterEach(async () => {
    if (folder) await rm(folder, { recursive: true });
    folder = undefined;
  });

  it('keeps the end of all that was written, however it came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 * LOG_TAIL_BYTES }), { maxLength: 8 }),
        fc.integer({ min: 0, max: LOG_TAIL_BYTES }),
        (sizes, maxBytes) => {
          const log = new ProgramLog();
          let all = '';
          for (const [i, size] of sizes.entries()) {
            const text = String.fromCharCode(97 + i).repeat(size);
            log.append(Buffer.from(text));
            all += text;
          }
          expect(log.tail() === all.slice(-LOG_TAIL_BYTES)).toBe(true);
          expect(log.tail(maxBytes) === (maxBytes > 0 ? all.slice(-maxBytes) : '')).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('writes the beginning to a file, and no more than it may', async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockpool-test-'));
    const path = join(folder, 'log');
    const log = new ProgramLog({ path, maxBytes: 10 });
    log.append(Buffer.from('12345678'));
    log.append(Buffer.from('90abc'));
    log.append(Buffer.from('def'));
    await log.close();
    await log.close();
    expect(await readFile(path, 'utf8')).toBe('1234567890');
    expect(log.tail()).toBe('1234567890abcdef');
  });

  it('goes on in memory where its file cannot be written', async () => {
    const log = new ProgramLog({ path: '/nowhere/log', maxBytes: 10 });
    log.append(Buffer.from('first'));
    await log.close();
    log.append(Buffer.from('last'));
    expect(log.tail()).toMatch(/^first\n\[the log file ends here: .*\]\nlast$/);
  });
});
