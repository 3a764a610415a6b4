import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import {
  type ContainerId,
  containerIdSchema,
  type GameId,
  gameIdSchema,
  type InviteId,
  inviteIdSchema,
  type PlayerId,
  playerIdSchema,
  type SessionId,
  sessionIdSchema,
  type TicketId,
  ticketIdSchema,
} from '../protocol/ids.ts';
import { type BuildId, buildIdSchema } from '../protocol/studio-builds.ts';
import { readOrCreateSecret } from './data-folder.ts';

const ALGORITHM = 'HS256';
const ISSUER = 'rockpool';
/** The kinds of token differ in audience (RFC 7519 §4.1.3), so that none passes as another. */
const PLAYER_AUDIENCE = 'rockpool:player';
const SESSION_AUDIENCE = 'rockpool:session';
const PLACE_AUDIENCE = 'rockpool:place';
const SAVE_AUDIENCE = 'rockpool:save';
const INVITE_AUDIENCE = 'rockpool:invite';
const BUILD_AUDIENCE = 'rockpool:build';
const TRY_OUT_AUDIENCE = 'rockpool:try-out';
/** Nobody waits longer for a game; an older place is none any more. */
const PLACE_TOKEN_LIFETIME_MS = 6 * 60 * 60 * 1000;
/** A guest who comes back within a season is the same guest; every visit renews the token. */
const PLAYER_TOKEN_LIFETIME_MS = 90 * 24 * 60 * 60 * 1000;
/** Longer than any session; a container that keeps an old token gains nothing by a restart of ours. */
const SAVE_TOKEN_LIFETIME_MS = 3 * 24 * 60 * 60 * 1000;

/** Long enough for 50 GB over 100 Mbit/s; a fetch that takes longer goes on with the next start. */
const BUILD_TOKEN_LIFETIME_MS = 2 * 60 * 60 * 1000;
/** The largest build over a slow line, and the run after it. */
const TRY_OUT_TOKEN_LIFETIME_MS = 12 * 60 * 60 * 1000;

const playerClaimsSchema = z.object({ sub: playerIdSchema });

const sessionClaimsSchema = z
  .object({
    sub: playerIdSchema,
    sid: sessionIdSchema,
    cid: containerIdSchema,
    gid: gameIdSchema,
    bid: buildIdSchema.optional(),
  })
  .transform(
    (claims): SessionClaims => ({
      playerId: claims.sub,
      sessionId: claims.sid,
      containerId: claims.cid,
      gameId: claims.gid,
      ...(claims.bid && { buildId: claims.bid }),
    }),
  );

/** What a resume token proves: this session, on this container, is this player's. */
export interface SessionClaims {
  readonly playerId: PlayerId;
  readonly sessionId: SessionId;
  readonly containerId: ContainerId;
  readonly gameId: GameId;
  /** What is played of a studio's game. */
  readonly buildId?: BuildId;
}

const placeClaimsSchema = z
  .object({ sub: playerIdSchema, tid: ticketIdSchema, gid: gameIdSchema, since: z.number() })
  .transform(
    (claims): PlaceClaims => ({
      playerId: claims.sub,
      ticketId: claims.tid,
      gameId: claims.gid,
      sinceMs: claims.since,
    }),
  );

/** What a place token proves: this player waits for this game since then. */
export interface PlaceClaims {
  readonly playerId: PlayerId;
  readonly ticketId: TicketId;
  readonly gameId: GameId;
  /** Epoch milliseconds. */
  readonly sinceMs: number;
}

const saveClaimsSchema = z
  .object({
    sub: playerIdSchema,
    sid: sessionIdSchema,
    cid: containerIdSchema,
    gid: gameIdSchema,
    turn: z.int().min(1),
  })
  .transform(
    (claims): SaveClaims => ({
      playerId: claims.sub,
      sessionId: claims.sid,
      containerId: claims.cid,
      gameId: claims.gid,
      turn: claims.turn,
    }),
  );

