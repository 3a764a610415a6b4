import type { z } from 'zod';
import { parseMessage, RockpoolError, wireErrorSchema } from '../../protocol/errors.ts';
import type { GameId } from '../../protocol/ids.ts';
import { emptySchema } from '../../protocol/player-messages.ts';
import { type ChangeStorePage, storePageSchema } from '../../protocol/store-page.ts';
import type { PersonId, Role } from '../../protocol/studio-access.ts';
import type { Channel, ReleaseId } from '../../protocol/studio-builds.ts';
import {
  buildDetailsSchema,
  buildListingSchema,
  buildListSchema,
  type CreateGame,
  deletedBuildSchema,
  deletedGameSchema,
  studioGameSchema,
  studioGamesSchema,
} from '../../protocol/studio-builds.ts';
import { insightReportSchema } from '../../protocol/studio-insight.ts';
import {
  type AssertionResponse,
  type AuditGroup,
  accessTokensSchema,
  auditAnswerSchema,
  type CreateToken,
  ceremonyOptionsSchema,
  codeMeaningSchema,
  createdTokenSchema,
  invitedSchema,
  passkeysSchema,
  type RegistrationResponse,
  removedPasskeySchema,
  sessionAnswerSchema,
  signedInSchema,
  studioMembershipSchema,
  studioReportSchema,
  type UseCode,
} from '../../protocol/studio-messages.ts';
import { channelsSchema, type MakeRelease } from '../../protocol/studio-releases.ts';
import {
  type ConfirmBuild,
  type FinishUpload,
  finishedUploadSchema,
  openUploadsSchema,
  recognisedSchema,
  UPLOADS_PATH,
} from '../../protocol/studio-uploads.ts';
import { type InsightWish, insightWords } from './insight-wish.ts';
import type { FetchJson } from './polled.ts';

export interface AuditWish {
  readonly before?: number | undefined;
  readonly group?: AuditGroup | undefined;
}

/** Whether a request was given up on purpose. */
export function wasGivenUp(thrown: unknown): boolean {
  return (
    thrown instanceof RockpoolError &&
    thrown.cause instanceof DOMException &&
    thrown.cause.name === 'AbortError'
  );
}

/** Asks signaling about studios and their people, and for changes. All reject with RockpoolError. */
export class StudioRequests {
  readonly #fetch: FetchJson;
  /** Ends what is being looked up. */
  #lookUps = new AbortController();

  constructor(fetchJson: FetchJson) {
    this.#fetch = fetchJson;
  }

  session() {
    return this.#ask('GET', '/session', sessionAnswerSchema);
  }

  signInOptions() {
    return this.#ask('POST', '/sign-in/passkey/options', ceremonyOptionsSchema, {});
  }

  signInWithPasskey(response: AssertionResponse) {
    return this.#ask('POST', '/sign-in/passkey', signedInSchema, { response });
  }

  lookAtCode(code: string) {
    return this.#ask('POST', '/sign-in/code/look', codeMeaningSchema, { code });
  }

  useCode(use: UseCode) {
    return this.#ask('POST', '/sign-in/code', signedInSchema, use);
  }

  /** What is being looked up is given up: it would be refused, or come too late. */
  async signOut(everywhere: boolean): Promise<void> {
    this.#lookUps.abort();
    this.#lookUps = new AbortController();
    await this.#ask('POST', '/sign-out', emptySchema, { everywhere });
  }

