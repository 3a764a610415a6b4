import { z } from 'zod';
import type { Environment } from '../protocol/environment.ts';
import {
  type IssueRequest,
  issuedTokenSchema,
  JOIN_TOKENS_PATH,
  type JoinTokenInfo,
  joinTokenListSchema,
} from '../protocol/join-tokens.ts';
import { operatorOf } from './operator-requests.ts';
import { refusal } from './options.ts';
import { say } from './say.ts';

/** What is given to `rockpool token`, beside the word after it. */
export interface TokenOptions {
  readonly name?: string | undefined;
  readonly expires?: string | undefined;
  readonly once?: boolean | undefined;
  /** Address of signaling; that of this machine where left out. */
  readonly url?: string | undefined;
}

/** Means another machine on each. */
const LOOPBACK = /^https?:\/\/(127\.|localhost|\[::1\])/;

const UNIT_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** @throws RockpoolError `bad-configuration` worded for the operator. */
export async function issueToken(environment: Environment, options: TokenOptions): Promise<void> {
  const { name, expires, once } = options;
  if (!name?.trim() || name.length > 80) {
    throw refusal('A join token needs a name of 1 to 80 characters: --name "Anna\'s PC".');
  }
  const request: IssueRequest = {
    name,
    ...(expires !== undefined && { lifetimeMs: lifetimeMs(expires) }),
    ...(once && { once }),
  };
  const pool = operatorOf(environment, options);
  const { token, info } = issuedTokenSchema.parse(
    await pool.ask('POST', JOIN_TOKENS_PATH, request),
  );
  say(`Join token for ${info.name}, ${info.tokenId}:`);
  say(`  rockpool container --join ${pool.url} --token=${token}`);
  if (LOOPBACK.test(pool.url)) say('with the address that other machines know this one by.');
  say('It is shown this once. Revoke it with:');
  say(`  rockpool token revoke ${info.tokenId}`);
}

/** @throws RockpoolError */
export async function listTokens(environment: Environment, options: TokenOptions): Promise<void> {
  const pool = operatorOf(environment, options);
  const { tokens } = joinTokenListSchema.parse(await pool.ask('GET', JOIN_TOKENS_PATH));
  if (tokens.length === 0) {
    say('No join token was issued. Machines join with the one that signaling prints at start.');
    return;
  }
  for (const token of tokens) {
    say(`${token.tokenId}  ${token.name}`);
    for (const line of linesOf(token, Date.now())) say(`  ${line}`);
  }
}

/** @throws RockpoolError */
export async function revokeToken(
  environment: Environment,
  tokenId: string | undefined,
  options: TokenOptions,
): Promise<void> {
  if (!z.uuid().safeParse(tokenId).success) {
    throw refusal('Name the token to revoke by its id: "rockpool token list" shows it.');
  }
  await operatorOf(environment, options).ask('DELETE', `${JOIN_TOKENS_PATH}/${tokenId}`);
  say('Revoked. Machines that joined with it are out.');
}

function linesOf(token: JoinTokenInfo, nowMs: number): string[] {
  const { createdAtMs, expiresAtMs, revokedAtMs, lastUsedAtMs, once, containerIds } = token;
  const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
  const state =
    revokedAtMs !== null
      ? `revoked ${day(revokedAtMs)}`
      : expiresAtMs === null
        ? 'good until revoked'
        : `${expiresAtMs <= nowMs ? 'expired' : 'good until'} ${day(expiresAtMs)}`;
  const used = lastUsedAtMs === null ? 'never used' : `last used ${day(lastUsedAtMs)}`;
  return [
    `${state}, created ${day(createdAtMs)}, ${used}${once ? ', for one machine' : ''}`,
    ...containerIds.map((containerId) => `machine ${containerId}`),
  ];
}

/** @throws RockpoolError `bad-configuration` */
function lifetimeMs(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,3})([mhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (count !== undefined && unitMs !== undefined) return Number(count) * unitMs;
  throw refusal(`--expires takes a number with m, h or d, such as 30d, not "${text}".`);
}