/** What a save token proves: this container was given this session of this player and game. */
export interface SaveClaims extends SessionClaims {
  /** Of the session among all: see protocol/save-order.ts. */
  readonly turn: number;
}

const inviteClaimsSchema = z
  .object({ sid: sessionIdSchema, cid: containerIdSchema, gid: gameIdSchema, inv: inviteIdSchema })
  .transform(
    (claims): InviteClaims => ({
      sessionId: claims.sid,
      containerId: claims.cid,
      gameId: claims.gid,
      inviteId: claims.inv,
    }),
  );

/** What the token of a link proves: the session's player made it. Whether it is open, the session knows. */
export interface InviteClaims extends Omit<SessionClaims, 'playerId'> {
  readonly inviteId: InviteId;
}

const buildClaimsSchema = z
  .object({ sub: containerIdSchema, bid: buildIdSchema })
  .transform((claims): BuildClaims => ({ containerId: claims.sub, buildId: claims.bid }));

/** What the token of a build proves: this container was asked to play it. */
export interface BuildClaims {
  readonly containerId: ContainerId;
  readonly buildId: BuildId;
}

const tryOutClaimsSchema = z
  .object({
    sub: sessionIdSchema,
    bid: buildIdSchema,
    cid: containerIdSchema,
    name: z.string(),
    region: z.string(),
  })
  .transform(
    (claims): TryOutClaims => ({
      tryOutId: claims.sub,
      buildId: claims.bid,
      containerId: claims.cid,
      containerName: claims.name,
      region: claims.region,
    }),
  );

/** What a try-out's token proves: this container was asked to run this build. */
export interface TryOutClaims {
  readonly tryOutId: SessionId;
  readonly buildId: BuildId;
  readonly containerId: ContainerId;
  /** As the container was called then, for who reads what it found. */
  readonly containerName: string;
  readonly region: string;
}

function readKey(key: Uint8Array): Promise<CryptoKey> {
  // A copy, because what it is given may be a part of something larger that is shared.
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', new Uint8Array(key), algorithm, false, ['sign', 'verify']);
}

/** Issues and checks the signed tokens (JWS, RFC 7515) that players and containers keep for us. */
export class IdentityTokens {
  readonly #bytes: Uint8Array;
  /** Read once: to read it anew for each token costs as much as the signature. */
  #read: Promise<CryptoKey> | undefined;
  readonly #now: () => Date;

  constructor(key: Uint8Array, now: () => Date = () => new Date()) {
    this.#bytes = key;
    this.#now = now;
  }

  /**
   * With the key of the data folder, made on first start: tokens survive a restart.
   * @param configured takes the place of that: the key of all nodes, base64url.
   */
  static async open(dataFolder: string, configured?: string): Promise<IdentityTokens> {
    const secret = configured ?? (await readOrCreateSecret(dataFolder, 'signing-key'));
    return new IdentityTokens(Buffer.from(secret, 'base64url'));
  }

