import { logLines } from '../../protocol/try-out-report.ts';
import type { Scheduler } from '../../renderer/clock.ts';
import type { ProgramExit, SandboxedProgram } from '../../renderer/sandbox/program-order.ts';

type Watched = Pick<SandboxedProgram, 'exited' | 'logTail' | 'usage'>;

const SAMPLE_INTERVAL_MS = 1_000;

/** Processors and memory of a program, from when it is measured on. */
export interface ProgramCost {
  /** Cores that were busy, on average; null where it was not there for two samples. */
  readonly cpus: number | null;
  /** The most that was seen; null where nothing was. */
  readonly memoryBytes: number | null;
}

/** Looks at the program of a try-out once a second. */
export class ProgramWatch {
  readonly startedUs: number;
  readonly #program: Watched;
  readonly #nowUs: () => number;
  readonly #scheduler: Scheduler;
  #first: { readonly atUs: number; readonly cpuS: number } | undefined;
  #last: { readonly atUs: number; readonly cpuS: number } | undefined;
  #memoryBytes: number | undefined;
  #exit: ProgramExit | undefined;
  #cancel: () => void = () => undefined;
  #stopped = false;

  constructor(program: Watched, nowUs: () => number, scheduler: Scheduler) {
    this.#program = program;
    this.#nowUs = nowUs;
    this.#scheduler = scheduler;
    this.startedUs = nowUs();
    program.exited.then(
      (exit) => {
        this.#exit = exit;
      },
      // Whoever runs it is told.
      () => undefined,
    );
  }

  /** Null where it is still running, or did not end by itself. */
  get exitCode(): number | null {
    return this.#exit?.kind === 'exit' ? this.#exit.code : null;
  }

  get log(): string[] {
    return logLines(this.#program.logTail());
  }

  get cost(): ProgramCost {
    const seconds = ((this.#last?.atUs ?? 0) - (this.#first?.atUs ?? 0)) / 1e6;
    const used = (this.#last?.cpuS ?? 0) - (this.#first?.cpuS ?? 0);
    return {
      cpus: seconds > 0 ? Math.max(0, Math.round((used / seconds) * 100) / 100) : null,
      memoryBytes: this.#memoryBytes ?? null,
    };
  }

  /** Samples from now on. */
  async measure(): Promise<void> {
    const usage = await this.#program.usage();
    if (this.#stopped) return;
    if (usage) {
      const sample = { atUs: this.#nowUs(), cpuS: usage.cpuS };
      this.#first ??= sample;
      this.#last = sample;
      this.#memoryBytes = Math.max(this.#memoryBytes ?? 0, usage.memoryBytes);
    }
    this.#cancel = this.#scheduler.after(SAMPLE_INTERVAL_MS, () => {
      // A program that is gone leaves nothing to be seen.
      this.measure().catch(() => undefined);
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }
}
