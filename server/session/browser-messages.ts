import type { ChannelLabel } from '../../protocol/channels.ts';
import { type BrowserControl, parseBrowserControl } from '../../protocol/control-messages.ts';
import { RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { InputChannel, type InputListener } from './input-channel.ts';

/** A browser that sends nonsense is told so this often a second at most; the rest is counted. */
const MAX_REPLIES = 10;

export interface BrowserMessagesListener extends InputListener {
  handleControl(message: BrowserControl): void;
  /** To be told to the browser. */
  handleRejected(error: RockpoolError): void;
}

/** What one connection's browser says on its data channels, parsed. */
export class BrowserMessages {
  readonly #listener: BrowserMessagesListener;
  readonly #input: InputChannel;
  #rejected = 0;
  #replies = 0;

  constructor(listener: BrowserMessagesListener) {
    this.#listener = listener;
    this.#input = new InputChannel(listener);
  }

  /** Messages that were not understood or not permitted, since the connection began. */
  get rejected(): number {
    return this.#rejected;
  }

  /** @param receivedUs microseconds of the worker's clock. */
  handleMessage(label: ChannelLabel, data: Uint8Array | string, receivedUs: number): void {
    try {
      if (label === 'control') {
        if (typeof data !== 'string') throw unexpected(label);
        this.#handleControl(data);
      } else {
        if (typeof data === 'string' || label === 'frames') throw unexpected(label);
        if (label === 'input') this.#input.handleInputBytes(data, receivedUs);
        else this.#input.handleMotionBytes(data, receivedUs);
      }
    } catch (error) {
      this.reject(error);
    }
  }

  /** Counts what was not understood and says so, within reason. */
  reject(error: unknown): void {
    this.#rejected++;
    if (this.#replies++ >= MAX_REPLIES) return;
    this.#listener.handleRejected(toRockpoolError(error, 'bad-message'));
  }

  /** Counts what was understood, and is not for this browser to say. */
  countRefused(): void {
    this.#rejected++;
  }

  /** A second has passed: errors are answered again. */
  forgive(): void {
    this.#replies = 0;
  }

  #handleControl(text: string): void {
    const message = parseBrowserControl(text);
    if (message.type === 'hello' && message.protocol !== PROTOCOL_VERSION) {
      throw new RockpoolError(
        'protocol-mismatch',
        `The page speaks version ${message.protocol}, this container version ${PROTOCOL_VERSION}. Reload the page.`,
      );
    }
    this.#listener.handleControl(message);
  }
}

function unexpected(label: ChannelLabel): RockpoolError {
  return new RockpoolError('bad-message', `This kind of message does not belong on "${label}".`);
}
