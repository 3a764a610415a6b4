import type { FollowedInput, PageReport } from '../page-report.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { FrameWatch } from './frame-watch.ts';
import { OwnCost } from './own-cost.ts';
import { type PlayedSample, playedPage } from './played-page.ts';
import { TimerWatch } from './timer-watch.ts';

/*
 * Put into a page before its own scripts: watches one measurement from outside the player. It reads
 * what any page of a Rockpool tells of itself, and what the browser tells any page.
 */

/** Of a state's fields, those that say to a person what happened. */
function detailOf(state: Readonly<Record<string, unknown>>): string {
  const { message, reason, detail, step } = state;
  return [message, reason, detail, step].filter((part) => typeof part === 'string').join(', ');
}

class GatePage {
  readonly #cost = new OwnCost();
  readonly #frames = new FrameWatch(this.#cost);
  readonly #connection = new ConnectionWatch(this.#cost);
  readonly #timers = new TimerWatch(this.#cost);
  #startMs = 0;
  #session: string | undefined;

  /** State of the player and what it says of it; empty before there is one. */
  state(): { readonly name: string; readonly detail: string; readonly shows: boolean } {
    const snapshot = playedPage()?.snapshot;
    const state = snapshot?.state ?? {};
    const shows = snapshot?.firstFrameMs !== undefined;
    return { name: state.name ?? '', detail: detailOf(state), shows };
  }

  /** Of the protocol that the page speaks. */
  version(): number | undefined {
    return playedPage()?.version;
  }

  /** Measures from now on. @returns `performance.now()` of that moment. */
  async start(): Promise<number> {
    this.#frames.start();
    this.#timers.start();
    this.#startMs = performance.now();
    this.#session = playedPage()?.snapshot?.sessionId;
    await this.#connection.start(this.#startMs);
    this.#cost.reset();
    return this.#startMs;
  }

  /** Ends the measuring of everything but of inputs: the last of them are on their way. */
  async stop(): Promise<PageReport> {
    const durationMs = performance.now() - this.#startMs;
    const ownMs = this.#cost.spentMs;
    this.#connection.stop();
    this.#timers.stop();
    await this.#connection.sample();
    const snapshot = playedPage()?.snapshot;
    const state = this.state();
    const { firstFrameMs, latency } = snapshot ?? {};
    const clockErrorMs = latency?.clockErrorMs;
    return {
      durationMs,
      state: state.name,
      stateDetail: state.detail,
      sameSession: snapshot?.sessionId === this.#session,
      ...(firstFrameMs !== undefined && { firstFrameMs }),
      framesMs: this.#frames.framesMs
        .map((shownMs) => shownMs - this.#startMs)
        .filter((shownMs) => shownMs >= 0 && shownMs <= durationMs),
      framesPresented: this.#frames.presented,
      counters: [...this.#connection.counters],
      timersLateMs: [...this.#timers.lateMs],
      ownMs,
      ...(clockErrorMs !== undefined && { clockErrorMs }),
    };
  }

  /** Inputs of the measurement that were followed to the screen by now. */
  inputs(): FollowedInput[] {
    const samples = playedPage()?.latency?.samples?.() ?? [];
    return samples
      .filter(({ inputAtMs }) => inputAtMs >= this.#startMs)
      .map((sample) => this.#sinceStart(sample));
  }

  #sinceStart({ inputAtMs, shownAtMs, frameNumber, totalMs, stages }: PlayedSample): FollowedInput {
    return {
      inputAtMs: inputAtMs - this.#startMs,
      shownAtMs: shownAtMs - this.#startMs,
      frameNumber,
      totalMs,
      // Parsed where it is taken out of the page.
      stages: stages as FollowedInput['stages'],
    };
  }
}

declare global {
  interface Window {
    rockpoolGate?: GatePage;
  }
}

window.rockpoolGate = new GatePage();
