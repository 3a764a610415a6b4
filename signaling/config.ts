import { z } from 'zod';
import { type Environment, parseEnvironment } from '../protocol/environment.ts';
import { type IceServer, iceServerSchema } from '../protocol/session-signal.ts';

/** Stands for a store that remembers nothing beyond its process. */
export const MEMORY_URL = 'memory:';

/** Configuration of the signaling process. */
export interface SignalingConfig {
  /** Address to bind. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Folder of everything that outlives the process: keys, join token, covers. */
  readonly dataFolder: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Origins allowed besides the server's own. */
  readonly origins: readonly string[];
  readonly iceServers: readonly IceServer[];
  /** Where several nodes share what they remember, or {@link MEMORY_URL}; undefined: in the data folder. */
  readonly databaseUrl: string | undefined;
  /** Undefined: made on first start and kept in the data folder. */
  readonly joinToken: string | undefined;
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const PORT_RULE = 'a whole number from 0 (any free port) to 65535';
const ORIGIN_RULE = 'origins joined by commas, such as https://play.example.org';
const ICE_RULE = 'a JSON array such as [{"urls":["stun:stun.example.org:3478"]}]';
const DATABASE_RULE = `an address such as postgres://user:password@host:5432/rockpool, or ${MEMORY_URL}`;
const JOIN_TOKEN_RULE = '16 to 512 characters';

function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
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
    ROCKPOOL_ICE_SERVERS: z.string().transform(parseIceServers).default([]),
    DATABASE_URL: z
      .union([z.literal(MEMORY_URL), z.url({ protocol: /^postgres(ql)?$/ })], {
        error: DATABASE_RULE,
      })
      .optional(),
    ROCKPOOL_JOIN_TOKEN: z.string().min(16, JOIN_TOKEN_RULE).max(512, JOIN_TOKEN_RULE).optional(),
  })
  .transform(
    (values): SignalingConfig => ({
      host: values.ROCKPOOL_HOST,
      port: values.ROCKPOOL_PORT,
      dataFolder: values.ROCKPOOL_DATA,
      logLevel: values.ROCKPOOL_LOG_LEVEL,
      origins: values.ROCKPOOL_ORIGINS,
      iceServers: values.ROCKPOOL_ICE_SERVERS,
      databaseUrl: values.DATABASE_URL,
      joinToken: values.ROCKPOOL_JOIN_TOKEN,
    }),
  );

/** @throws RockpoolError `bad-configuration` that lists every problem, one a line. */
export function readSignalingConfig(environment: Environment): SignalingConfig {
  return parseEnvironment(signalingConfigSchema, environment);
}
