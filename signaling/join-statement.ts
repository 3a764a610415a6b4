import { compactVerify, importJWK } from 'jose';
import { joinStatementSchema } from '../protocol/container-identity.ts';
import type { JoinRequest } from '../protocol/container-messages.ts';
import { parseMessage, RockpoolError } from '../protocol/errors.ts';

/**
 * What a container says of itself, once it is proved that it said so, and for this connection.
 * @param signed a compact JWS.
 * @param publicKey of the container that the connection is to be for.
 * @param socketId of that connection.
 * @throws RockpoolError `unauthorised` where the signature or the connection is another's,
 * `bad-message` where what is signed is no such statement.
 */
export async function readJoinStatement(
  signed: string,
  publicKey: string,
  socketId: string,
): Promise<JoinRequest> {
  const text = await verifiedText(signed, publicKey);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new RockpoolError('bad-message', 'A join statement must be JSON.', { cause });
  }
  const { socketId: statedId, ...request } = parseMessage(
    joinStatementSchema,
    json,
    'join statement',
  );
  if (statedId === socketId) return request;
  throw new RockpoolError('unauthorised', 'This statement was made for another connection.');
}

async function verifiedText(signed: string, publicKey: string): Promise<string> {
  try {
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: publicKey }, 'EdDSA');
    const { payload } = await compactVerify(signed, key, { algorithms: ['EdDSA'] });
    return new TextDecoder().decode(payload);
  } catch (cause) {
    throw new RockpoolError(
      'unauthorised',
      'The join statement is not signed with the key that this container names.',
      { cause },
    );
  }
}
