// `npm start`: set up, build, run the compiled program in this process (signals reach it directly).
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, ROOT, setUp } from './setup.mjs';
import { ensureSystemPackages, TO_PLAY, TO_SHOW } from './system-packages.mjs';

await setUp(TO_PLAY);
ensureSystemPackages(TO_SHOW);
build();
// The builds that come along are there to be tried; whoever names folders gets those alone.
const examples = join(ROOT, 'examples');
if (process.env.ROCKPOOL_GAMES === undefined && existsSync(examples)) {
  process.env.ROCKPOOL_GAMES = examples;
}
process.argv.splice(2, 0, 'up');
await import('../dist/cli/rockpool.js');
