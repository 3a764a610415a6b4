// `npm test`: every check there is, cheapest first, all of them run even when one fails; closes
// with the totals and exits non-zero on any failure.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, ROOT, setUp } from './setup.mjs';
import { TO_TEST } from './system-packages.mjs';

await setUp(TO_TEST);

const totals = { passed: 0, failed: 0, skipped: 0 };
const skippedNames = [];

function step(title, command, args) {
  console.log(`\n── ${title}`);
  const started = process.hrtime.bigint();
  const { status } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(`── ${title}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds.toFixed(1)} s)`);
  return status === 0;
}

function check(title, script, args) {
  if (step(title, process.execPath, [script, ...args])) totals.passed++;
  else totals.failed++;
}

/** Runs vitest projects together and adds what their report counts. */
function suite(title, ...projects) {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-test-'));
  const report = join(folder, 'report.json');
  const ok = step(title, process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...projects.map((project) => `--project=${project}`),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
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
    console.error(`${title} left no report: ${error.message}`);
  }
  // A file that does not load, or an error outside any test, fails the run without a failed test.
  if (!ok && totals.failed === before) totals.failed++;
  rmSync(folder, { recursive: true, force: true });
}

check('format and lint', 'node_modules/@biomejs/biome/bin/biome', [
  'check',
  '--error-on-warnings',
  '.',
]);
check('types', 'node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
suite('unit, contract and integration tests', 'unit', 'own-process');
build();
suite('end-to-end tests', 'e2e');

for (const name of skippedNames) console.log(`skipped: ${name}`);
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
