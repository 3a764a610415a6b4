import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How much of what a program prints is kept. */
const MAX_OUTPUT_CHARS = 65_536;

export interface ProgramResult {
  /** 127 where there is no such program, as in a shell; null where a signal ended it. */
  readonly code: number | null;
  /** The last of what it printed. */
  readonly output: string;
}

export interface RunningProgram {
  readonly ended: Promise<ProgramResult>;
  /** Asks it to end. */
  stop(): void;
}

/**
 * Runs a program of the system and reads what it prints.
 * @param words the program and its arguments.
 */
export type RunProgram = (
  words: readonly string[],
  handleLine?: (line: string) => void,
) => RunningProgram;

/** In a process group of its own: a terminal's Ctrl+C is for Rockpool, not for half of an installation. */
export const runProgram: RunProgram = ([program = '', ...words], handleLine) => {
  const child = spawn(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, LC_ALL: 'C' },
  });
  let output = '';
  const read = (line: string) => {
    output = `${output}${line}\n`.slice(-MAX_OUTPUT_CHARS);
    handleLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', read);
  createInterface({ input: child.stderr }).on('line', read);
  const ended = new Promise<ProgramResult>((resolve) => {
    child.once('close', (code) => resolve({ code, output }));
    child.once('error', (error) => resolve({ code: 127, output: error.message }));
  });
  return { ended, stop: () => void child.kill('SIGTERM') };
};
