import { type WireError, wireErrorSchema } from '../../protocol/errors.ts';
import {
  type AuditAnswer,
  auditAnswerSchema,
  sessionAnswerSchema,
} from '../../protocol/studio-messages.ts';
import { readCode } from '../../signaling/studio/accounts/one-way-secret.ts';
import { SoftAuthenticator } from './soft-authenticator.ts';

export interface StudioAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** A browser on the studio's pages, as far as the server sees it: it keeps cookies and says where it is. */
export class StudioBrowser {
  readonly #url: string;
  readonly origin: string;
  readonly authenticator = new SoftAuthenticator();
  cookie: string | undefined;

  /** @param url of the server. @param origin what the address bar says. */
  constructor(url: string, origin = url) {
    this.#url = url;
    this.origin = origin;
  }

  get rpId(): string {
    return new URL(this.origin).hostname;
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StudioAnswer> {
    const response = await fetch(`${this.#url}/api/studio${path}`, {
      method,
      headers: {
        ...(method === 'GET' ? {} : { origin: this.origin }),
        ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      this.cookie = pair.endsWith('=') ? undefined : pair;
    }
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as unknown,
    };
  }

  /** What is answered well. */
  async must<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.ask(method, path, body);
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  }

  /** What is refused. */
  async refused(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<WireError & { readonly status: number }> {
    const answer = await this.ask(method, path, body, headers);
    return { status: answer.status, ...wireErrorSchema.parse(answer.body) };
  }

  /** Uses the code of a printed link. */
  async comeIn(link: string | undefined, more: object = {}): Promise<StudioAnswer> {
    return this.ask('POST', '/sign-in/code', { code: readCode(link ?? '') ?? '', ...more });
  }

  async addPasskey(name = 'Soft key'): Promise<void> {
    const options = await this.must<object>('POST', '/passkeys/options', {});
    const response = this.authenticator.register(options, this);
    await this.must('POST', '/passkeys', { name, response });
  }

  /** What a browser sends once its person has touched the key. */
  async signedAssertion() {
    const options = await this.must<object>('POST', '/sign-in/passkey/options', {});
    return this.authenticator.assert(options, this);
  }
}

/** Whether a browser is known to be a person. */
export async function isSignedIn(one: StudioBrowser): Promise<boolean> {
  return sessionAnswerSchema.parse(await one.must('GET', '/session')).signedIn;
}

/** What a studio wrote down of who did what. */
export async function logOf(
  one: StudioBrowser,
  path = '/studios/tidal-games/audit',
): Promise<AuditAnswer> {
  return auditAnswerSchema.parse(await one.must('GET', path));
}
