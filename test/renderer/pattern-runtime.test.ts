import { describe, expect, it } from 'vitest';
import { BuiltInRuntime } from '../../renderer/built-in-runtime.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';
import type { GameInput } from '../../renderer/game-runtime.ts';
import type { PatternGame } from '../../renderer/pattern/pattern-game.ts';
import { openPatternPainter } from '../../renderer/pattern/pattern-painter.ts';
import { PICTURE_BUFFERS } from '../../renderer/picture-buffers.ts';
import { VirtualTime } from '../../renderer/virtual-time.ts';
import { describeTickingRuntime } from '../contract/ticking-runtime.ts';
import { CountingGame, countingInfo } from '../support/counting-game.ts';
import { RecordingOutput } from '../support/recording-output.ts';

class CountingPattern extends CountingGame implements PatternGame {
  draw(pixels: Uint8Array): void {
    pixels.fill(16 + Math.round(this.level * 200));
    pixels[0] = 235;
  }
}

describeTickingRuntime('a pattern game', {
  info: countingInfo,
  buffers: PICTURE_BUFFERS,
  saves: 'exact',
  create: (time) =>
    new BuiltInRuntime(
      openPatternPainter((setup) => new CountingPattern(setup)),
      time,
    ),
});

const calibration = BUILT_IN_GAMES.get('calibration');
if (!calibration) throw new Error('the catalogue has no calibration scene');
describeTickingRuntime('calibration', {
  info: calibration.info,
  buffers: PICTURE_BUFFERS,
  saves: 'none',
  create: (time) => calibration.createRuntime(time),
});

const OPTIONS = {
  game: countingInfo,
  resolution: { width: 512, height: 288 },
  frameRate: 50,
  seed: 1,
};

async function counting() {
  const time = new VirtualTime();
  const output = new RecordingOutput();
  const games: CountingPattern[] = [];
  const runtime = new BuiltInRuntime(
    openPatternPainter((setup) => {
      const game = new CountingPattern(setup);
      games.push(game);
      return game;
    }),
    { clock: time, scheduler: time },
  );
  await runtime.start(OPTIONS, output);
  const [game] = games;
  if (!game) throw new Error('no game was made');
  const advance = (ms: number) => {
    time.advance(ms);
    for (const frame of output.frames) frame.release();
  };
  let seq = 0;
  const key = (code: 'KeyR' | 'KeyX' | 'KeyA', down = true) =>
    runtime.handleInput({ type: 'key', seq: ++seq, down, code }, time.nowUs());
  return { time, output, runtime, game, advance, key };
}

describe('built-in runtime', () => {
  it('tells the game how much time passed, but never more than a tenth of a second', async () => {
    const { time, runtime, game, advance } = await counting();
    advance(20);
    advance(20);
    time.stall(700);
    advance(0);
    expect(game.ticks.map((tick) => tick.dtS)).toEqual([0.02, 0.02, 0.02, 0.1]);
    expect(game.ticks.at(-1)?.timeS).toBeCloseTo(0.16);
    await runtime.close();
  });

  it('counts a key that went down and up between two ticks, once', async () => {
    const { runtime, game, advance, key } = await counting();
    advance(0);
    key('KeyA');
    key('KeyA', false);
    advance(20);
    advance(20);
    expect(game.count).toBe(1);
    await runtime.close();
  });

  it('does not tick early for movement', async () => {
    const { runtime, game, advance } = await counting();
    advance(10);
    const moves: GameInput[] = [
      { type: 'pointer-move', x: 5, y: 5, dx: 1, dy: 1 },
      { type: 'pad-state', pad: 0, axes: [1, 0, 0, 0], triggers: [0, 0] },
    ];
    for (const move of moves) runtime.handleInput(move, 10_000);
    advance(9);
    expect(game.ticks).toHaveLength(1);
    await runtime.close();
  });

  it('hands rumble on', async () => {
    const { runtime, output, advance, key } = await counting();
    key('KeyR');
    advance(20);
    expect(output.rumbles).toEqual([{ pad: 0, strong: 1, weak: 0, durationMs: 100 }]);
    await runtime.close();
  });

  it('reports a game that throws, once, and stops', async () => {
    const { time, runtime, output, game, advance, key } = await counting();
    advance(20);
    key('KeyX');
    advance(100);
    expect(output.failures.map(({ code, message }) => [code, message])).toEqual([
      ['game-failed', 'the game tripped'],
    ]);
    expect(time.pendingTimers).toBe(0);
    await runtime.close();
    expect(game.closed).toBe(1);
  });

  it('fails to start where the game cannot be made', async () => {
    const runtime = new BuiltInRuntime(
      openPatternPainter(() => {
        throw new Error('no sea today');
      }),
    );
    await expect(runtime.start(OPTIONS, new RecordingOutput())).rejects.toMatchObject({
      code: 'game-failed',
      message: 'no sea today',
    });
    await runtime.close();
  });

  it('stays suspended when it was before it started', async () => {
    const time = new VirtualTime();
    const output = new RecordingOutput();
    const runtime = new BuiltInRuntime(
      openPatternPainter((setup) => new CountingPattern(setup)),
      { clock: time, scheduler: time },
    );
    runtime.setSuspended(true);
    await runtime.start(OPTIONS, output);
    time.advance(100);
    expect(output.frames).toEqual([]);
    runtime.setSuspended(false);
    time.advance(0);
    expect(output.frames).toHaveLength(1);
    await runtime.close();
  });
});