  async passkeys() {
    return (await this.#ask('GET', '/passkeys', passkeysSchema)).passkeys;
  }

  registrationOptions() {
    return this.#ask('POST', '/passkeys/options', ceremonyOptionsSchema, {});
  }

  async addPasskey(name: string, response: RegistrationResponse): Promise<void> {
    await this.#ask('POST', '/passkeys', emptySchema, { name, response });
  }

  async renamePasskey(id: string, name: string): Promise<void> {
    await this.#ask('PATCH', `/passkeys/${id}`, emptySchema, { name });
  }

  /** @returns a link to come in with, where it was the last one. */
  async removePasskey(id: string, evenLast: boolean): Promise<string | null> {
    const path = `/passkeys/${id}/remove`;
    return (await this.#ask('POST', path, removedPasskeySchema, { evenLast })).signInLink;
  }

  createStudio(name: string) {
    return this.#ask('POST', '/studios', studioMembershipSchema, { name });
  }

  studio(slug: string) {
    return this.#ask('GET', `/studios/${slug}`, studioReportSchema);
  }

  async renameStudio(slug: string, name: string): Promise<void> {
    await this.#ask('PATCH', `/studios/${slug}`, emptySchema, { name });
  }

  invite(slug: string, role: Role) {
    return this.#ask('POST', `/studios/${slug}/invitations`, invitedSchema, { role });
  }

  async withdrawInvitation(slug: string, invitationId: string): Promise<void> {
    await this.#ask('DELETE', `/studios/${slug}/invitations/${invitationId}`, emptySchema);
  }

  async changeRole(slug: string, personId: PersonId, role: Role): Promise<void> {
    await this.#ask('PUT', `/studios/${slug}/members/${personId}`, emptySchema, { role });
  }

  async removeMember(slug: string, personId: PersonId): Promise<void> {
    await this.#ask('DELETE', `/studios/${slug}/members/${personId}`, emptySchema);
  }

  async restoreMember(slug: string, personId: PersonId): Promise<void> {
    await this.#ask('POST', `/studios/${slug}/members/${personId}/restore`, emptySchema, {});
  }

  tokens(slug: string) {
    return this.#ask('GET', `/studios/${slug}/tokens`, accessTokensSchema);
  }

  async createToken(slug: string, token: CreateToken): Promise<string> {
    return (await this.#ask('POST', `/studios/${slug}/tokens`, createdTokenSchema, token)).token;
  }

  async revokeToken(slug: string, tokenId: string): Promise<void> {
    await this.#ask('DELETE', `/studios/${slug}/tokens/${tokenId}`, emptySchema);
  }

  games(slug: string) {
    return this.#ask('GET', `/studios/${slug}/games`, studioGamesSchema);
  }

  createGame(slug: string, game: CreateGame) {
    return this.#ask('POST', `/studios/${slug}/games`, studioGameSchema, game);
  }

  game(slug: string, gameId: GameId) {
    return this.#ask('GET', `/studios/${slug}/games/${gameId}`, studioGameSchema);
  }

  async renameGame(slug: string, gameId: GameId, title: string): Promise<void> {
    await this.#ask('PATCH', `/studios/${slug}/games/${gameId}`, emptySchema, { title });
  }

  async uploads(slug: string, gameId: GameId) {
    const path = `/studios/${slug}/games/${gameId}/uploads`;
    return (await this.#ask('GET', path, openUploadsSchema)).uploads;
  }

  /** @param beforeNumber those before this one; undefined: the newest. */
  builds(slug: string, gameId: GameId, beforeNumber?: number) {
    const query = beforeNumber === undefined ? '' : `?before=${beforeNumber}`;
    return this.#ask('GET', `/studios/${slug}/games/${gameId}/builds${query}`, buildListSchema);
  }

  build(slug: string, gameId: GameId, number: number) {
    const path = `/studios/${slug}/games/${gameId}/builds/${number}`;
    return this.#ask('GET', path, buildDetailsSchema);
  }

  deleteBuild(slug: string, gameId: GameId, number: number) {
    const path = `/studios/${slug}/games/${gameId}/builds/${number}`;
    return this.#ask('DELETE', path, deletedBuildSchema);
  }

  restoreBuild(slug: string, gameId: GameId, number: number) {
    const path = `/studios/${slug}/games/${gameId}/builds/${number}/restore`;
    return this.#ask('POST', path, buildListingSchema, {});
  }

  deleteGame(slug: string, gameId: GameId) {
    return this.#ask('DELETE', `/studios/${slug}/games/${gameId}`, deletedGameSchema);
  }

  restoreGame(slug: string, gameId: GameId) {
    return this.#ask('POST', `/studios/${slug}/games/${gameId}/restore`, studioGameSchema, {});
  }

  async recognise(slug: string, gameId: GameId, sha256: string) {
    const path = `/studios/${slug}/games/${gameId}/builds/recognise`;
    return (await this.#ask('POST', path, recognisedSchema, { sha256 })).build;
  }

  finishUpload(slug: string, gameId: GameId, upload: FinishUpload) {
    const path = `/studios/${slug}/games/${gameId}/builds`;
    return this.#ask('POST', path, finishedUploadSchema, upload);
  }

  confirmBuild(slug: string, gameId: GameId, number: number, confirmed: ConfirmBuild) {
    const path = `/studios/${slug}/games/${gameId}/builds/${number}/confirm`;
    return this.#ask('POST', path, buildListingSchema, confirmed);
  }

  async cancelUpload(uploadId: string): Promise<void> {
    const address = `${UPLOADS_PATH}/${uploadId}`;
    const response = await this.#fetch(address, {
      method: 'DELETE',
      headers: { 'tus-resumable': '1.0.0' },
    });
    if (response.ok) return;
    throw new RockpoolError('not-found', 'The upload could not be cancelled: it may be gone.');
  }

  channels(slug: string, gameId: GameId) {
    return this.#ask('GET', channelsPath(slug, gameId), channelsSchema);
  }

  release(slug: string, gameId: GameId, channel: Channel, release: MakeRelease) {
    const path = `${channelsPath(slug, gameId)}/${channel}`;
    return this.#ask('POST', path, channelsSchema, release);
  }

  /** @param to the release whose state is wanted again; undefined: what was before the last one. */
  rollBack(slug: string, gameId: GameId, channel: Channel, to: ReleaseId | undefined) {
    const path = `${channelsPath(slug, gameId)}/${channel}/roll-back`;
    return this.#ask('POST', path, channelsSchema, to === undefined ? {} : { releaseId: to });
  }

  /** Has a build whose try-out failed tried out again. */
  async tryAgain(slug: string, gameId: string, buildNumber: number): Promise<void> {
    const path = `/studios/${slug}/games/${gameId}/builds/${buildNumber}/try-again`;
    await this.#ask('POST', path, emptySchema, {});
  }

  /** @param slug undefined: of one's own account. */
  audit(slug: string | undefined, { before, group }: AuditWish) {
    const query = new URLSearchParams();
    if (before !== undefined) query.set('before', String(before));
    if (group !== undefined) query.set('group', group);
    const path = slug === undefined ? '/audit' : `/studios/${slug}/audit`;
    return this.#ask('GET', query.size > 0 ? `${path}?${query}` : path, auditAnswerSchema);
  }

  insight(slug: string, gameId: GameId, wish: InsightWish) {
    const path = `/studios/${slug}/games/${gameId}/insight${insightWords(wish)}`;
    return this.#ask('GET', path, insightReportSchema);
  }

  storePage(slug: string, gameId: GameId) {
    return this.#ask('GET', `/studios/${slug}/games/${gameId}/page`, storePageSchema);
  }

  changeStorePage(slug: string, gameId: GameId, change: ChangeStorePage) {
    return this.#ask('PUT', `/studios/${slug}/games/${gameId}/page`, storePageSchema, change);
  }

  async #ask<T>(method: string, path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    let response: Response;
    let answer: unknown;
    try {
      response = await this.#fetch(`/api/studio${path}`, {
        method,
        headers,
        ...(method === 'GET' ? { signal: this.#lookUps.signal } : {}),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      answer = await response.json();
    } catch (cause) {
      throw new RockpoolError('timeout', 'The server could not be reached.', { cause });
    }
    if (response.ok) return parseMessage(schema, answer, 'the answer of the server');
    const { code, message } = parseMessage(wireErrorSchema, answer, 'the error of the server');
    throw new RockpoolError(code, message);
  }
}

function channelsPath(slug: string, gameId: GameId): string {
  return `/studios/${slug}/games/${gameId}/channels`;
}
