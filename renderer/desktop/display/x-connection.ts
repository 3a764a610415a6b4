import {
  createClient,
  type XCallback,
  type XClient,
  type XError,
  type XEvent,
  type XExtensions,
} from 'x11';
import { RockpoolError, toRockpoolError } from '../../../protocol/errors.ts';
import { COOKIE_METHOD, readCookie } from './x-authority.ts';

export interface XConnectionOptions {
  /** As in `DISPLAY`: `:N`. */
  readonly display: string;
  /** Holds the display's cookie. */
  readonly authorityFile: string;
  /** The connection is lost. Called once, and never after `close`. */
  readonly handleFailure: (error: RockpoolError) => void;
}

/**
 * One connection to an X server: requests with replies as promises, and every way it can fail as one
 * call. Requests without a reply are made on `client` directly; what they do wrong is not told,
 * because a window or a cursor of another program may be gone at any time before a request reaches
 * the server.
 */
export class XConnection {
  readonly client: XClient;
  /** The root window of the first screen. */
  readonly root: number;
  readonly #handleFailure: (error: RockpoolError) => void;
  readonly #waiting = new Set<(error: RockpoolError) => void>();
  #ended: RockpoolError | undefined;

  private constructor(client: XClient, root: number, options: XConnectionOptions) {
    this.client = client;
    this.root = root;
    this.#handleFailure = options.handleFailure;
  }

  /** @throws RockpoolError `game-failed` where the server does not let us in. */
  static async open(options: XConnectionOptions): Promise<XConnection> {
    const { display, authorityFile } = options;
    const auth = { name: COOKIE_METHOD, data: await readCookie(authorityFile) };
    return new Promise((resolve, reject) => {
      let connection: XConnection | undefined;
      const lost = (cause?: Error) => {
        const detail = cause ? `: ${cause.message}` : '';
        const error = new RockpoolError(
          'game-failed',
          `The connection to the X display ${display} was lost${detail}.`,
          { cause },
        );
        if (connection) connection.#fail(error);
        else reject(error);
      };
      const client = createClient({ display, auth, bufferRequests: true }, (error, opened) => {
        if (error) {
          lost(error);
          return;
        }
        // The package remembers atoms of one display for all others, where they are other numbers.
        opened.client.atoms = { ...opened.client.atoms };
        const root = opened.client.display.screen[0]?.root ?? 0;
        connection = new XConnection(opened.client, root, options);
        resolve(connection);
      });
      client.on('end', () => lost());
      client.on('error', (error) => {
        if (!isXError(error)) lost(error);
      });
    });
  }

  /** Why no request will be answered any more; undefined while the connection stands. */
  get ended(): RockpoolError | undefined {
    return this.#ended;
  }

  /**
   * Makes a request that is answered.
   * @throws RockpoolError `internal` where the server refuses it, or the reason the connection ended.
   */
  ask<T>(request: (done: XCallback<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      this.#waiting.add(reject);
      request((error, reply) => {
        this.#waiting.delete(reject);
        if (error) reject(refusal(error));
        else resolve(reply);
        return true;
      });
    });
  }

  /** @throws RockpoolError `game-failed` where the server lacks the extension. */
  async extension<Name extends keyof XExtensions>(name: Name): Promise<XExtensions[Name]> {
    try {
      return await this.ask<XExtensions[Name]>((done) => this.client.require(name, done));
    } catch (cause) {
      const message = `The X server has no ${name} extension; Xvfb of Debian 12 or later has it.`;
      throw this.#ended ?? new RockpoolError('game-failed', message, { cause });
    }
  }

  /** Numbers of names, by name. */
  async atoms<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
    const pairs = await Promise.all(
      names.map(async (name) => {
        const atom = await this.ask<number>((done) => this.client.InternAtom(false, name, done));
        return [name, atom] as const;
      }),
    );
    return Object.fromEntries(pairs) as Record<Name, number>;
  }

  /** Resolves when the server has processed every request made so far. */
  async settled(): Promise<void> {
    await this.ask<{ readonly focus: number }>((done) => this.client.GetInputFocus(done));
  }

  /** The returned function ends it. A listener that throws ends the connection. */
  onEvent(listener: (event: XEvent) => void): () => void {
    const guarded = (event: XEvent) => {
      try {
        if (!this.#ended) listener(event);
      } catch (thrown) {
        this.#fail(toRockpoolError(thrown));
      }
    };
    this.client.on('event', guarded);
    return () => this.client.off('event', guarded);
  }

  /** The server frees what this connection made. */
  close(): void {
    this.#end(new RockpoolError('internal', 'The connection to the X display is closed.'));
  }

  #fail(error: RockpoolError): void {
    if (this.#ended) return;
    this.#end(error);
    this.#handleFailure(error);
  }

  #end(error: RockpoolError): void {
    if (this.#ended) return;
    this.#ended = error;
    this.client.terminate();
    this.client.stream.destroy();
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }
}

function refusal(error: Error): RockpoolError {
  if (!isXError(error)) return toRockpoolError(error);
  const request = `${error.majorOpcode}.${error.minorOpcode}`;
  const message = `The X server refused request ${request}: ${error.message}.`;
  return new RockpoolError('internal', message, { cause: error });
}

function isXError(error: Error): error is XError {
  return 'majorOpcode' in error;
}
