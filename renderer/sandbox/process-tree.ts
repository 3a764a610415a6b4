import { readdir } from 'node:fs/promises';
import { processStat } from './owner-mark.ts';

/** A process and all below it; orphans inside a PID namespace are children of its first process. */
export async function treeOf(root: number): Promise<number[]> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number((await processStat(pid))?.[1] ?? 0);
    const siblings = children.get(parent);
    if (siblings) siblings.push(pid);
    else children.set(parent, [pid]);
  }
  const found = [root];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}
