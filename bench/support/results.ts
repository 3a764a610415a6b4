import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { renderTable, type Table, tableSchema } from '../../gate/report/table.ts';
import { describeMachine, machineLine, machineSchema } from './machine.ts';

export const RESULTS_FOLDER = fileURLToPath(new URL('../results', import.meta.url));

export const resultSchema = z.strictObject({
  bench: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** As it was typed. */
  command: z.string(),
  machine: machineSchema,
  tables: z.array(tableSchema),
  /** What a reader of the figures needs to know: what was skipped and why, what is included. */
  notes: z.array(z.string()),
  /** The single measurements, in a form of the bench's own. */
  data: z.unknown(),
});

/** One run of one bench, as kept in `bench/results/`. */
export type BenchResult = z.infer<typeof resultSchema>;

export interface Findings {
  readonly tables: readonly Table[];
  readonly notes: readonly string[];
  readonly data: unknown;
}

/**
 * Prints the tables and keeps everything as `bench/results/<name>.json`.
 * @param name the bench's, or the bench's with the part of it that was measured.
 */
export async function publish(name: string, findings: Findings): Promise<void> {
  const bench = basename(process.argv[1] ?? name, '.bench.ts');
  const result: BenchResult = {
    bench: name,
    at: new Date().toISOString(),
    command: ['npm run bench --', bench, ...process.argv.slice(2)].join(' '),
    machine: await describeMachine(),
    tables: [...findings.tables],
    notes: [...findings.notes],
    data: findings.data,
  };
  console.log(`\n${machineLine(result.machine)}\n`);
  for (const table of result.tables) console.log(`${renderTable(table)}\n`);
  for (const note of result.notes) console.log(`· ${note}`);
  await mkdir(RESULTS_FOLDER, { recursive: true });
  const path = join(RESULTS_FOLDER, `${name}.json`);
  await writeFile(path, `${JSON.stringify(result, undefined, 1)}\n`);
  console.log(`\nKept as ${path}`);
}

/** Every kept result in alphabetical order; none where nothing was measured yet. */
export async function readResults(): Promise<BenchResult[]> {
  const names = await readdir(RESULTS_FOLDER).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (name) =>
      resultSchema.parse(JSON.parse(await readFile(join(RESULTS_FOLDER, name), 'utf8'))),
    ),
  );
}
