import type { GameInfo } from '../../protocol/game-info.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { BuiltInGame, GameHost, GameSetup, Tick } from '../../renderer/built-in-game.ts';

export const countingInfo: GameInfo = {
  id: 'counting',
  title: 'Counting',
  summary: 'Counts presses.',
  inputs: ['keyboard'],
  players: 1,
  diagnostic: true,
  pointerLock: false,
  controls: [],
  touchButtons: [],
};

/** Counts presses, saves the count, and remembers its ticks; what draws it is up to a subclass. */
export class CountingGame implements BuiltInGame {
  readonly ticks: Omit<Tick, 'input'>[] = [];
  readonly sizes: Resolution[] = [];
  count: number;
  closed = 0;

  constructor({ save }: GameSetup) {
    this.count = save?.[0] ?? 0;
  }

  /** Something to tell frames apart by, 0 to 1. */
  get level(): number {
    return (this.ticks.length % 16) / 16;
  }

  update({ input, ...tick }: Tick, host: GameHost): void {
    this.ticks.push(tick);
    this.count += input.presses;
    if (input.wasPressed('KeyR')) host.rumble({ pad: 0, strong: 1, weak: 0, durationMs: 100 });
    if (input.wasPressed('KeyX')) throw new Error('the game tripped');
  }

  resize(resolution: Resolution): void {
    this.sizes.push(resolution);
  }

  fillSound(samples: Float32Array): void {
    samples.fill(0.5);
  }

  save(): Uint8Array | undefined {
    return Uint8Array.of(this.count);
  }

  close(): void {
    this.closed++;
  }
}
