import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompactSign, SignJWT } from 'jose';
import { CONSOLE_AUDIENCE, CONSOLE_TOKEN_LIFETIME_MS } from '../../protocol/console-token.ts';
import { containerIdOf, type JoinStatement } from '../../protocol/container-identity.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { ContainerId } from '../../protocol/ids.ts';
import { writeDurably } from './durable-file.ts';

const KEY_FILE = 'container-key.pem';

/** Who a container is, for life: an Ed25519 key (RFC 8032) that never leaves its data folder. */
export class ContainerIdentity {
  readonly containerId: ContainerId;
  /** 32 bytes as base64url. */
  readonly publicKey: string;
  readonly #privateKey: KeyObject;

  private constructor(containerId: ContainerId, publicKey: string, privateKey: KeyObject) {
    this.containerId = containerId;
    this.publicKey = publicKey;
    this.#privateKey = privateKey;
  }

  /**
   * Made on first start.
   * @throws RockpoolError `bad-configuration` where the file is there and is no such key.
   */
  static async load(dataFolder: string): Promise<ContainerIdentity> {
    const path = join(dataFolder, KEY_FILE);
    const kept = await readKey(path);
    if (kept) return ContainerIdentity.#of(kept);
    const identity = await ContainerIdentity.create();
    const pem = identity.#privateKey.export({ type: 'pkcs8', format: 'pem' });
    await writeDurably(path, pem, 0o600);
    return identity;
  }

  /** One that nobody had before, and that is kept nowhere. */
  static create(): Promise<ContainerIdentity> {
    return ContainerIdentity.#of(generateKeyPairSync('ed25519').privateKey);
  }

  /** The statement and its signature as a compact JWS (RFC 7515 §7.1; EdDSA, RFC 8037). */
  sign(statement: JoinStatement): Promise<string> {
    const text = new TextEncoder().encode(JSON.stringify(statement));
    return new CompactSign(text).setProtectedHeader({ alg: 'EdDSA' }).sign(this.#privateKey);
  }

  /**
   * Lets whoever has it look after this container: a JWT (RFC 7519).
   * @param nowMs epoch milliseconds.
   */
  consoleToken(nowMs: number): Promise<string> {
    return new SignJWT({ key: this.publicKey })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setSubject(this.containerId)
      .setAudience(CONSOLE_AUDIENCE)
      .setIssuedAt(new Date(nowMs))
      .setExpirationTime(new Date(nowMs + CONSOLE_TOKEN_LIFETIME_MS))
      .sign(this.#privateKey);
  }

  static async #of(privateKey: KeyObject): Promise<ContainerIdentity> {
    const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
    return new ContainerIdentity(await containerIdOf(x), x, privateKey);
  }
}

async function readKey(path: string): Promise<KeyObject | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new TypeError(`It is a key for ${key.asymmetricKeyType}.`);
  } catch (cause) {
    throw new RockpoolError(
      'bad-configuration',
      `${path} is not the Ed25519 key that this container signs with. Put the right file back, or move this one away: the container then joins as a new one.`,
      { cause },
    );
  }
}
