import { defineConfig } from 'vitest/config';

/** Tests of native libraries: what one file opens must not be there for the next. */
const OWN_PROCESS = [
  'test/{contract,renderer}/**/*.test.ts',
  'test/server/{encode,worker}/**/*.test.ts',
  'test/server/agent/worker-process.test.ts',
];

/** Nothing passes or fails by elapsed time: this only ends what hangs. */
const TIMEOUT_MS = 60_000;

export default defineConfig({
  root: 'client',
  build: { outDir: '../dist/client', emptyOutDir: true, target: 'es2022', sourcemap: true },
  test: {
    root: import.meta.dirname,
    projects: [
      // Modules are loaded once for all files: no test replaces one, and loading took longer than testing.
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: OWN_PROCESS,
          isolate: false,
          testTimeout: TIMEOUT_MS,
        },
      },
      { test: { name: 'own-process', include: OWN_PROCESS, testTimeout: TIMEOUT_MS } },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          globalSetup: ['e2e/support/shared-rockpool.ts'],
          fileParallelism: false,
          testTimeout: TIMEOUT_MS,
          hookTimeout: TIMEOUT_MS,
        },
      },
    ],
  },
});
