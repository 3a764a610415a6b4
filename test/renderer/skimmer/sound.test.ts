import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SkimmerSound, type SoundScene } from '../../../renderer/skimmer/sound.ts';

const RUNNING: SoundScene = {
  speed: 35,
  boosting: false,
  steer: 0,
  worldLevel: 1,
  musicLevel: 0.8,
};
const PAUSED: SoundScene = { ...RUNNING, worldLevel: 0, musicLevel: 0.05 };

/** Plays whole seconds in 10 ms blocks and returns every sample of the last one. */
function listen(sound: SkimmerSound, seconds: number): Float32Array {
  const last = new Float32Array(96_000);
  for (let block = 0; block < seconds * 100; block++) {
    sound.fill(last.subarray((block % 100) * 960, (block % 100) * 960 + 960));
  }
  return last;
}

function loudness(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

/** Zero crossings from below a second, in the left channel. */
function crossings(samples: Float32Array): number {
  let count = 0;
  for (let i = 2; i < samples.length; i += 2) {
    if ((samples[i - 2] ?? 0) < 0 && (samples[i] ?? 0) >= 0) count++;
  }
  return count;
}

describe('the sound', () => {
  it('stays finite and within ±1 whatever happens at once', () => {
    const event = fc.constantFrom('pearl', 'line', 'mend', 'near', 'crash', 'start');
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.boolean(), (events, boosting) => {
        const sound = new SkimmerSound();
        sound.scene = { ...RUNNING, speed: 60, boosting, musicLevel: 1 };
        for (const [i, name] of events.entries()) {
          if (name === 'pearl') sound.handlePearl(i + 1, i % 3 === 0, (i % 5) - 2);
          else if (name === 'line') sound.handleLine();
          else if (name === 'mend') sound.handleMend();
          else if (name === 'near') sound.handleNearMiss(-1);
          else if (name === 'crash') sound.handleCrash();
          else sound.handleStart();
        }
        expect(listen(sound, 1).every((x) => Number.isFinite(x) && Math.abs(x) < 1)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('is audible under way and all but silent in the pause', () => {
    const sound = new SkimmerSound();
    sound.scene = RUNNING;
    const running = loudness(listen(sound, 2));
    sound.scene = PAUSED;
    const paused = loudness(listen(sound, 6));
    expect(running).toBeGreaterThan(0.03);
    expect(paused).toBeLessThan(running / 8);
  });

  it('raises the pitch of the engine with speed', () => {
    const pitch = (speed: number) => {
      const sound = new SkimmerSound();
      sound.scene = { ...RUNNING, speed, musicLevel: 0 };
      // The water's hiss would count as crossings: compare the engine's spectrum by long waves.
      const samples = listen(sound, 2);
      const smooth = new Float32Array(samples.length);
      let low = 0;
      for (let i = 0; i < samples.length; i += 2) {
        low += ((samples[i] ?? 0) - low) * 0.02;
        smooth[i] = low;
      }
      return crossings(smooth);
    };
    expect(pitch(40)).toBeGreaterThan(pitch(15) * 1.25);
  });

  it('never jumps between neighbouring samples, so nothing clicks', () => {
    const sound = new SkimmerSound();
    let last = 0;
    let jump = 0;
    const block = new Float32Array(960);
    for (let i = 0; i < 400; i++) {
      // Engine and water off: their noise is meant to be rough. Struck sounds must start and end smoothly.
      sound.scene = { ...PAUSED, musicLevel: i > 200 ? 0 : 1 };
      if (i % 40 === 10) sound.handlePearl(i, false, 0);
      sound.fill(block);
      for (let s = 0; s < block.length; s += 2) {
        jump = Math.max(jump, Math.abs((block[s] ?? 0) - last));
        last = block[s] ?? 0;
      }
    }
    expect(jump).toBeLessThan(0.12);
  });

  it('makes a crash heard', () => {
    const sound = new SkimmerSound();
    const before = loudness(listen(sound, 1));
    sound.handleCrash();
    expect(loudness(listen(sound, 1))).toBeGreaterThan(before + 0.03);
  });
});
