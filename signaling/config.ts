import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Environment, parseEnvironment } from '../protocol/environment.ts';
import { type IceServer, iceServerSchema } from '../protocol/session-signal.ts';
import { type BlobPlace, readBlobPlace } from './studio/blobs/blob-place.ts';

/** Stands for a store that remembers nothing beyond its process. */
export const MEMORY_URL = 'memory:';

/** Configuration of the signaling process. */
export interface SignalingConfig {
  /** Address to bind. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Whole path of the folder of everything that outlives the process: keys, join token, covers. */
  readonly dataFolder: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Origins allowed besides the server's own. */
  readonly origins: readonly string[];
  readonly iceServers: readonly IceServer[];
  /** TURN servers that take credentials made with {@link turnSecret}. */
  readonly turnUrls: readonly string[];
  readonly turnSecret: string | undefined;
  /** Whether players and machines meet at a relay and nowhere else. */
  readonly relayOnly: boolean;
  /** Where several nodes share what they remember, or {@link MEMORY_URL}; undefined: in the data folder. */
  readonly databaseUrl: string | undefined;
  /** Undefined: made on first start and kept in the data folder. */
  readonly joinToken: string | undefined;
  /** How long sessions are remembered. */
  readonly historyDays: number;
  /** Origin under which people reach the pages; undefined: whatever they type. */
  readonly publicUrl: string | undefined;
  /** Where several nodes meet; undefined: this is the only one. */
  readonly redisUrl: string | undefined;
  /** What people call this node. */
  readonly nodeName: string;
  /** 32 bytes as base64url, of all nodes; undefined: made on first start and kept in the data folder. */
  readonly signingKey: string | undefined;
  /** Proxies in a row in front, each of which says for whom it asks. */
  readonly proxies: number;
  /** Where the builds of studios are kept, a folder by its whole path; undefined: in the data folder. */
  readonly blobs: BlobPlace | undefined;
  /** Of each studio: its builds, and what is being uploaded. */
  readonly studioQuotaBytes: number;
  /** Games of studios in each region whose builds idle machines fetch ahead; 0: none. */
  readonly prewarm: number;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const PORT_RULE = 'a whole number from 0 (any free port) to 65535';
const ORIGIN_RULE = 'origins joined by commas, such as https://play.example.org';
const PUBLIC_URL_RULE = 'an origin without a path, such as https://play.example.org';
const TURN_RULE = 'turn: addresses joined by commas, such as turn:turn.example.org:3478';
const ICE_RULE = 'a JSON array such as [{"urls":["stun:stun.example.org:3478"]}]';
const DATABASE_RULE = `an address such as postgres://user:password@host:5432/rockpool, or ${MEMORY_URL}`;
const HISTORY_RULE = 'a whole number of days from 1 to 3650';
const REDIS_RULE = 'an address such as redis://:password@host:6379';
const SIGNING_KEY_RULE =
  '32 random bytes as base64url, such as the content of signing-key in a data folder';
const PROXIES_RULE = 'how many proxies in a row are in front, at most 9';
const BLOBS_RULE =
  'a folder, or a repository of a registry such as https://registry.example.org/rockpool/builds';
const QUOTA_RULE = 'a whole number of gigabytes from 1 to 1000000';
const PREWARM_RULE = 'a whole number of games from 0 to 100';
const JOIN_TOKEN_RULE = '16 to 512 characters';

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function isDatabase(text: string): boolean {
  return text === MEMORY_URL || (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text));
}

function isRedis(text: string): boolean {
  return /^rediss?:\/\//.test(text) && URL.canParse(text);
}

const iceServersSchema = z.array(iceServerSchema);

function parseIceServers(text: string, context: z.RefinementCtx): IceServer[] {
  try {
    return iceServersSchema.parse(JSON.parse(text));
  } catch {
    // Why exactly it is wrong may quote a credential; what is allowed does not.
    context.addIssue(ICE_RULE);
    return z.NEVER;
  }
}

function parseBlobPlace(text: string, context: z.RefinementCtx): BlobPlace {
  const place = readBlobPlace(text);
  if (place?.kind === 'folder') return { ...place, folder: resolve(place.folder) };
  if (place) return place;
  // It may hold a password.
  context.addIssue(BLOBS_RULE);
  return z.NEVER;
}

