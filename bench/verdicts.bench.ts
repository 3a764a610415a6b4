import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../gate/network/seeded-random.ts';
import type { Table } from '../gate/report/table.ts';
import { parseResult } from '../gate/result.ts';
import { publish } from './support/results.ts';
import { runBench } from './support/run-bench.ts';
import { NOISES, NoisyMachine } from './verdicts/noise-model.ts';
import { drawFrom, recordedRuns } from './verdicts/recorded-runs.ts';
import { type MakeRun, type Tally, tally } from './verdicts/trials.ts';

/*
 * How often the gate is right: comparisons of a version with itself, which must not fail, and with
 * one that is slower by 5 ms, which must. On a model of noise, and on runs that the gate recorded.
 */

const SLOWER_MS = 5;
/** What the gate promises. */
const MOST_FALSE_ALARMS = 0.01;
const LEAST_CAUGHT = 0.95;

interface Source {
  readonly name: string;
  readonly begin: (seed: number) => MakeRun;
}

interface Line {
  readonly pairs: number;
  readonly same: Tally;
  readonly slower: Tally;
}

function keepsPromise({ same, slower }: Line): boolean {
  return (
    same.fail <= MOST_FALSE_ALARMS * same.trials && slower.fail >= LEAST_CAUGHT * slower.trials
  );
}

function percent(count: number, { trials }: Tally): string {
  return `${((100 * count) / trials).toFixed(1)} %`;
}

function tableOf(title: string, lines: readonly Line[]): Table {
  return {
    title,
    head: [
      'pairs of runs',
      'same: fails',
      'passes',
      'undecided',
      'slower: caught',
      'passes',
      'undecided',
      'verdict',
    ],
    rows: lines.map((line) => [
      String(line.pairs),
      ...[line.same.fail, line.same.pass, line.same.undecided].map((n) => percent(n, line.same)),
      ...[line.slower.fail, line.slower.pass, line.slower.undecided].map((n) =>
        percent(n, line.slower),
      ),
      keepsPromise(line) ? 'met' : 'missed',
    ]),
  };
}

await runBench(async () => {
  const { values } = parseArgs({
    options: {
      trials: { type: 'string', default: '200' },
      pairs: { type: 'string', default: '8,12,16,24' },
      figures: { type: 'string', default: 'clickToPhoton.p50Ms,clickToPhoton.p95Ms' },
      /** A result of the gate with many runs of one version. */
      recorded: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [trials, seed] = [Number(values.trials), Number(values.seed)];
  const sources: Source[] = NOISES.map((noise) => ({
    name: `a model of a ${noise.name}`,
    begin: (trial) => {
      const machine = new NoisyMachine(noise, new SeededRandom(seed, trial));
      return (slowerMs) => machine.run(slowerMs);
    },
  }));
  const notes = [
    `${trials} comparisons a cell. "Same" compares a version with itself; "slower" with one in which every input takes ${SLOWER_MS} ms longer. Promised: at most ${100 * MOST_FALSE_ALARMS} % of the first fail, at least ${100 * LEAST_CAUGHT} % of the second do.`,
  ];
  if (values.recorded === undefined) {
    notes.push(
      'SKIPPED recorded runs: record some with rockpool bench --runs 40 --json FILE, and name them with --recorded FILE.',
    );
  } else {
    const result = parseResult(await readFile(values.recorded, 'utf8'), values.recorded);
    for (const recorded of recordedRuns(result)) {
      sources.push({
        name: `${recorded.runs.length} recorded runs of ${recorded.name}`,
        begin: (trial) => drawFrom(recorded, new SeededRandom(seed, trial)),
      });
    }
  }
  const tables: Table[] = [];
  const data: { source: string; figure: string; lines: Line[] }[] = [];
  for (const { name, begin } of sources) {
    console.log(`Judging ${name}…`);
    for (const figure of values.figures.split(',')) {
      const lines = values.pairs.split(',').map((text): Line => {
        const of = (slowerMs: number, salt: number) =>
          tally({
            trials,
            pairs: Number(text),
            slowerMs,
            figure,
            begin: (trial) => begin(2 * trial + salt),
          });
        return { pairs: Number(text), same: of(0, 0), slower: of(SLOWER_MS, 1) };
      });
      tables.push(tableOf(`${figure}, ${name}`, lines));
      data.push({ source: name, figure, lines });
      const enough = lines.find(keepsPromise);
      notes.push(
        `${figure}, ${name}: ${enough ? `${enough.pairs} pairs of runs keep the promise` : 'no number of pairs tried keeps the promise'}.`,
      );
    }
  }
  await publish('verdicts', { tables, notes, data });
});
