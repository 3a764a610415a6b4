// `npm run bench -- NAME …`: set up, build, run one measurement from bench/.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, ROOT, setUp } from './setup.mjs';
import { TO_MEASURE } from './system-packages.mjs';

const [name, ...args] = process.argv.slice(2);
const script = join(ROOT, 'bench', `${name}.bench.ts`);
if (!name || !existsSync(script)) {
  const names = readdirSync(join(ROOT, 'bench'))
    .filter((file) => file.endsWith('.bench.ts'))
    .map((file) => file.replace('.bench.ts', ''));
  console.error(`Which measurement? npm run bench -- ${names.join(' | ')}`);
  process.exit(1);
}
await setUp(TO_MEASURE);
build();
const { status } = spawnSync(process.execPath, ['--import', 'tsx', script, ...args], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exit(status ?? 1);
