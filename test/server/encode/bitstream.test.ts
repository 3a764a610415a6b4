import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EncodedFrame } from '../../../server/encode/encoder.ts';
import { LibavEncoderFactory } from '../../../server/encode/libav-encoder.ts';
import { X264 } from '../../../server/encode/software-profiles.ts';
import { CONTRACT_SETTINGS, movingPicture } from '../../contract/encoder.ts';

const FRAMES = 120;
const FORCED = [0, 30, 31, 75];
const SETTINGS = { ...CONTRACT_SETTINGS, bitrateBps: 2_000_000 };
const SHARE_BYTES = SETTINGS.bitrateBps / SETTINGS.frameRate / 8;

const probedSchema = z.object({
  streams: z.tuple([
    z.object({ codec_name: z.string(), has_b_frames: z.int(), profile: z.string() }),
  ]),
  frames: z.array(z.object({ pict_type: z.string(), key_frame: z.int(), pkt_size: z.string() })),
});
type Probed = z.infer<typeof probedSchema>;

const present = spawnSync('ffprobe', ['-version']).status === 0;
if (!present) {
  process.stderr.write(
    'SKIPPED: bitstream.test.ts needs ffprobe (Debian: apt-get install ffmpeg) on PATH.\n',
  );
}

async function ffprobe(stream: Uint8Array): Promise<Probed> {
  const folder = await mkdtemp(join(tmpdir(), 'rockpool-bitstream-'));
  try {
    const file = join(folder, 'stream.h264');
    await writeFile(file, stream);
    const entries = 'stream=codec_name,has_b_frames,profile:frame=pict_type,key_frame,pkt_size';
    const options = ['-v', 'error', '-f', 'h264', '-show_entries', entries, '-of', 'json', file];
    const { stdout, stderr } = await promisify(execFile)('ffprobe', options);
    expect(stderr).toBe('');
    return probedSchema.parse(JSON.parse(stdout));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function join264(frames: readonly EncodedFrame[]): Uint8Array {
  return Buffer.concat(frames.map(({ data }) => data));
}

describe.skipIf(!present)('the H.264 of libx264, as ffprobe sees it', () => {
  const frames: EncodedFrame[] = [];
  let probed: Probed;

  beforeAll(async () => {
    const encoder = await new LibavEncoderFactory(X264).open(SETTINGS);
    for (let index = 0; index < FRAMES; index++) {
      const picture = movingPicture(SETTINGS, index);
      frames.push(await encoder.encode(picture, index * 1500, FORCED.includes(index)));
    }
    encoder.close();
    probed = await ffprobe(join264(frames));
  });

  afterAll(() => {
    frames.length = 0;
  });

  it('has every frame, of the profile every browser decodes', () => {
    expect(probed.frames).toHaveLength(FRAMES);
    expect(probed.streams[0]).toMatchObject({
      codec_name: 'h264',
      profile: 'Constrained Baseline',
    });
  });

  it('has no B-frames, and keyframes only where they were asked for', () => {
    expect(probed.streams[0].has_b_frames).toBe(0);
    const types = probed.frames.map(({ pict_type }) => pict_type);
    expect(types).toEqual(types.map((_, index) => (FORCED.includes(index) ? 'I' : 'P')));
    const keyframes = probed.frames.flatMap(({ key_frame }, index) => (key_frame ? [index] : []));
    expect(keyframes).toEqual(FORCED);
  });

  it('can be decoded from every keyframe on: the parameter sets are there', async () => {
    for (const start of FORCED) {
      const rest = await ffprobe(join264(frames.slice(start)));
      expect(rest.frames).toHaveLength(FRAMES - start);
    }
  });

  it('keeps every frame, keyframes included, within the VBV', () => {
    let backlogBytes = 0;
    for (const [index, { pkt_size }] of probed.frames.entries()) {
      const bytes = Number(pkt_size);
      expect(bytes, `frame ${index}`).toBeLessThanOrEqual(X264.bufferFrames * SHARE_BYTES);
      backlogBytes = Math.max(0, backlogBytes + bytes - SHARE_BYTES);
      expect(backlogBytes, `after frame ${index}`).toBeLessThanOrEqual(
        X264.bufferFrames * SHARE_BYTES,
      );
    }
  });
});
