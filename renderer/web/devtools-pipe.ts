import type { Readable, Writable } from 'node:stream';

/** What the browser says, read field by field where it is used. */
export type Fields = Readonly<Record<string, unknown>>;

export interface DevtoolsEvent {
  readonly method: string;
  readonly params: Fields;
  /** Page it is of; undefined where it is of the browser. */
  readonly sessionId: string | undefined;
}

/** A field that is itself an object; empty where it is none. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** A field that is text; empty where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface Waiting {
  resolve(result: Fields): void;
  reject(error: Error): void;
}

/**
 * The Chrome DevTools Protocol over `--remote-debugging-pipe`: JSON, each message ended by a zero
 * byte. Nothing else on the machine can get at it, as it could at a debugging port.
 */
export class DevtoolsPipe {
  readonly #toBrowser: Writable;
  readonly #waiting = new Map<number, Waiting>();
  readonly #handleEvent: (event: DevtoolsEvent) => void;
  #lastId = 0;
  #rest = '';
  #closed = false;

  constructor(
    toBrowser: Writable,
    fromBrowser: Readable,
    handleEvent: (event: DevtoolsEvent) => void,
  ) {
    this.#toBrowser = toBrowser;
    this.#handleEvent = handleEvent;
    // A browser that is gone says so by its exit.
    toBrowser.on('error', () => this.close());
    fromBrowser.on('error', () => this.close());
    fromBrowser.on('close', () => this.close());
    fromBrowser.setEncoding('utf8');
    fromBrowser.on('data', (text: string) => this.#read(text));
  }

  /** @throws Error with the browser's words where it refuses, or is gone. */
  call(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    if (this.#closed) return Promise.reject(new Error(`${method}: the browser is gone`));
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {
        resolve,
        reject: (error) => reject(new Error(`${method}: ${error.message}`)),
      });
      this.#toBrowser.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { reject } of this.#waiting.values()) reject(new Error('the browser is gone'));
    this.#waiting.clear();
    this.#toBrowser.destroy();
  }

  #read(text: string): void {
    const messages = (this.#rest + text).split('\0');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) this.#deliver(fieldsOf(JSON.parse(message)));
  }

  #deliver({ id, method, params, sessionId, result, error }: Fields): void {
    if (typeof id !== 'number') {
      this.#handleEvent({
        method: textOf(method),
        params: fieldsOf(params),
        sessionId: typeof sessionId === 'string' ? sessionId : undefined,
      });
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(textOf(fieldsOf(error).message)));
    else waiting?.resolve(fieldsOf(result));
  }
}
