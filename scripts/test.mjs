// `npm test`: every check there is, cheapest first, all of them run even when one fails; closes
// with the totals and exits non-zero on any failure.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, ROOT, setUp } from './setup.mjs';
import { TO_TEST } from './system-packages.mjs';

await setUp(TO_TEST);

const totals = { passed: 0, failed: 0, skipped: 0 };
const skippedNames = [];

/** Runs something under a title. @returns whether it was well. */
async function step(title, run) {
  console.log(`\n── ${title}`);
  const started = process.hrtime.bigint();
  const ok = await run();
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(`── ${title}: ${ok ? 'ok' : 'FAILED'} (${seconds.toFixed(1)} s)`);
  return ok;
}

/** Runs one of node's programs. @param name before each of its lines, where several run at a time. */
async function succeeds(args, name) {
  const stdio = name === undefined ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', (line) => print(`${name} │ ${line}`));
  }
  const [code] = await once(child, 'close');
  return code === 0;
}

function print(line) {
  console.log(line.trimEnd());
}

async function check(title, script, args) {
  if (await step(title, () => succeeds([script, ...args]))) totals.passed++;
  else totals.failed++;
}

/**
 * Runs vitest projects and adds what their reports count.
 * @param lanes projects of each run; the runs are side by side, under the name of their first project.
 */
async function suite(title, ...lanes) {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-test-'));
  await step(title, async () => {
    const runs = lanes.map((projects) =>
      vitest(projects, join(folder, `${projects[0]}.json`), lanes.length > 1),
    );
    return (await Promise.all(runs)).every((ok) => ok);
  });
  rmSync(folder, { recursive: true, force: true });
}

async function vitest(projects, report, besideOthers) {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const ok = await succeeds(args, besideOthers ? projects[0] : undefined);
  const failed = count(report, projects);
  // A file that does not load, or an error outside any test, fails the run without a failed test.
  if (!ok && failed === 0) totals.failed++;
  return ok && failed === 0;
}

/** Adds what a report counts. @returns what failed of it. */
function count(report, projects) {
  const before = totals.failed;
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    totals.passed += result.numPassedTests;
    totals.failed += result.numFailedTests;
    totals.skipped += result.numPendingTests + result.numTodoTests;
    for (const file of result.testResults) {
      for (const test of file.assertionResults) {
        if (test.status === 'pending' || test.status === 'skipped')
          skippedNames.push(test.fullName);
      }
    }
    if (result.numTotalTests === 0) totals.failed++;
  } catch (error) {
    console.error(`${projects.join(', ')} left no report: ${error.message}`);
    totals.failed++;
  }
  return totals.failed - before;
}

await check('format and lint', 'node_modules/@biomejs/biome/bin/biome', [
  'check',
  '--error-on-warnings',
  '.',
]);
await check('types', 'node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
await suite('unit, contract and integration tests', ['unit', 'own-process']);
build();
await suite('end-to-end tests', ['e2e'], ['e2e-own-rockpool']);
await suite('end-to-end tests that change networks', ['e2e-alone']);

for (const name of skippedNames) console.log(`skipped: ${name}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
