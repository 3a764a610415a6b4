import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { type Environment, parseEnvironment } from '../protocol/environment.ts';
import type { GameId } from '../protocol/ids.ts';
import { WINDOW_LIMIT_MS } from '../renderer/desktop/window-limit.ts';
import { BUILT_IN_GAMES } from '../renderer/game-catalogue.ts';

const portRangeSchema = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'two ports joined by a dash, such as 40000-40100')
  .transform((text) => text.split('-').map(Number) as [number, number])
  .refine(([low, high]) => low >= 1024 && high <= 65_535 && low <= high, {
    error: 'ports between 1024 and 65535, the lower first',
  });

const playoutDelaySchema = z
  .string()
  .regex(/^\d{1,5}-\d{1,5}$/, 'two numbers of milliseconds joined by a dash, such as 0-100')
  .transform((text) => text.split('-').map(Number) as [number, number])
  .refine(
    ([least, most]) => least <= most && most <= 40_950 && least % 10 === 0 && most % 10 === 0,
    {
      error: 'multiples of 10 up to 40950, the lower first',
    },
  );

const listSchema = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** As in PATH: a comma is a common part of a folder's name, a colon is not. */
const foldersSchema = z.string().transform((text) => text.split(':').filter((path) => path !== ''));

const builtInGamesSchema = z.array(z.custom<GameId>((id) => BUILT_IN_GAMES.has(id as GameId)));

const runtimesSchema = z.array(z.enum(['linux', 'web']));

const flagSchema = z
  .enum(['true', 'false'], { error: 'true or false' })
  .transform((text) => text === 'true');

const PRICE_RULE = 'a number from 0 to 1000000';
const SPECTATORS_RULE = 'a whole number from 0 to 50';
const WINDOW_RULE = 'a whole number of seconds from 1 to 3600';
const CACHE_RULE = 'a number of gigabytes from 0.1 to 100000';
const DELAY_RULE = 'a whole number of milliseconds from 0 to 1000';
const DRAIN_RULE = 'a whole number of seconds from 0 to 86400';

const delayMsSchema = z.coerce
  .number({ error: DELAY_RULE })
  .int(DELAY_RULE)
  .min(0, DELAY_RULE)
  .max(1000, DELAY_RULE)
  .default(0);

/** Configuration of a container. */
export interface ContainerConfig {
  /** Whole path of the folder of everything that outlives the process: identity, saves, rendered covers. */
  readonly dataFolder: string;
  readonly logLevel: string;
  readonly signalingUrl: string;
  readonly joinToken: string | undefined;
  readonly name: string;
  readonly region: string;
  /** Sessions at once; undefined: as many as the measured encoders sustain. */
  readonly slots: number | undefined;
  /** Of one session, in the pool's own unit; 0 is free. */
  readonly pricePerHour: number;
  /** How long running sessions may go on when the container is told to stop, in milliseconds. */
  readonly drainMs: number;
  /** FFmpeg names of the encoders to use, in this order; undefined: the whole ladder. */
  readonly encoders: readonly string[] | undefined;
  /** Whether peers are offered this machine's loopback address alone; undefined: decided by the command. */
  readonly loopbackOnly: boolean | undefined;
  readonly publicAddresses: readonly string[];
  readonly udpPorts: readonly [number, number] | undefined;
  /** Least and most milliseconds that a browser may hold a picture back. */
  readonly playoutDelayMs: readonly [number, number];
  /** Folders that are builds or hold some. */
  readonly games: readonly string[];
  /** Which of the games built into Rockpool are offered; `rockpool run` offers its build alone. */
  readonly builtInGames: readonly GameId[];
  /** Whether builds that ask for the network get it. */
  readonly allowNetwork: boolean;
  /** How long builds may take to show a window, milliseconds. */
  readonly windowLimitMs: number;
  /** Guests who may watch one session at once. */
  readonly maxSpectators: number;
  /** How much later than they are stages of a frame end, to try the latency accounting on. */
  readonly delays: { readonly renderMs: number; readonly encodeMs: number };
  /** Whether packages that builds name are installed where that needs no password. */
  readonly installPackages: boolean;
  /** Kinds of studios' builds that are played here, where the machine can; none: no builds of studios. */
  readonly runtimes: readonly ('linux' | 'web')[];
  /** For studios' builds; half of it for blobs, half for builds put together. */
  readonly buildCacheBytes: number;
}

