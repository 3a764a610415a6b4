// Puts each program that is started often into a few files, over what was compiled: of one that is made
// of a thousand modules, node finds and reads the modules for a second and more of a processor.
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));

const PROGRAMS = [
  'cli/rockpool',
  'server/worker/probe-worker',
  'server/worker/session-worker',
  'server/worker/try-out-worker',
];

/** Packages that look for files beside their own, or are loaded by the few who need them. */
const APART = [
  '@electric-sql/pglite',
  'fluent-ffmpeg',
  'hdr-histogram-js',
  'node-av',
  'pg-native',
  'puppeteer-core',
  'sharp',
  'webgpu',
  'x11',
];

/**
 * Lets each module know itself by the address that it was compiled to.
 * @param folder where the program's files lie.
 */
function ownAddresses(folder) {
  return {
    name: 'rockpool-own-addresses',
    transform(code, id) {
      if (!id.startsWith(DIST + sep) || !code.includes('import.meta.url')) return undefined;
      const path = relative(folder, id).split(sep).join('/');
      const address = `new URL(${JSON.stringify(path)}, import.meta.url).href`;
      return { code: code.replaceAll('import.meta.url', `(${address})`), map: null };
    },
  };
}

for (const program of PROGRAMS) {
  const entry = join(DIST, `${program}.js`);
  await build({
    root: DIST,
    configFile: false,
    logLevel: 'warn',
    plugins: [ownAddresses(dirname(entry))],
    ssr: { noExternal: true, external: APART },
    build: {
      ssr: entry,
      outDir: dirname(entry),
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: { output: { chunkFileNames: '[name]-[hash].js' } },
    },
  });
}
