import { readdir, readFile } from 'node:fs/promises';
import { runProgram } from './system-program.ts';

const MIB = 2 ** 20;

/** Memory of the largest GPU, in bytes; undefined where there is none or nobody can tell. */
export async function readGpuMemory(
  run = runProgram,
  drmFolder = '/sys/class/drm',
): Promise<number | undefined> {
  const sizes = [...(await askNvidia(run)), ...(await readDrm(drmFolder))];
  return sizes.length === 0 ? undefined : Math.max(...sizes);
}

/** NVIDIA's driver tells its own program only. */
async function askNvidia(run: typeof runProgram): Promise<number[]> {
  const query = ['--query-gpu=memory.total', '--format=csv,noheader,nounits'];
  const { code, output } = await run(['nvidia-smi', ...query]).ended;
  if (code !== 0) return [];
  return output
    .split('\n')
    .filter((line) => /^\s*\d+\s*$/.test(line))
    .map((line) => Number(line) * MIB);
}

/** AMD's driver tells everybody, in bytes. */
async function readDrm(folder: string): Promise<number[]> {
  const cards = await readdir(folder).catch(() => []);
  const texts = cards.map((card) =>
    readFile(`${folder}/${card}/device/mem_info_vram_total`, 'utf8').catch(() => ''),
  );
  return (await Promise.all(texts)).map(Number).filter((bytes) => bytes > 0);
}