/** The container's part of the environment, as its configuration. */
export const containerConfigSchema = z
  .object({
    ROCKPOOL_DATA: z.string().default('./data'),
    ROCKPOOL_LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info'),
    ROCKPOOL_SIGNALING_URL: z
      .url({ protocol: /^https?$/, error: 'an http:// or https:// address' })
      .default('http://127.0.0.1:8080'),
    ROCKPOOL_JOIN_TOKEN: z
      .string()
      .min(16, '16 to 512 characters')
      .max(512, '16 to 512 characters')
      .optional(),
    ROCKPOOL_NAME: z
      .string()
      .max(80)
      .default(() => hostname().slice(0, 80) || 'container'),
    ROCKPOOL_REGION: z.string().max(40).default('local'),
    ROCKPOOL_SLOTS: z.coerce
      .number({ error: 'a whole number from 1 to 1024' })
      .int('a whole number from 1 to 1024')
      .min(1, 'a whole number from 1 to 1024')
      .max(1024, 'a whole number from 1 to 1024')
      .optional(),
    ROCKPOOL_PRICE: z.coerce
      .number({ error: PRICE_RULE })
      .min(0, PRICE_RULE)
      .max(1_000_000, PRICE_RULE)
      .default(0),
    ROCKPOOL_DRAIN_SECONDS: z.coerce
      .number({ error: DRAIN_RULE })
      .int(DRAIN_RULE)
      .min(0, DRAIN_RULE)
      .max(86_400, DRAIN_RULE)
      .default(600),
    ROCKPOOL_ENCODERS: listSchema.optional(),
    ROCKPOOL_LOOPBACK_ONLY: flagSchema.optional(),
    ROCKPOOL_PUBLIC_ADDRESSES: listSchema
      .pipe(z.array(z.union([z.ipv4(), z.ipv6()], { error: 'IP addresses joined by commas' })))
      .default([]),
    ROCKPOOL_UDP_PORTS: portRangeSchema.optional(),
    ROCKPOOL_PLAYOUT_DELAY_MS: playoutDelaySchema.default([0, 0]),
    ROCKPOOL_SPECTATORS: z.coerce
      .number({ error: SPECTATORS_RULE })
      .int(SPECTATORS_RULE)
      .min(0, SPECTATORS_RULE)
      .max(50, SPECTATORS_RULE)
      .default(8),
    ROCKPOOL_DELAY_RENDER_MS: delayMsSchema,
    ROCKPOOL_DELAY_ENCODE_MS: delayMsSchema,
    ROCKPOOL_GAMES: foldersSchema.default([]),
    ROCKPOOL_BUILT_IN_GAMES: z
      .union([z.literal('none').transform(() => []), listSchema.pipe(builtInGamesSchema)], {
        error: `${[...BUILT_IN_GAMES.keys()].join(', ')}, some joined by commas, or none`,
      })
      .default([...BUILT_IN_GAMES.keys()]),
    ROCKPOOL_ALLOW_NETWORK: flagSchema.default(false),
    ROCKPOOL_WINDOW_SECONDS: z.coerce
      .number({ error: WINDOW_RULE })
      .int(WINDOW_RULE)
      .min(1, WINDOW_RULE)
      .max(3600, WINDOW_RULE)
      .default(WINDOW_LIMIT_MS / 1000),
    ROCKPOOL_INSTALL_PACKAGES: z
      .enum(['auto', 'false'], { error: 'auto or false' })
      .transform((text) => text === 'auto')
      .default(true),
    ROCKPOOL_RUNTIMES: z
      .union([z.literal('none').transform(() => []), listSchema.pipe(runtimesSchema)], {
        error: 'linux, web, both joined by a comma, or none',
      })
      .default(['linux', 'web']),
    ROCKPOOL_BUILD_CACHE_GB: z.coerce
      .number({ error: CACHE_RULE })
      .min(0.1, CACHE_RULE)
      .max(100_000, CACHE_RULE)
      .default(20),
  })
  .transform(
    (values): ContainerConfig => ({
      dataFolder: resolve(values.ROCKPOOL_DATA),
      logLevel: values.ROCKPOOL_LOG_LEVEL,
      signalingUrl: values.ROCKPOOL_SIGNALING_URL,
      joinToken: values.ROCKPOOL_JOIN_TOKEN,
      name: values.ROCKPOOL_NAME,
      region: values.ROCKPOOL_REGION,
      slots: values.ROCKPOOL_SLOTS,
      pricePerHour: values.ROCKPOOL_PRICE,
      drainMs: values.ROCKPOOL_DRAIN_SECONDS * 1000,
      encoders: values.ROCKPOOL_ENCODERS,
      loopbackOnly: values.ROCKPOOL_LOOPBACK_ONLY,
      publicAddresses: values.ROCKPOOL_PUBLIC_ADDRESSES,
      udpPorts: values.ROCKPOOL_UDP_PORTS,
      playoutDelayMs: values.ROCKPOOL_PLAYOUT_DELAY_MS,
      maxSpectators: values.ROCKPOOL_SPECTATORS,
      delays: {
        renderMs: values.ROCKPOOL_DELAY_RENDER_MS,
        encodeMs: values.ROCKPOOL_DELAY_ENCODE_MS,
      },
      games: values.ROCKPOOL_GAMES,
      builtInGames: values.ROCKPOOL_BUILT_IN_GAMES,
      allowNetwork: values.ROCKPOOL_ALLOW_NETWORK,
      windowLimitMs: values.ROCKPOOL_WINDOW_SECONDS * 1000,
      installPackages: values.ROCKPOOL_INSTALL_PACKAGES,
      runtimes: values.ROCKPOOL_RUNTIMES,
      buildCacheBytes: values.ROCKPOOL_BUILD_CACHE_GB * 1e9,
    }),
  );

/** Whether stages are to end later than they do. */
export function isDelayed({ renderMs, encodeMs }: ContainerConfig['delays']): boolean {
  return renderMs > 0 || encodeMs > 0;
}

/** @throws RockpoolError `bad-configuration` that lists every problem. */
export function readContainerConfig(environment: Environment): ContainerConfig {
  return parseEnvironment(containerConfigSchema, environment);
}
