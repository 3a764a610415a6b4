import { z } from 'zod';
import { RockpoolError } from '../../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

const ANSWER_LIMIT_MS = 10_000;

/** What matters of `GET /healthz`, of whichever release. */
const healthSchema = z.object({
  status: z.enum(['ok', 'starting']),
  protocol: z.int().optional(),
});

/** What matters of `GET /api/games`. */
const gamesSchema = z.object({
  games: z.array(z.object({ id: z.string() })),
});

/**
 * The address of a Rockpool, as the gate uses it.
 * @throws RockpoolError `bad-configuration` where it is none.
 */
export function parseAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw problem(`${text} is no address such as https://play.example.org or http://127.0.0.1:8080.`);
}

/**
 * Makes sure that a Rockpool of this command's protocol version answers.
 * @param name what a person calls it.
 * @throws RockpoolError `bad-configuration` or `protocol-mismatch`, worded for who named it.
 */
export async function checkRockpool(url: URL, name: string = url.origin): Promise<void> {
  const response = await ask(url, '/healthz');
  const health = healthSchema.safeParse(await response.json().catch(() => undefined));
  if (!health.success) {
    throw problem(`What answers at ${url.origin} is not Rockpool. Give the address of its pages.`);
  }
  const { status, protocol } = health.data;
  if (protocol !== undefined && protocol !== PROTOCOL_VERSION) {
    throw new RockpoolError(
      'protocol-mismatch',
      `${name} speaks version ${protocol} of the protocol, this command version ${PROTOCOL_VERSION}: measure it with the rockpool of its own release.`,
    );
  }
  if (status === 'ok') return;
  throw problem(`${name} has no container yet that could play. Add one, or wait for it.`);
}

/**
 * Ids of the games that can be played there.
 * @throws RockpoolError `bad-configuration` where it does not tell.
 */
export async function offeredGames(url: URL): Promise<ReadonlySet<string>> {
  const response = await ask(url, '/api/games');
  const list = gamesSchema.safeParse(await response.json().catch(() => undefined));
  if (list.success) return new Set(list.data.games.map(({ id }) => id));
  throw problem(
    `${url.origin} does not say which games it has (HTTP status ${response.status}). See its log.`,
  );
}

async function ask(url: URL, path: string): Promise<Response> {
  try {
    return await fetch(new URL(path, url), { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  } catch (cause) {
    throw problem(`Nobody answers at ${url.origin}. Is Rockpool running there?`, cause);
  }
}

function problem(message: string, cause?: unknown): RockpoolError {
  return new RockpoolError('bad-configuration', message, { cause });
}