/** Signaling's part of the environment, as its configuration. */
export const signalingConfigSchema = z
  .object({
    ROCKPOOL_HOST: z.string().default('127.0.0.1'),
    ROCKPOOL_PORT: z
      .string()
      .regex(/^\d{1,5}$/, PORT_RULE)
      .transform(Number)
      .refine((port) => port <= 65_535, PORT_RULE)
      .default(8080),
    ROCKPOOL_DATA: z.string().default('./data'),
    ROCKPOOL_LOG_LEVEL: z
      .enum(LOG_LEVELS, { error: `one of ${LOG_LEVELS.join(', ')}` })
      .default('info'),
    ROCKPOOL_ORIGINS: z
      .string()
      .transform((text) => text.split(',').map((item) => item.trim()))
      .pipe(z.array(z.string().refine(isOrigin, ORIGIN_RULE)))
      .default([]),
    ROCKPOOL_TURN_URLS: z
      .string()
      .transform((text) => text.split(',').map((item) => item.trim()))
      .pipe(z.array(z.string().regex(/^turns?:/, TURN_RULE)))
      .default([]),
    ROCKPOOL_TURN_SECRET: z.string().min(16, JOIN_TOKEN_RULE).max(512, JOIN_TOKEN_RULE).optional(),
    ROCKPOOL_RELAY_ONLY: z
      .enum(['true', 'false'], { error: 'true or false' })
      .transform((text) => text === 'true')
      .default(false),
    ROCKPOOL_ICE_SERVERS: z.string().transform(parseIceServers).default([]),
    DATABASE_URL: z.string().refine(isDatabase, DATABASE_RULE).optional(),
    ROCKPOOL_JOIN_TOKEN: z.string().min(16, JOIN_TOKEN_RULE).max(512, JOIN_TOKEN_RULE).optional(),
    ROCKPOOL_HISTORY_DAYS: z
      .string()
      .regex(/^\d{1,4}$/, HISTORY_RULE)
      .transform(Number)
      .refine((days) => days >= 1 && days <= 3650, HISTORY_RULE)
      .default(90),
    ROCKPOOL_PUBLIC_URL: z
      .string()
      .transform((text) => text.replace(/\/$/, ''))
      .refine(isOrigin, PUBLIC_URL_RULE)
      .optional(),
    REDIS_URL: z.string().refine(isRedis, REDIS_RULE).optional(),
    ROCKPOOL_NODE: z
      .string()
      .max(80, 'at most 80 characters')
      .default(() => hostname().slice(0, 80)),
    ROCKPOOL_SIGNING_KEY: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43,}$/, SIGNING_KEY_RULE)
      .optional(),
    ROCKPOOL_PREWARM: z
      .string()
      .regex(/^\d{1,3}$/, PREWARM_RULE)
      .transform(Number)
      .refine((games) => games <= 100, PREWARM_RULE)
      .default(3),
    ROCKPOOL_PROXIES: z.string().regex(/^\d$/, PROXIES_RULE).transform(Number).default(0),
    ROCKPOOL_BLOBS: z.string().transform(parseBlobPlace).optional(),
    ROCKPOOL_STUDIO_QUOTA_GB: z
      .string()
      .regex(/^\d{1,7}$/, QUOTA_RULE)
      .transform(Number)
      .refine((gigabytes) => gigabytes >= 1 && gigabytes <= 1_000_000, QUOTA_RULE)
      .default(100),
  })
  .superRefine(({ ROCKPOOL_TURN_URLS: urls, ...values }, context) => {
    const missing = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (values.REDIS_URL !== undefined) {
      const shared = {
        ROCKPOOL_SIGNING_KEY: SIGNING_KEY_RULE,
        ROCKPOOL_JOIN_TOKEN: JOIN_TOKEN_RULE,
        DATABASE_URL: DATABASE_RULE,
      } as const;
      for (const [name, rule] of Object.entries(shared)) {
        if (values[name as keyof typeof shared] !== undefined) continue;
        missing(name, `with REDIS_URL every node needs the same: ${rule}`);
      }
    }
    if (urls.length > 0 && values.ROCKPOOL_TURN_SECRET === undefined) {
      missing('ROCKPOOL_TURN_SECRET', 'the secret that the servers of ROCKPOOL_TURN_URLS share');
    }
    const relays = [...urls, ...values.ROCKPOOL_ICE_SERVERS.flatMap((server) => server.urls)];
    if (values.ROCKPOOL_RELAY_ONLY && !relays.some((url) => /^turns?:/.test(url))) {
      missing('ROCKPOOL_RELAY_ONLY', 'needs a relay: set ROCKPOOL_TURN_URLS');
    }
  })
  .transform(
    (values): SignalingConfig => ({
      host: values.ROCKPOOL_HOST,
      port: values.ROCKPOOL_PORT,
      dataFolder: resolve(values.ROCKPOOL_DATA),
      logLevel: values.ROCKPOOL_LOG_LEVEL,
      origins: values.ROCKPOOL_ORIGINS,
      iceServers: values.ROCKPOOL_ICE_SERVERS,
      turnUrls: values.ROCKPOOL_TURN_URLS,
      turnSecret: values.ROCKPOOL_TURN_SECRET,
      relayOnly: values.ROCKPOOL_RELAY_ONLY,
      databaseUrl: values.DATABASE_URL,
      joinToken: values.ROCKPOOL_JOIN_TOKEN,
      historyDays: values.ROCKPOOL_HISTORY_DAYS,
      publicUrl: values.ROCKPOOL_PUBLIC_URL,
      redisUrl: values.REDIS_URL,
      nodeName: values.ROCKPOOL_NODE,
      signingKey: values.ROCKPOOL_SIGNING_KEY,
      proxies: values.ROCKPOOL_PROXIES,
      blobs: values.ROCKPOOL_BLOBS,
      studioQuotaBytes: values.ROCKPOOL_STUDIO_QUOTA_GB * 1e9,
      prewarm: values.ROCKPOOL_PREWARM,
    }),
  );

/** @throws RockpoolError `bad-configuration` that lists every problem, one a line. */
export function readSignalingConfig(environment: Environment): SignalingConfig {
  return parseEnvironment(signalingConfigSchema, environment);
}
