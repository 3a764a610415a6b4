import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { renderSection, replaceSections } from './support/report.ts';
import { readResults } from './support/results.ts';
import { runBench, Skip } from './support/run-bench.ts';

/* Writes what the benches measured into the page that documents them. */

const PAGE = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

await runBench(async () => {
  const results = await readResults();
  if (results.length === 0) throw new Skip('nothing was measured yet: bench/results/ is empty.');
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, replaceSections(page, results.map(renderSection)));
  console.log(`${PAGE}: ${results.map(({ bench }) => bench).join(', ')}`);
});
