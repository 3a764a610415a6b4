import { describe, expect, it } from 'vitest';
import { SOUND_BLOCK_FRAMES, type SoundBlock } from '../../../renderer/game-runtime.ts';
import { AudioPipeline, type EncodedAudio } from '../../../server/encode/audio-pipeline.ts';

function block(index: number, dueUs = index * 10_000): SoundBlock {
  const samples = new Float32Array(SOUND_BLOCK_FRAMES * 2);
  for (let i = 0; i < SOUND_BLOCK_FRAMES; i++) {
    const value = 0.3 * Math.sin((index * SOUND_BLOCK_FRAMES + i) * 0.0576);
    samples[2 * i] = value;
    samples[2 * i + 1] = value;
  }
  return { samples, dueUs };
}

function collect(): { pipeline: AudioPipeline; packets: EncodedAudio[]; next(): Promise<void> } {
  const packets: EncodedAudio[] = [];
  let arrived = (): void => {};
  const pipeline = new AudioPipeline({
    handleAudio: (audio) => {
      packets.push(audio);
      arrived();
    },
    handleFailure: (error) => {
      throw error;
    },
  });
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      arrived = resolve;
    });
  return { pipeline, packets, next };
}

describe('AudioPipeline', () => {
  it('makes one 10 ms fullband stereo packet of each block, 480 samples apart', async () => {
    const { pipeline, packets, next } = collect();
    for (let i = 0; i < 10; i++) {
      const packet = next();
      pipeline.handleSound(block(i, 1_000_000 + i * 10_000));
      await packet;
    }
    expect(packets.map(({ rtpTimestamp }) => rtpTimestamp)).toEqual(
      packets.map((_, i) => 48_000 + i * 480),
    );
    for (const { data } of packets) {
      // TOC (RFC 6716 §3.1): configuration 30 is CELT, fullband, 10 ms; then the stereo bit.
      expect((data[0] ?? 0) >> 2).toBe((30 << 1) | 1);
      expect(data.length).toBeLessThan(400);
    }
    await pipeline.close();
  });

  it('says of a long silence only now and then that it lasts, and of sound at once', async () => {
    const { pipeline, packets, next } = collect();
    const silence = new Float32Array(SOUND_BLOCK_FRAMES * 2);
    const sounding = 100;
    for (let i = 0; i <= sounding; i++) {
      const packet = next();
      const samples = i === sounding ? block(i).samples : silence;
      pipeline.handleSound({ samples, dueUs: i * 10_000 });
      if (i < 20 || i === 59 || i === 99 || i === sounding) await packet;
    }
    expect(packets.map(({ rtpTimestamp }) => rtpTimestamp / 480)).toEqual([
      ...Array.from({ length: 20 }, (_, i) => i),
      59,
      99,
      100,
    ]);
    await pipeline.close();
  });

  it('ignores jitter of the blocks, and jumps where sound was missing', async () => {
    const { pipeline, packets, next } = collect();
    for (const dueUs of [0, 13_000, 18_000, 530_000, 540_000]) {
      const packet = next();
      pipeline.handleSound(block(0, dueUs));
      await packet;
    }
    expect(packets.map(({ rtpTimestamp }) => rtpTimestamp)).toEqual([0, 480, 960, 25_440, 25_920]);
    await pipeline.close();
  });

  it('drops the oldest waiting blocks rather than fall behind', async () => {
    const { pipeline, packets } = collect();
    for (let i = 0; i < 50; i++) pipeline.handleSound(block(i));
    expect(pipeline.droppedBlocks).toBeGreaterThanOrEqual(46);
    await pipeline.close();
    expect(packets.length).toBeLessThanOrEqual(4);
  });

  it('may be closed at any time, and more than once', async () => {
    const { pipeline, packets } = collect();
    pipeline.handleSound(block(0));
    await Promise.all([pipeline.close(), pipeline.close()]);
    pipeline.handleSound(block(1));
    await pipeline.close();
    expect(packets.length).toBeLessThanOrEqual(1);
  });
});
