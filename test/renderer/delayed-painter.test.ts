import { describe, expect, it } from 'vitest';
import { BuiltInRuntime } from '../../renderer/built-in-runtime.ts';
import { delayPainter } from '../../renderer/delayed-painter.ts';
import type { PatternGame } from '../../renderer/pattern/pattern-game.ts';
import { openPatternPainter } from '../../renderer/pattern/pattern-painter.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';
import { CountingGame, countingInfo } from '../support/counting-game.ts';
import { RecordingOutput } from '../support/recording-output.ts';

const DELAY_MS = 60;
const OPTIONS = {
  game: countingInfo,
  resolution: { width: 512, height: 288 },
  frameRate: 50,
  seed: 1,
};

class CountingPattern extends CountingGame implements PatternGame {
  draw(pixels: Uint8Array): void {
    pixels.fill(this.count);
  }
}

async function start() {
  const time = new VirtualTime();
  const output = new RecordingOutput();
  const open = openPatternPainter((setup) => new CountingPattern(setup));
  const runtime = new BuiltInRuntime(delayPainter(open, DELAY_MS, time), {
    clock: time,
    scheduler: time,
  });
  await runtime.start(OPTIONS, output);
  return { time, output, runtime };
}

describe('a delayed painter', () => {
  it('has its pictures finished that much later, and stamped when they are', async () => {
    const { time, output, runtime } = await start();
    time.advance(DELAY_MS - 1);
    expect(output.frames).toEqual([]);
    time.advance(200);
    for (const { tickUs, renderedUs } of output.frames) {
      expect(renderedUs - tickUs).toBe(DELAY_MS * 1000);
    }
    await runtime.close();
  });

  it('lets the game tick as often as it did', async () => {
    const { time, output, runtime } = await start();
    time.advance(DELAY_MS + 200);
    expect(output.frames.map(({ tickUs }) => tickUs / 1000)).toEqual([
      0, 20, 40, 60, 80, 100, 120, 140, 160, 180, 200,
    ]);
    await runtime.close();
  });

  it('shows what was drawn, whatever has been drawn since', async () => {
    const { time, output, runtime } = await start();
    time.advance(10);
    runtime.handleInput({ type: 'key', seq: 1, down: true, code: 'KeyA' }, time.nowUs());
    time.advance(DELAY_MS + 40);
    expect(output.frames.map(({ inputSeq, pixels }) => [inputSeq, pixels[0]])).toEqual(
      output.frames.map(({ inputSeq }) => [inputSeq, inputSeq]),
    );
    expect(output.frames.at(-1)?.inputSeq).toBe(1);
    await runtime.close();
  });

  it('leaves no timer behind', async () => {
    const { time, runtime } = await start();
    time.advance(30);
    await runtime.close();
    expect(time.pendingTimers).toBe(0);
  });
});
