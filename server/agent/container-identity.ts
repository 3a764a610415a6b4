import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContainerId, containerIdSchema } from '../../protocol/ids.ts';

/** The id this container keeps for life, made on first start. */
export async function loadContainerId(dataFolder: string): Promise<ContainerId> {
  const path = join(dataFolder, 'container-id');
  const known = await readFile(path, 'utf8').catch(() => '');
  const parsed = containerIdSchema.safeParse(known.trim());
  if (parsed.success) return parsed.data;
  const containerId = containerIdSchema.parse(randomUUID());
  await mkdir(dataFolder, { recursive: true });
  await writeFile(path, `${containerId}\n`, { mode: 0o600 });
  return containerId;
}
