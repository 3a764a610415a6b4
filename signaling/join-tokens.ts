import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { RockpoolError, toRockpoolError } from '../protocol/errors.ts';
import { type ContainerId, type JoinTokenId, joinTokenIdSchema } from '../protocol/ids.ts';
import type { IssuedToken, IssueRequest, JoinTokenInfo } from '../protocol/join-tokens.ts';
import type { ContainerLink } from './container-link.ts';
import { isJoinToken } from './join-token.ts';
import type { JoinTokenRecord, Store } from './store/store.ts';
import type { Timers } from './timers.ts';

/** Another node may have been told to revoke what let a container in here. */
export const REVOCATION_CHECK_MS = 10_000;

export interface JoinTokensOptions {
  readonly store: Store;
  /** The one of the configuration, which lets any machine in. */
  readonly configured: string;
  readonly timers: Timers;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  readonly log: Logger;
}

/** What machines join with: issued and revoked one by one, beside the one of the configuration. */
export class JoinTokens {
  readonly #options: JoinTokensOptions;
  /** Connections that a token let in. */
  readonly #joined = new Map<ContainerLink, JoinTokenId>();
  #cancelCheck: (() => void) | undefined;
  #closed = false;

  constructor(options: JoinTokensOptions) {
    this.#options = options;
  }

  /**
   * Looks at what a machine connects with. That says nothing yet of which machine it is.
   * @returns the token it is; undefined where it is the one of the configuration.
   * @throws RockpoolError `unauthorised` with what to do about it.
   */
  async check(token: string): Promise<JoinTokenId | undefined> {
    if (isJoinToken(token, this.#options.configured)) return undefined;
    const record = await this.#options.store.joinTokenByHash(hashOf(token));
    if (!record) {
      throw refusal(
        'The join token is wrong. Set ROCKPOOL_JOIN_TOKEN to the token of the signaling server.',
      );
    }
    if (record.revokedAtMs !== undefined) throw revokedError();
    if ((record.expiresAtMs ?? Number.POSITIVE_INFINITY) <= this.#options.wallClockMs()) {
      throw refusal('This join token has expired. Ask whoever runs the pool for another one.');
    }
    return record.tokenId;
  }

  /**
   * Lets a machine in that has proved who it is.
   * @throws RockpoolError `unauthorised` where its token is not, or not any more, for it.
   */
  async use(tokenId: JoinTokenId, containerId: ContainerId): Promise<void> {
    const { store, wallClockMs } = this.#options;
    if (await store.useJoinToken(tokenId, containerId, wallClockMs())) return;
    throw refusal(
      'This join token is not for this machine: it was revoked, or another one joined with it. Ask whoever runs the pool for one of its own.',
    );
  }

  /** A connection stands that this token let in: it ends when the token is revoked. */
  handleJoined(tokenId: JoinTokenId, link: ContainerLink): void {
    this.#joined.set(link, tokenId);
    this.#checkLater();
  }

  handleLeft(link: ContainerLink): void {
    this.#joined.delete(link);
  }

  async issue({ name, lifetimeMs, once = false }: IssueRequest): Promise<IssuedToken> {
    const { store, wallClockMs, log } = this.#options;
    const token = randomBytes(32).toString('base64url');
    const createdAtMs = wallClockMs();
    const record: JoinTokenRecord = {
      tokenId: joinTokenIdSchema.parse(randomUUID()),
      hash: hashOf(token),
      name,
      once,
      createdAtMs,
      expiresAtMs: lifetimeMs === undefined ? undefined : createdAtMs + lifetimeMs,
      revokedAtMs: undefined,
      lastUsedAtMs: undefined,
      containerIds: [],
    };
    await store.addJoinToken(record);
    log.info({ tokenId: record.tokenId, once }, 'join token issued');
    return { token, info: infoOf(record) };
  }

  /** Newest first. */
  async list(): Promise<JoinTokenInfo[]> {
    return (await this.#options.store.joinTokens()).map(infoOf);
  }

  /**
   * Nobody joins with it any more, and whoever did is hung up on.
   * @throws RockpoolError `bad-message` where there is no such token.
   */
  async revoke(tokenId: JoinTokenId): Promise<void> {
    const { store, wallClockMs, log } = this.#options;
    if (!(await store.revokeJoinToken(tokenId, wallClockMs()))) {
      throw new RockpoolError(
        'bad-message',
        `There is no join token ${tokenId}. "rockpool token list" shows those there are.`,
      );
    }
    log.info({ tokenId }, 'join token revoked');
    this.#refuse(new Set([tokenId]));
  }

  close(): void {
    this.#closed = true;
    this.#cancelCheck?.();
    this.#joined.clear();
  }

  #refuse(revoked: ReadonlySet<JoinTokenId>): void {
    for (const [link, tokenId] of this.#joined) {
      if (!revoked.has(tokenId)) continue;
      this.#joined.delete(link);
      link.refuse(revokedError());
    }
  }

  #checkLater(): void {
    if (this.#cancelCheck || this.#closed || this.#joined.size === 0) return;
    this.#cancelCheck = this.#options.timers.after(REVOCATION_CHECK_MS, async () => {
      await this.#checkRevoked();
      this.#cancelCheck = undefined;
      this.#checkLater();
    });
  }

  async #checkRevoked(): Promise<void> {
    try {
      const tokens = await this.#options.store.joinTokens();
      const revoked = tokens.filter(({ revokedAtMs }) => revokedAtMs !== undefined);
      this.#refuse(new Set(revoked.map(({ tokenId }) => tokenId)));
    } catch (error) {
      const err = toRockpoolError(error);
      this.#options.log.warn({ err }, 'revoked join tokens could not be looked up');
    }
  }
}

/** 256 random bits cannot be guessed from their digest, so nothing slower than SHA-256 is needed. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function infoOf({ hash: _, ...record }: JoinTokenRecord): JoinTokenInfo {
  const { expiresAtMs = null, revokedAtMs = null, lastUsedAtMs = null, containerIds } = record;
  return { ...record, expiresAtMs, revokedAtMs, lastUsedAtMs, containerIds: [...containerIds] };
}

function revokedError(): RockpoolError {
  return refusal(
    'The join token of this machine was revoked. Ask whoever runs the pool for another one.',
  );
}

function refusal(message: string): RockpoolError {
  return new RockpoolError('unauthorised', message);
}