  async issuePlayer(playerId: PlayerId): Promise<string> {
    const now = this.#now();
    return new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(PLAYER_AUDIENCE)
      .setSubject(playerId)
      .setIssuedAt(now)
      .setExpirationTime(new Date(now.getTime() + PLAYER_TOKEN_LIFETIME_MS))
      .sign(await this.#key);
  }

  /** The player a token names; undefined where it is forged, expired or of another kind. */
  async verifyPlayer(token: string): Promise<PlayerId | undefined> {
    const claims = playerClaimsSchema.safeParse(await this.#verify(token, PLAYER_AUDIENCE));
    return claims.data?.sub;
  }

  /** Carries no expiry: it names one session, and is worth nothing once that session is over. */
  async issueSession(claims: SessionClaims): Promise<string> {
    const { sessionId: sid, containerId: cid, gameId: gid, buildId: bid } = claims;
    return new SignJWT({ sid, cid, gid, ...(bid && { bid }) })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(SESSION_AUDIENCE)
      .setSubject(claims.playerId)
      .setIssuedAt(this.#now())
      .sign(await this.#key);
  }

  /** What a resume token says; undefined where it is forged or of another kind. */
  async verifySession(token: string): Promise<SessionClaims | undefined> {
    return sessionClaimsSchema.safeParse(await this.#verify(token, SESSION_AUDIENCE)).data;
  }

  async issuePlace({ playerId, ticketId, gameId, sinceMs }: PlaceClaims): Promise<string> {
    const now = this.#now();
    return new SignJWT({ tid: ticketId, gid: gameId, since: sinceMs })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(PLACE_AUDIENCE)
      .setSubject(playerId)
      .setIssuedAt(now)
      .setExpirationTime(new Date(now.getTime() + PLACE_TOKEN_LIFETIME_MS))
      .sign(await this.#key);
  }

  /** What a place token says; undefined where it is forged, expired or of another kind. */
  async verifyPlace(token: string): Promise<PlaceClaims | undefined> {
    return placeClaimsSchema.safeParse(await this.#verify(token, PLACE_AUDIENCE)).data;
  }

  async issueSave({ playerId, sessionId, containerId, gameId, turn }: SaveClaims): Promise<string> {
    const now = this.#now();
    return new SignJWT({ sid: sessionId, cid: containerId, gid: gameId, turn })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(SAVE_AUDIENCE)
      .setSubject(playerId)
      .setIssuedAt(now)
      .setExpirationTime(new Date(now.getTime() + SAVE_TOKEN_LIFETIME_MS))
      .sign(await this.#key);
  }

  /** What a save token says; undefined where it is forged, expired or of another kind. */
  async verifySave(token: string): Promise<SaveClaims | undefined> {
    return saveClaimsSchema.safeParse(await this.#verify(token, SAVE_AUDIENCE)).data;
  }

  /** Carries no expiry, as a resume token does not. */
  async issueInvite({ sessionId, containerId, gameId, inviteId }: InviteClaims): Promise<string> {
    return new SignJWT({ sid: sessionId, cid: containerId, gid: gameId, inv: inviteId })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(INVITE_AUDIENCE)
      .sign(await this.#key);
  }

  /** What the token of a link says; undefined where it is forged or of another kind. */
  async verifyInvite(token: string): Promise<InviteClaims | undefined> {
    return inviteClaimsSchema.safeParse(await this.#verify(token, INVITE_AUDIENCE)).data;
  }

  async issueBuild({ containerId, buildId }: BuildClaims): Promise<string> {
    const now = this.#now();
    return new SignJWT({ bid: buildId })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(BUILD_AUDIENCE)
      .setSubject(containerId)
      .setIssuedAt(now)
      .setExpirationTime(new Date(now.getTime() + BUILD_TOKEN_LIFETIME_MS))
      .sign(await this.#key);
  }

  /** What the token of a build says; undefined where it is forged, expired or of another kind. */
  async verifyBuild(token: string): Promise<BuildClaims | undefined> {
    return buildClaimsSchema.safeParse(await this.#verify(token, BUILD_AUDIENCE)).data;
  }

  async issueTryOut(claims: TryOutClaims): Promise<string> {
    const { tryOutId, buildId, containerId, containerName, region } = claims;
    const now = this.#now();
    return new SignJWT({ bid: buildId, cid: containerId, name: containerName, region })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(TRY_OUT_AUDIENCE)
      .setSubject(tryOutId)
      .setIssuedAt(now)
      .setExpirationTime(new Date(now.getTime() + TRY_OUT_TOKEN_LIFETIME_MS))
      .sign(await this.#key);
  }

  /** What a try-out's token says; undefined where it is forged, expired or of another kind. */
  async verifyTryOut(token: string): Promise<TryOutClaims | undefined> {
    return tryOutClaimsSchema.safeParse(await this.#verify(token, TRY_OUT_AUDIENCE)).data;
  }

  get #key(): Promise<CryptoKey> {
    this.#read ??= readKey(this.#bytes);
    return this.#read;
  }

  async #verify(token: string, audience: string): Promise<unknown> {
    try {
      const { payload } = await jwtVerify(token, await this.#key, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience,
        currentDate: this.#now(),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}
