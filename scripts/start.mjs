// `npm start`: set up, build, run the compiled program in this process (signals reach it directly).
import { build, setUp } from './setup.mjs';
import { TO_PLAY } from './system-packages.mjs';

setUp(TO_PLAY);
build();
process.argv.splice(2, 0, 'up');
await import('../dist/cli/rockpool.js');
