import { join } from 'node:path';
import type { Logger } from 'pino';
import { MEMORY_URL, type SignalingConfig } from '../config.ts';
import { MemoryStore } from './memory-store.ts';
import type { Store } from './store.ts';

/**
 * The store that the configuration names: Postgres, none that lasts, or else one in the data folder. What
 * the others need is not loaded.
 * @throws RockpoolError where it cannot be opened.
 */
export async function openStore(
  { databaseUrl, dataFolder }: Pick<SignalingConfig, 'databaseUrl' | 'dataFolder'>,
  log: Logger,
): Promise<Store> {
  if (databaseUrl === MEMORY_URL) return new MemoryStore();
  if (databaseUrl !== undefined) {
    const { openPostgresStore } = await import('./postgres-store.ts');
    return openPostgresStore({ url: databaseUrl, log });
  }
  const { openPgliteStore } = await import('./pglite-store.ts');
  return openPgliteStore({ folder: join(dataFolder, 'store'), log });
}
