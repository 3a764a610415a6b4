import { Autopilot } from './autopilot.ts';
import { hash } from './random.ts';
import { type Controls, World, type WorldListener } from './world.ts';

export type Screen = 'title' | 'playing' | 'paused' | 'over';
export const PAUSE_CHOICES = ['RESUME', 'RESTART'] as const;

/** What the player wants in a tick. */
export interface Orders extends Controls {
  readonly confirm: boolean;
  readonly pause: boolean;
  /** −1 up, 1 down. */
  readonly navigate: number;
  /** The choice under the pointer, if it moved onto one. */
  readonly pointed: number | undefined;
  readonly lostFocus: boolean;
}

/** A press that was meant for the boat must not skip the score: the end stays up this long. */
const OVER_HOLD_S = 1;

/** From the title through runs and pauses: which world is sailed, by whom, and what counts as best. */
export class Voyage {
  screen: Screen = 'title';
  world: World;
  best: number;
  /** The run that just ended beat the best score. */
  newBest = false;
  /** Index into {@link PAUSE_CHOICES}. */
  choice = 0;
  /** Seconds since the screen changed. */
  screenS = 0;
  readonly #seed: number;
  readonly #listener: WorldListener & { handleNewRun(): void };
  readonly #autopilot = new Autopilot();
  #run = 0;

  constructor(seed: number, best: number, listener: WorldListener & { handleNewRun(): void }) {
    this.#seed = seed;
    this.#listener = listener;
    this.best = best;
    this.world = new World(hash(seed, 0), listener);
  }

  /** The world moves in every screen but the pause. */
  get running(): boolean {
    return this.screen !== 'paused';
  }

  step(orders: Orders, dtS: number): void {
    this.screenS += dtS;
    switch (this.screen) {
      case 'title':
        if (orders.confirm) {
          this.#start();
          break;
        }
        this.#autopilot.look(this.world);
        this.world.step(this.#autopilot, dtS);
        if (this.world.sunk) this.#newWorld();
        break;
      case 'playing':
        if (orders.pause || orders.lostFocus) {
          this.choice = 0;
          this.#show('paused');
          break;
        }
        this.world.step(orders, dtS);
        if (this.world.sunk) this.#end();
        break;
      case 'paused':
        this.#choose(orders);
        break;
      case 'over':
        this.world.step(orders, dtS);
        if (orders.confirm && this.screenS > OVER_HOLD_S) this.#start();
        break;
    }
  }

  #choose(orders: Orders): void {
    const last = PAUSE_CHOICES.length - 1;
    if (orders.pointed !== undefined) this.choice = orders.pointed;
    this.choice = Math.min(Math.max(this.choice + orders.navigate, 0), last);
    if (orders.pause) this.#show('playing');
    else if (orders.confirm) {
      if (this.choice === 0) this.#show('playing');
      else this.#start();
    }
  }

  #start(): void {
    this.#newWorld();
    this.#show('playing');
  }

  #newWorld(): void {
    this.world = new World(hash(this.#seed, ++this.#run), this.#listener);
    this.#listener.handleNewRun();
  }

  #end(): void {
    const { score } = this.world.scoring;
    this.newBest = score > this.best;
    this.best = Math.max(this.best, score);
    this.#show('over');
  }

  #show(screen: Screen): void {
    this.screen = screen;
    this.screenS = 0;
  }
}
