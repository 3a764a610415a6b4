import { describe, expect, it } from 'vitest';
import {
  LatencyWatchdog,
  type WatchdogReading,
  type WatchdogStep,
} from '../../../../client/player/media/latency-watchdog.ts';

/** A stream at 60 frames a second that is read four times a second and is well unless told otherwise. */
class Stream {
  readonly steps: { readonly step: WatchdogStep; readonly atMs: number }[] = [];
  takeSteps = true;
  atMs = 0;
  readonly watchdog = new LatencyWatchdog({
    takeStep: (step) => {
      this.steps.push({ step, atMs: this.atMs });
      return this.takeSteps;
    },
  });
  #frames = 0;
  #shown = 0;
  #losses = 0;
  #decodeMs = 0;

  run(
    seconds: number,
    state: {
      holdMs?: number;
      bufferMs?: number;
      rttMs?: number;
      jitterMs?: number;
      shown?: 'all' | 'none' | 'untold';
      framesPerSecond?: number;
      lossPerReading?: number;
      decoderBusy?: number;
      readingMs?: number;
    } = {},
  ): void {
    const { shown = 'all', framesPerSecond = 60, lossPerReading = 0, readingMs = 250 } = state;
    for (const endMs = this.atMs + seconds * 1000; this.atMs < endMs; ) {
      this.atMs += readingMs;
      this.#frames += (framesPerSecond * readingMs) / 1000;
      if (shown === 'all') this.#shown = this.#frames;
      this.#losses += lossPerReading;
      this.#decodeMs += readingMs * (state.decoderBusy ?? 0.1);
      const reading: WatchdogReading = {
        atMs: this.atMs,
        framesReceived: this.#frames,
        framesShown: shown === 'untold' ? undefined : this.#shown,
        losses: this.#losses,
        bufferMs: state.bufferMs ?? 5,
        holdMs: shown === 'none' ? undefined : (state.holdMs ?? 20),
        decodeMs: this.#decodeMs,
        rttMs: state.rttMs ?? 30,
        jitterMs: state.jitterMs ?? 3,
      };
      this.watchdog.handleReading(reading);
    }
  }

  get taken(): WatchdogStep[] {
    return this.steps.map(({ step }) => step);
  }
}

function healthyStream(): Stream {
  const stream = new Stream();
  stream.run(10);
  return stream;
}

describe('LatencyWatchdog, where the picture falls behind', () => {
  it.each([
    ['the way to the screen', { holdMs: 90 }],
    ['the jitter buffer', { bufferMs: 90 }],
  ])('refreshes when %s has grown for three seconds', (_what, grown) => {
    const stream = healthyStream();
    stream.run(3, grown);
    expect(stream.taken).toEqual([]);
    stream.run(1, grown);
    expect(stream.taken).toEqual(['refresh']);
    stream.run(60);
    expect(stream.taken).toEqual(['refresh']);
    expect(stream.watchdog.recoveries).toBe(1);
  });

  it('finds growth that is slower than any single reading shows', () => {
    const stream = healthyStream();
    for (let holdMs = 20; holdMs < 70; holdMs += 0.5) stream.run(1, { holdMs });
    expect(stream.taken).toEqual([]);
    stream.run(10, { holdMs: 75 });
    expect(stream.taken[0]).toBe('refresh');
  });

  it('escalates with longer and longer waits while nothing helps', () => {
    const stream = healthyStream();
    stream.run(60, { holdMs: 300 });
    expect(stream.taken).toEqual(['refresh', 'reattach', 'reconnect', 'refresh']);
    const [first = 0, second = 0, third = 0, fourth = 0] = stream.steps.map(({ atMs }) => atMs);
    expect([second - first, third - second, fourth - third]).toEqual([4000, 8000, 16_000]);
  });

  it('does not interrupt the game for a delay that is bearable', () => {
    const stream = healthyStream();
    stream.run(600, { holdMs: 90 });
    expect(stream.taken).toEqual(['refresh', 'reattach']);
  });

  it.each([
    ['the round trip has grown too', { rttMs: 60 }],
    ['packets come less evenly', { jitterMs: 20 }],
    ['packets are lost', { lossPerReading: 1 }],
    ['the decoder has more than it can do', { decoderBusy: 0.9 }],
    ['the page has no time', { readingMs: 600 }],
  ])('leaves it where %s', (_cause, cause) => {
    const stream = healthyStream();
    stream.run(60, { holdMs: 300, ...cause });
    expect(stream.taken).toEqual([]);
  });

  it('finds what a disturbance has left behind once that is over', () => {
    const stream = healthyStream();
    stream.run(10, { bufferMs: 300, jitterMs: 40, lossPerReading: 2 });
    stream.run(7, { bufferMs: 300 });
    expect(stream.taken).toEqual([]);
    stream.run(3, { bufferMs: 300 });
    expect(stream.taken).toEqual(['refresh']);
  });

  it('takes a machine that is slow from the beginning as it is', () => {
    const stream = new Stream();
    stream.run(300, { holdMs: 400, decoderBusy: 0.7 });
    expect(stream.taken).toEqual([]);
  });

  it('measures a new connection against itself', () => {
    const stream = healthyStream();
    stream.watchdog.handleConnection();
    stream.run(60, { holdMs: 300 });
    expect(stream.taken).toEqual([]);
  });
});

