import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** Bundles a module of `bench/page/` with what it imports into one script for a page. */
export async function bundlePageScript(module: URL): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      rolldownOptions: { input: fileURLToPath(module), output: { format: 'iife' } },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  for (const bundle of outputs) {
    if (!('output' in bundle)) continue;
    const [entry] = bundle.output;
    return entry.code;
  }
  throw new Error(`${module.pathname} was not bundled.`);
}
