import type { StreamSecond } from './resolution-governor.ts';

/** As the governor has it: with fewer pictures than this share, the game is not fluent any more. */
const TOO_FEW = 0.75;
/** An event loop late by so many frame intervals keeps input and packets waiting for all to feel. */
const LATE_INTERVALS = 3;
/** A level that loads, a neighbour that starts: what passes by itself passes in that time. */
const WINDOW_SECONDS = 15;
/** Of those, so many must be bad: the governor's tries at a smaller picture are among the others. */
const STRAINED_SECONDS = 12;
/** Good ones in a row after which it is over: a machine at its limit is not told of to and fro. */
const CALM_SECONDS = 10;

/** What a game asks of its machine, and what may still be done about it. */
export interface Strained {
  /** Pictures a second that there should be. */
  readonly frameRate: number;
  /** Whether it draws all the time: of one that draws when it likes, few pictures alone say nothing. */
  readonly drawsAlways: boolean;
  /** Whether a smaller picture may yet help. */
  readonly canYield: boolean;
}

/** Tells a machine that cannot keep up with its game from one that has a bad moment. */
export class MachineStrain {
  readonly #strained: boolean[] = [];
  #calmSeconds = 0;
  #keepsUp = true;

  get keepsUp(): boolean {
    return this.#keepsUp;
  }

  /** @returns whether {@link keepsUp} changed. */
  handleSecond(second: StreamSecond, game: Strained): boolean {
    const isStrained = isBad(second, game);
    this.#strained.push(isStrained);
    if (this.#strained.length > WINDOW_SECONDS) this.#strained.shift();
    this.#calmSeconds = isStrained ? 0 : this.#calmSeconds + 1;
    const before = this.#keepsUp;
    if (this.#keepsUp) {
      const bad = this.#strained.filter((one) => one).length;
      if (bad >= STRAINED_SECONDS) this.#keepsUp = false;
    } else if (this.#calmSeconds >= CALM_SECONDS) {
      this.#keepsUp = true;
      this.#strained.length = 0;
    }
    return this.#keepsUp !== before;
  }
}

function isBad(
  { framesPerSecond, frameCostP95Ms, eventLoopDelayP99Ms }: StreamSecond,
  { frameRate, drawsAlways, canYield }: Strained,
): boolean {
  const intervalMs = 1000 / frameRate;
  // Nothing of the picture makes the loop late, so no smaller one is waited for.
  if (eventLoopDelayP99Ms > LATE_INTERVALS * intervalMs) return true;
  const isSlow = framesPerSecond < TOO_FEW * frameRate;
  return isSlow && !canYield && (drawsAlways || frameCostP95Ms > intervalMs);
}
