import type { z } from 'zod';
import { parseMessage, RockpoolError } from '../protocol/errors.ts';
import type { GameId } from '../protocol/ids.ts';
import { buildDetailsSchema, buildListingSchema } from '../protocol/studio-builds.ts';
import { sessionAnswerSchema } from '../protocol/studio-messages.ts';
import {
  type ConfirmBuild,
  type FinishUpload,
  finishedUploadSchema,
  openUploadsSchema,
  recognisedSchema,
} from '../protocol/studio-uploads.ts';
import { askJson } from './ask-json.ts';

/** The studio that an access token is for, asked about one of its games. */
export class StudioClient {
  readonly url: string;
  readonly token: string;
  readonly slug: string;
  readonly gameId: GameId;

  private constructor(url: string, token: string, slug: string, gameId: GameId) {
    this.url = url;
    this.token = token;
    this.slug = slug;
    this.gameId = gameId;
  }

  /** @throws RockpoolError `unauthorised` where nobody is known by the token. */
  static async open(url: string, token: string, gameId: GameId): Promise<StudioClient> {
    const session = await ask(url, token, 'GET', '/session', sessionAnswerSchema);
    const studio = session.signedIn ? session.studios[0] : undefined;
    if (studio) return new StudioClient(url, token, studio.slug, gameId);
    throw new RockpoolError(
      'unauthorised',
      'This access token is not known: it may be revoked or expired. Make a new one in the studio.',
    );
  }

  /** Where people see the game. */
  get page(): string {
    return `${this.url}/studio/${this.slug}/games/${this.gameId}`;
  }

  async uploads() {
    return (await this.#ask('GET', '/uploads', openUploadsSchema)).uploads;
  }

  async recognise(sha256: string) {
    return (await this.#ask('POST', '/builds/recognise', recognisedSchema, { sha256 })).build;
  }

  finishUpload(upload: FinishUpload) {
    return this.#ask('POST', '/builds', finishedUploadSchema, upload);
  }

  build(number: number) {
    return this.#ask('GET', `/builds/${number}`, buildDetailsSchema);
  }

  confirm(number: number, confirmed: ConfirmBuild) {
    return this.#ask('POST', `/builds/${number}/confirm`, buildListingSchema, confirmed);
  }

  /** Gives a build to all players of a channel. What is answered is for pages. */
  async release(number: number, channel: string): Promise<void> {
    const path = `/studios/${this.slug}/games/${this.gameId}/channels/${channel}`;
    await send(this.url, this.token, 'POST', path, { buildNumber: number, percent: 100 });
  }

  #ask<T>(method: string, path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> {
    const whole = `/studios/${this.slug}/games/${this.gameId}${path}`;
    return ask(this.url, this.token, method, whole, schema, body);
  }
}

async function ask<T>(
  url: string,
  token: string,
  method: string,
  path: string,
  schema: z.ZodType<T>,
  body?: unknown,
): Promise<T> {
  return parseMessage(schema, await send(url, token, method, path, body), 'the answer');
}

/** @throws RockpoolError what was answered; `timeout` where nothing was. */
function send(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  return askJson(`${url}/api/studio${path}`, {
    method,
    bearer: token,
    body,
    away: (cause) =>
      new RockpoolError(
        'timeout',
        `Rockpool does not answer at ${url}. Name its address: --url https://play.example.org.`,
        { cause },
      ),
    // A proxy in front of a Rockpool that starts anew is asked again.
    foreign: (status) =>
      new RockpoolError(
        status >= 502 ? 'timeout' : 'bad-configuration',
        `What answers at ${url} is not Rockpool (${status}).`,
      ),
  });
}
