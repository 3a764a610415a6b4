import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeClip } from '../../../server/try-out/clip-file.ts';

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'rockpool-clip-'));
});
afterEach(() => rmSync(top, { recursive: true }));

/** An ffmpeg that knows its encoder, and then takes a minute. */
function slowFfmpeg(): { readonly program: string; readonly pid: () => number } {
  const program = join(top, 'ffmpeg');
  const mark = join(top, 'pid');
  const lines = [
    '#!/bin/sh',
    'case "$*" in',
    "*-encoders*) echo ' V....D libx264 H.264' ;;",
    '*-formats* | *-filters* | *-codecs*) ;;',
    `*) echo $$ > ${mark}.new; mv ${mark}.new ${mark}; exec sleep 60 ;;`,
    'esac',
  ];
  writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 });
  return { program, pid: () => (existsSync(mark) ? Number(readFileSync(mark, 'utf8')) : 0) };
}

describe('makeClip', () => {
  it('leaves no ffmpeg behind, and no file, when it is called off', async () => {
    const { program, pid } = slowFfmpeg();
    const folder = mkdtempSync(join(top, 'media-'));
    const abort = new AbortController();
    const clip = makeClip(program, Buffer.from('DKIF'), 20_000, folder, abort.signal);
    const failed = expect(clip).rejects.toThrow('a player comes');
    await expect.poll(pid, { interval: 5 }).toBeGreaterThan(0);
    expect(existsSync(`/proc/${pid()}`)).toBe(true);
    abort.abort(new Error('a player comes'));
    await failed;
    expect(existsSync(`/proc/${pid()}`)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('starts none where it was called off before', async () => {
    const { program, pid } = slowFfmpeg();
    const abort = AbortSignal.abort(new Error('a player comes'));
    await expect(makeClip(program, Buffer.from('DKIF'), 20_000, top, abort)).rejects.toThrow(
      'a player comes',
    );
    expect(pid()).toBe(0);
  });
});
