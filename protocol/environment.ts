import type { z } from 'zod';
import { RockpoolError } from './errors.ts';

/** Every variable a Rockpool process reads; anything else that starts with ROCKPOOL_ is a typo. */
export const ENVIRONMENT_VARIABLES = [
  'DATABASE_URL',
  'REDIS_URL',
  'FFMPEG_BIN',
  'ROCKPOOL_HOST',
  'ROCKPOOL_PORT',
  'ROCKPOOL_DATA',
  'ROCKPOOL_LOG_LEVEL',
  'ROCKPOOL_ORIGINS',
  'ROCKPOOL_ICE_SERVERS',
  'ROCKPOOL_TURN_URLS',
  'ROCKPOOL_TURN_SECRET',
  'ROCKPOOL_RELAY_ONLY',
  'ROCKPOOL_JOIN_TOKEN',
  'ROCKPOOL_SIGNALING_URL',
  'ROCKPOOL_NAME',
  'ROCKPOOL_REGION',
  'ROCKPOOL_SLOTS',
  'ROCKPOOL_PRICE',
  'ROCKPOOL_DRAIN_SECONDS',
  'ROCKPOOL_ENCODERS',
  'ROCKPOOL_LOOPBACK_ONLY',
  'ROCKPOOL_PUBLIC_ADDRESSES',
  'ROCKPOOL_UDP_PORTS',
  'ROCKPOOL_PLAYOUT_DELAY_MS',
  'ROCKPOOL_SPECTATORS',
  'ROCKPOOL_DELAY_RENDER_MS',
  'ROCKPOOL_DELAY_ENCODE_MS',
  'ROCKPOOL_GAMES',
  'ROCKPOOL_BUILT_IN_GAMES',
  'ROCKPOOL_ALLOW_NETWORK',
  'ROCKPOOL_INSTALL_PACKAGES',
  'ROCKPOOL_WINDOW_SECONDS',
  'ROCKPOOL_RUNTIMES',
  'ROCKPOOL_BUILD_CACHE_GB',
  'ROCKPOOL_PREWARM',
  'ROCKPOOL_HISTORY_DAYS',
  'ROCKPOOL_PUBLIC_URL',
  'ROCKPOOL_NODE',
  'ROCKPOOL_SIGNING_KEY',
  'ROCKPOOL_PROXIES',
  'ROCKPOOL_BLOBS',
  'ROCKPOOL_STUDIO_QUOTA_GB',
  'ROCKPOOL_URL',
  'ROCKPOOL_TOKEN',
] as const;

/** Variables that may hold a secret: a problem with one does not repeat its value. */
const SECRET_VARIABLES: ReadonlySet<string> = new Set<EnvironmentVariable>([
  'DATABASE_URL',
  'REDIS_URL',
  'ROCKPOOL_ICE_SERVERS',
  'ROCKPOOL_TURN_SECRET',
  'ROCKPOOL_JOIN_TOKEN',
  'ROCKPOOL_SIGNING_KEY',
  'ROCKPOOL_BLOBS',
  'ROCKPOOL_TOKEN',
]);

export type EnvironmentVariable = (typeof ENVIRONMENT_VARIABLES)[number];
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration of one process from its environment. An empty variable counts as unset.
 * @throws RockpoolError `bad-configuration` that lists every problem, one a line.
 */
export function parseEnvironment<T>(schema: z.ZodType<T>, environment: Environment): T {
  const known = new Set<string>(ENVIRONMENT_VARIABLES);
  const problems = new Set<string>();
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === '') continue;
    if (known.has(name)) values[name] = value;
    else if (name.startsWith('ROCKPOOL_')) problems.add(`${name} is not a variable of Rockpool`);
  }
  const result = schema.safeParse(values);
  if (!result.success) {
    for (const issue of result.error.issues) {
      const name = String(issue.path[0] ?? 'environment');
      const value = SECRET_VARIABLES.has(name) ? '…' : (values[name] ?? '');
      problems.add(`${name}=${value}: ${issue.message}`);
    }
  }
  if (!result.success || problems.size > 0) {
    throw new RockpoolError(
      'bad-configuration',
      `The configuration has ${problems.size === 1 ? 'a problem' : 'problems'}:\n${[...problems]
        .map((problem) => `  ${problem}`)
        .join('\n')}\nEvery variable is explained in docs/configuration.md.`,
    );
  }
  return result.data;
}
