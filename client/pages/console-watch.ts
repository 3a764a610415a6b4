import { type ReadonlySignal, signal } from '@preact/signals';
import type { MachineHistory, MachineLog, MachineReport } from '../../protocol/console-report.ts';
import { toRockpoolError } from '../../protocol/errors.ts';
import type { ConsoleRequests } from './console-requests.ts';

export type WatchState =
  | { readonly name: 'loading' }
  | {
      readonly name: 'ready';
      readonly report: MachineReport;
      /** True while the last refresh failed: what is shown may be out of date. */
      readonly stale: boolean;
    }
  /** The token is worth nothing (any more): a new link is needed. */
  | { readonly name: 'refused'; readonly message: string }
  /** The server has never seen this machine. */
  | { readonly name: 'unknown'; readonly message: string }
  | { readonly name: 'failed'; readonly message: string };

/** One machine as its provider sees it. Failures become state, never a throw. */
export class MachineWatch {
  readonly #requests: ConsoleRequests;
  readonly #state = signal<WatchState>({ name: 'loading' });
  readonly #history = signal<MachineHistory | undefined>(undefined);
  readonly #log = signal<MachineLog | undefined>(undefined);
  readonly #problem = signal<string | undefined>(undefined);
  readonly #commanding = signal(false);
  #pending: Promise<void> | undefined;
  /** Sessions there were when the history was read; undefined while nobody looks at it. */
  #toldRunning: number | undefined;

  constructor(requests: ConsoleRequests) {
    this.#requests = requests;
  }

  get state(): ReadonlySignal<WatchState> {
    return this.#state;
  }

  /** Undefined until it was read. */
  get history(): ReadonlySignal<MachineHistory | undefined> {
    return this.#history;
  }

  /** Undefined until it was read. */
  get log(): ReadonlySignal<MachineLog | undefined> {
    return this.#log;
  }

  /** Why the last command was not carried out. */
  get problem(): ReadonlySignal<string | undefined> {
    return this.#problem;
  }

  /** Whether a command is under way. */
  get commanding(): ReadonlySignal<boolean> {
    return this.#commanding;
  }

  /** Reads the report anew; a call during a read joins it. */
  refresh(): Promise<void> {
    this.#pending ??= this.#readReport().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async refreshHistory(): Promise<void> {
    const state = this.#state.peek();
    this.#toldRunning = state.name === 'ready' ? runningOf(state.report) : 0;
    // The report, read as often, says what is wrong where this fails.
    this.#history.value = await this.#requests.history().catch(() => this.#history.peek());
  }

  async refreshLog(): Promise<void> {
    this.#log.value = await this.#requests.log().catch(() => this.#log.peek());
  }

  /** Has the machine take no new games, or some again. */
  async command(command: 'drain' | 'resume'): Promise<void> {
    if (this.#commanding.peek()) return;
    this.#commanding.value = true;
    try {
      await this.#requests[command]();
      this.#problem.value = undefined;
    } catch (thrown) {
      this.#problem.value = toRockpoolError(thrown).message;
    }
    // One that is under way may have been answered before the command was.
    await this.#pending;
    await this.refresh();
    this.#commanding.value = false;
  }

  async #readReport(): Promise<void> {
    if (this.#state.peek().name === 'refused') return;
    try {
      const report = await this.#requests.report();
      this.#state.value = { name: 'ready', report, stale: false };
      const ended = this.#toldRunning !== undefined && this.#toldRunning !== runningOf(report);
      if (ended) await this.refreshHistory();
    } catch (thrown) {
      this.#state.value = this.#stateAfter(thrown);
    }
  }

  #stateAfter(thrown: unknown): WatchState {
    const { code, message } = toRockpoolError(thrown);
    if (code === 'unauthorised') return { name: 'refused', message };
    if (code === 'container-lost') return { name: 'unknown', message };
    const before = this.#state.peek();
    return before.name === 'ready' ? { ...before, stale: true } : { name: 'failed', message };
  }
}

function runningOf({ live }: MachineReport): number {
  return live?.running.length ?? 0;
}
