import { cpSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { PAGE_SCRIPTS } from './gate/browser/page-scripts.ts';

/** Tests of native libraries: what one file opens must not be there for the next. */
const OWN_PROCESS = [
  'test/{contract,renderer}/**/*.test.ts',
  'test/server/{encode,worker}/**/*.test.ts',
  'test/server/agent/worker-process.test.ts',
];

/**
 * End-to-end tests that use no Rockpool but those they start themselves: they run beside the others,
 * which have a Rockpool in common and the machine's sessions to themselves.
 */
const OWN_ROCKPOOL = [
  'e2e/broken-builds.test.ts',
  'e2e/console.test.ts',
  'e2e/failover.test.ts',
  'e2e/gate-report.test.ts',
  'e2e/game-pages.test.ts',
  'e2e/guests.test.ts',
  'e2e/nearness.test.ts',
  'e2e/parts-apart.test.ts',
  'e2e/relay-only.test.ts',
  'e2e/skimmer.test.ts',
  'e2e/studio-accounts.test.ts',
  'e2e/studio-deletion.test.ts',
  'e2e/studio-insight.test.ts',
  'e2e/studio-publish.test.ts',
  'e2e/studio-release.test.ts',
  'e2e/studio-try-out.test.ts',
  'e2e/two-nodes.test.ts',
  'e2e/two-players.test.ts',
];

/** Changes networks of this machine, of which every browser on it is told: nothing runs beside it. */
const ALONE = ['e2e/network-change.test.ts'];

/** Nothing passes or fails by elapsed time: these only end what hangs, and the first says on what. */
const WAIT_MS = 45_000;
const TIMEOUT_MS = 180_000;
const END_TO_END_WAIT_MS = 90_000;
const END_TO_END_TIMEOUT_MS = 600_000;

const LIMITS = { testTimeout: TIMEOUT_MS, expect: { poll: { timeout: WAIT_MS } } };
const END_TO_END_LIMITS = {
  fileParallelism: false,
  // More players at a time than a small machine has cores take turns, and all of them longer.
  maxConcurrency: 2,
  testTimeout: END_TO_END_TIMEOUT_MS,
  hookTimeout: END_TO_END_TIMEOUT_MS,
  expect: { poll: { timeout: END_TO_END_WAIT_MS } },
};

/** What the compiled gate needs beside it: its scripts for pages, and its scenarios. */
function gateParts(): Plugin {
  const gate = join(import.meta.dirname, 'gate');
  const outDir = join(import.meta.dirname, 'dist', 'gate');
  return {
    name: 'rockpool-gate-parts',
    apply: 'build',
    async closeBundle() {
      for (const script of PAGE_SCRIPTS) {
        await build({
          configFile: false,
          logLevel: 'error',
          build: {
            outDir: join(outDir, 'page-scripts'),
            emptyOutDir: false,
            target: 'es2022',
            rolldownOptions: {
              input: join(gate, 'page', `${script}.ts`),
              output: { format: 'iife', entryFileNames: '[name].js' },
            },
          },
        });
      }
      cpSync(join(gate, 'scenarios'), join(outDir, 'scenarios'), { recursive: true });
    },
  };
}

export default defineConfig({
  root: 'client',
  plugins: [gateParts()],
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2022',
    sourcemap: true,
    rolldownOptions: {
      output: {
        // What forbids zod to compile comes with it, before any schema of a chunk that pages share.
        codeSplitting: { groups: [{ name: 'zod', test: /node_modules\/zod\/|zod-without-eval/ }] },
      },
    },
  },
  test: {
    root: import.meta.dirname,
    // Much of a test's time is waiting, so that a processor kept free would be idle.
    maxWorkers: availableParallelism(),
    projects: [
      // Modules are loaded once for all files: no test replaces one, and loading took longer than testing.
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: OWN_PROCESS,
          isolate: false,
          ...LIMITS,
        },
      },
      { test: { name: 'own-process', include: OWN_PROCESS, ...LIMITS } },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: [...OWN_ROCKPOOL, ...ALONE],
          globalSetup: ['e2e/support/page-probe.ts', 'e2e/support/shared-rockpool.ts'],
          ...END_TO_END_LIMITS,
        },
      },
      {
        test: {
          name: 'e2e-own-rockpool',
          include: OWN_ROCKPOOL,
          globalSetup: ['e2e/support/page-probe.ts'],
          ...END_TO_END_LIMITS,
        },
      },
      {
        test: {
          name: 'e2e-alone',
          include: ALONE,
          globalSetup: ['e2e/support/page-probe.ts'],
          ...END_TO_END_LIMITS,
        },
      },
    ],
  },
});
