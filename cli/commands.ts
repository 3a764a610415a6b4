import { fileURLToPath } from 'node:url';
import { type DestinationStream, type Logger, pino } from 'pino';
import { z } from 'zod';
import { consoleLink } from '../protocol/console-token.ts';
import { type Environment, parseEnvironment } from '../protocol/environment.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { BUILT_IN_GAMES } from '../renderer/game-catalogue.ts';
import type { Container } from '../server/agent/container.ts';
import { startContainer } from '../server/agent/container-agent.ts';
import { LogRing } from '../server/agent/log-ring.ts';
import {
  type ContainerConfig,
  containerConfigSchema,
  readContainerConfig,
} from '../server/config.ts';
import { readSignalingConfig, signalingConfigSchema } from '../signaling/config.ts';
import { type SignalingServer, startSignaling } from '../signaling/signaling-server.ts';
import type { Running } from './lifecycle.ts';
import { localAddress } from './local-address.ts';
import { say } from './say.ts';

/** The built pages: beside this folder both in the source tree's `dist` and in an installed package. */
const CLIENT_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../dist/client' : '../client', import.meta.url),
);

/** @param kept gets every line, too. */
function createLog(level: string, kept?: DestinationStream): Logger {
  // Standard output is for what a person or script waits for; the log goes to standard error.
  const streams = [pino.destination(2), ...(kept ? [kept] : [])];
  // The level of the log alone decides what is written.
  const all = streams.map((stream) => ({ stream, level: 'trace' as const }));
  return pino({ level, base: null }, pino.multistream(all));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

/** Signaling and one container, joined. */
export interface Both extends Running {
  readonly container: Container;
  /** Where the pages are. */
  readonly url: string;
  /** As {@link SignalingServer} says. */
  readonly signInLink: string | undefined;
}

/** Signaling and one container in one process, on one machine. */
export async function startUp(
  environment: Environment,
  fail: (error: Error) => void,
  signal: AbortSignal,
): Promise<Running> {
  const both = await startBoth(environment, fail, signal);
  saySignInLink(both);
  say(`Console: ${consoleLink(both.url, await both.container.consoleToken())}`);
  say(`Rockpool is ready: ${both.url}`);
  return both;
}

/** @param overrides of the container's configuration. */
export async function startBoth(
  environment: Environment,
  fail: (error: Error) => void,
  signal: AbortSignal,
  overrides: Partial<ContainerConfig> = {},
): Promise<Both> {
  // Both configurations in one parse, so that all problems of both are told at once.
  const schema = z.intersection(signalingConfigSchema, containerConfigSchema);
  const config = parseEnvironment(schema, environment);
  const log = createLog(config.logLevel);
  const signaling = await startSignaling(config, {
    log,
    clientFolder: CLIENT_FOLDER,
    builtInGames: new Set(BUILT_IN_GAMES.keys()),
  });
  try {
    say('Measuring this machine…');
    const recentLog = new LogRing([signaling.joinToken]);
    const container = await startContainer(
      {
        ...config,
        signalingUrl: `http://${localAddress(config.host)}:${signaling.port}`,
        joinToken: signaling.joinToken,
        loopbackOnly: config.loopbackOnly ?? isLoopback(config.host),
        ...overrides,
      },
      createLog(config.logLevel, recentLog),
      fail,
      signal,
      recentLog,
    );
    for (const advice of container.advice) say(advice);
    await container.joined;
    const close = async () => {
      await container.close('pool-closing');
      await signaling.close();
    };
    const { url, signInLink } = signaling;
    return { container, url, signInLink, close };
  } catch (error) {
    await signaling.close();
    throw error;
  }
}

export async function startSignalingCommand(environment: Environment): Promise<Running> {
  const config = readSignalingConfig(environment);
  const log = createLog(config.logLevel);
  const signaling = await startSignaling(config, {
    log,
    clientFolder: CLIENT_FOLDER,
    builtInGames: new Set(BUILT_IN_GAMES.keys()),
  });
  say(
    `To add a container: rockpool container --join ${signaling.url} --token=${signaling.joinToken}`,
  );
  saySignInLink(signaling);
  say(`Rockpool signaling is ready: ${signaling.url}`);
  return signaling;
}

function saySignInLink({ signInLink }: Pick<SignalingServer, 'signInLink'>): void {
  if (signInLink) say(`Studio, for its owner, once within 24 hours: ${signInLink}`);
}

export async function startContainerCommand(
  environment: Environment,
  fail: (error: Error) => void,
  signal: AbortSignal,
): Promise<Running> {
  const config = readContainerConfig(environment);
  if (config.joinToken === undefined) {
    throw new RockpoolError(
      'bad-configuration',
      'A container needs a join token: --token or ROCKPOOL_JOIN_TOKEN. Signaling prints it at start.',
    );
  }
  const recentLog = new LogRing([config.joinToken]);
  const log = createLog(config.logLevel, recentLog);
  const container = await startContainer(config, log, fail, signal, recentLog);
  for (const advice of container.advice) say(advice);
  say(`Joining ${config.signalingUrl}…`);
  await container.joined;
  say(`Console: ${consoleLink(config.signalingUrl, await container.consoleToken())}`);
  say(`This container serves ${config.signalingUrl}`);
  return {
    drain: async () => {
      say('No new games from now on. Those being played may end; a second signal ends them.');
      await container.drain(config.drainMs);
    },
    close: () => container.close(),
  };
}
