import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { requireBuild } from './support/rig.ts';

/*
 * `rockpool bench` of this checkout, compiled: what people call is what is measured.
 */

requireBuild();
const program = fileURLToPath(new URL('../dist/cli/rockpool.js', import.meta.url));
const gate = spawn(process.execPath, [program, 'bench', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// Ctrl+C reaches the gate too, which ends by itself when it has written what there is.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => gate.kill('SIGTERM'));
const [code] = await once(gate, 'exit');
process.exitCode = code ?? 2;