describe('LatencyWatchdog, where frames arrive and none is shown', () => {
  it('acts within a second and a half, whatever the network does', () => {
    const stream = healthyStream();
    stream.run(1, { shown: 'none', lossPerReading: 5 });
    expect(stream.taken).toEqual([]);
    stream.run(0.5, { shown: 'none', lossPerReading: 5 });
    expect(stream.taken).toEqual(['refresh']);
  });

  it('shows the picture anew, then takes another connection, then waits', () => {
    const stream = healthyStream();
    const beganMs = stream.atMs;
    stream.run(30, { shown: 'none' });
    expect(stream.steps.map(({ step, atMs }) => [step, atMs - beganMs])).toEqual([
      ['refresh', 1250],
      ['reattach', 2750],
      ['reconnect', 5750],
      ['refresh', 11_750],
      ['reattach', 23_750],
    ]);
    const { length } = stream.steps;
    stream.run(3600, { shown: 'none' });
    expect(stream.steps.length - length).toBeLessThan(12);
  });

  it('begins gently again after half a minute without trouble', () => {
    const stream = healthyStream();
    stream.run(3, { shown: 'none' });
    stream.run(10);
    stream.run(3, { shown: 'none' });
    expect(stream.taken).toEqual(['refresh', 'reattach', 'reconnect']);
    stream.run(40);
    stream.run(1.5, { shown: 'none' });
    expect(stream.taken.at(-1)).toBe('refresh');
  });

  it('does not count a step that could not be taken', () => {
    const stream = healthyStream();
    stream.takeSteps = false;
    stream.run(5, { shown: 'none' });
    expect(stream.steps).not.toEqual([]);
    expect(stream.watchdog.recoveries).toBe(0);
  });

  it('leaves a game alone that draws no more than once a second', () => {
    const stream = healthyStream();
    stream.run(60, { framesPerSecond: 0 });
    stream.run(1.25, { framesPerSecond: 1, shown: 'none' });
    expect(stream.taken).toEqual([]);
  });

  it('leaves a stream alone that has just begun, or was not looked at', () => {
    const stream = new Stream();
    stream.run(3, { shown: 'none' });
    expect(stream.taken).toEqual([]);
    stream.run(10);
    stream.atMs += 60_000;
    stream.watchdog.settle(stream.atMs);
    stream.run(3, { shown: 'none' });
    expect(stream.taken).toEqual([]);
    stream.run(1, { shown: 'none' });
    expect(stream.taken).toEqual(['refresh']);
  });

  it('does nothing where the browser tells of no frames, or the page had no time', () => {
    const stream = healthyStream();
    stream.run(60, { shown: 'untold' });
    expect(stream.taken).toEqual([]);
    const busy = healthyStream();
    busy.run(60, { shown: 'none', readingMs: 1200 });
    expect(busy.taken).toEqual([]);
  });
});
