import { errors, importJWK, jwtVerify } from 'jose';
import {
  CONSOLE_AUDIENCE,
  type ConsoleClaims,
  consoleClaimsSchema,
  readConsoleClaims,
} from '../protocol/console-token.ts';
import { containerIdOf } from '../protocol/container-identity.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { type ContainerId, tokenSchema } from '../protocol/ids.ts';
import { bearerOf } from './bearer-token.ts';

/**
 * The machine that a request's `Authorization` header proves to be for: its token is signed with the
 * key whose fingerprint is the machine's id, so nothing about tokens has to be kept here.
 * @param nowMs epoch milliseconds.
 * @throws RockpoolError `unauthorised` worded for the provider.
 */
export async function readConsoleToken(
  authorization: string | undefined,
  nowMs: number,
): Promise<ContainerId> {
  const token = tokenSchema.safeParse(bearerOf({ authorization })).data;
  if (token === undefined) {
    throw refusal('This takes the console link of a machine, which its container prints at start.');
  }
  const claims = readConsoleClaims(token);
  if (!claims || (await containerIdOf(claims.key)) !== claims.sub) throw damaged();
  return (await verified(token, claims.key, nowMs)).sub;
}

async function verified(token: string, publicKey: string, nowMs: number): Promise<ConsoleClaims> {
  try {
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: publicKey }, 'EdDSA');
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['EdDSA'],
      audience: CONSOLE_AUDIENCE,
      currentDate: new Date(nowMs),
    });
    return consoleClaimsSchema.parse(payload);
  } catch (cause) {
    if (!(cause instanceof errors.JWTExpired)) throw damaged(cause);
    throw refusal(
      'This console link has expired. The container prints a new one each time it starts.',
      cause,
    );
  }
}

function damaged(cause?: unknown): RockpoolError {
  return refusal(
    'This console link is damaged or not signed by its machine. Open the whole link as the container printed it at start.',
    cause,
  );
}

function refusal(message: string, cause?: unknown): RockpoolError {
  return new RockpoolError('unauthorised', message, { cause });
}
