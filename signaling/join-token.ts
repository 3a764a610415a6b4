import { createHash, timingSafeEqual } from 'node:crypto';
import type { SignalingConfig } from './config.ts';
import { readOrCreateSecret } from './data-folder.ts';

/** The token containers join with: the configured one, else one kept in the data folder. */
export async function readJoinToken(config: SignalingConfig): Promise<string> {
  return config.joinToken ?? (await readOrCreateSecret(config.dataFolder, 'join-token'));
}

/** Takes the same time wherever the two differ; digests make the lengths equal. */
export function isJoinToken(offered: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(offered), digest(expected));
}
