import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClipMaker } from '../../../server/try-out/clip-file.ts';
import type { Pictured } from '../../../server/try-out/ivf-stream.ts';

const NEVER = new AbortController().signal;

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
    "*-formats*) echo ' D  ivf On2 IVF' ;;",
    '*-filters* | *-codecs*) ;;',
    `*) echo $$ > ${mark}.new; mv ${mark}.new ${mark}; exec sleep 60 ;;`,
    'esac',
  ];
  writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o755 });
  return { program, pid: () => (existsSync(mark) ? Number(readFileSync(mark, 'utf8')) : 0) };
}

function picture(atMs: number): Pictured {
  return {
    data: new Uint8Array(20),
    codec: 'h264',
    width: 64,
    height: 36,
    tickUs: atMs * 1000,
  };
}

describe('ClipMaker', () => {
  it('leaves no ffmpeg behind, and no file, when it is called off', async () => {
    const { program, pid } = slowFfmpeg();
    const folder = mkdtempSync(join(top, 'media-'));
    const abort = new AbortController();
    const { signal } = abort;
    const maker = new ClipMaker({ program, skippedMs: 1_000, folder, signal });
    for (let atMs = 0; atMs < 4_000; atMs += 20) maker.handleVideo(picture(atMs));
    await expect.poll(pid, { interval: 5 }).toBeGreaterThan(0);
    expect(existsSync(`/proc/${pid()}`)).toBe(true);
    const failed = expect(maker.finish()).rejects.toThrow('a player comes');
    abort.abort(new Error('a player comes'));
    await failed;
    expect(existsSync(`/proc/${pid()}`)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('starts none where it was called off before, or nothing is to be seen', async () => {
    const { program, pid } = slowFfmpeg();
    const signal = AbortSignal.abort(new Error('a player comes'));
    const off = new ClipMaker({ program, skippedMs: 0, folder: top, signal });
    off.handleVideo(picture(0));
    await expect(off.finish()).rejects.toThrow('a player comes');
    const none = new ClipMaker({ program, skippedMs: 0, folder: top, signal: NEVER });
    expect(await none.finish()).toBeUndefined();
    expect(pid()).toBe(0);
  });

  it('says what ffmpeg said', async () => {
    const program = join(top, 'broken');
    writeFileSync(program, '#!/bin/sh\necho "no such thing" >&2\nexit 3\n', { mode: 0o755 });
    const maker = new ClipMaker({ program, skippedMs: 0, folder: top, signal: NEVER });
    for (let atMs = 0; atMs < 4_000; atMs += 20) maker.handleVideo(picture(atMs));
    await expect(maker.finish()).rejects.toThrow('no such thing');
  });

  it('says where there is no ffmpeg, of what would have been a clip alone', async () => {
    const options = { program: undefined, skippedMs: 0, folder: top, signal: NEVER };
    const maker = new ClipMaker(options);
    for (let atMs = 0; atMs < 4_000; atMs += 20) maker.handleVideo(picture(atMs));
    await expect(maker.finish()).rejects.toThrow('the machine has no ffmpeg');
    const hardly = new ClipMaker(options);
    hardly.handleVideo(picture(0));
    expect(await hardly.finish()).toBeUndefined();
  });
});
