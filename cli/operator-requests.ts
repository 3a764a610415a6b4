import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../protocol/environment.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { OPERATOR_SECRET_FILE } from '../protocol/join-tokens.ts';
import { readSignalingConfig, type SignalingConfig } from '../signaling/config.ts';
import { askJson } from './ask-json.ts';
import { localAddress } from './local-address.ts';
import { refusal } from './options.ts';

/** The signaling of a pool, asked as whoever runs it. */
export interface Operator {
  readonly url: string;
  /** @throws RockpoolError what signaling answered, or why it did not. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** @throws RockpoolError `bad-configuration` worded for the operator. */
export function operatorOf(
  environment: Environment,
  { url }: { readonly url?: string | undefined },
): Operator {
  const config = readSignalingConfig(environment);
  const address = url ?? addressOf(config);
  if (!URL.canParse(address)) throw refusal(`${address} is no address such as http://host:8080.`);
  return {
    url: address,
    ask: async (method, path, body) => {
      const secret = await readSecret(config);
      const target = new URL(path, address);
      return askJson(target, {
        method,
        bearer: secret,
        body,
        away: (cause) =>
          new RockpoolError(
            'bad-configuration',
            `Signaling does not answer at ${address}. Start it, or name its address: --url http://host:8080.`,
            { cause },
          ),
        foreign: () => refusal(`What answers at ${address} is not Rockpool's signaling.`),
      });
    },
  };
}

function addressOf({ host, port }: SignalingConfig): string {
  if (port !== 0) return `http://${localAddress(host)}:${port}`;
  throw refusal('ROCKPOOL_PORT is 0, so nobody knows the port: name the address, --url http://….');
}

async function readSecret({ dataFolder }: SignalingConfig): Promise<string> {
  const path = join(dataFolder, OPERATOR_SECRET_FILE);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new RockpoolError(
      'bad-configuration',
      `${path} cannot be read. Run this on the machine of signaling, as its user, with its ROCKPOOL_DATA; signaling makes the file when it starts.`,
      { cause },
    );
  }
}
