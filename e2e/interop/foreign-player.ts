import { expect, vi } from 'vitest';
import {
  type CalibrationMark,
  decodeCalibrationMark,
  type LumaSampler,
  patchLuma,
} from '../../protocol/calibration-picture.ts';
import { CHANNELS } from '../../protocol/channels.ts';
import { parseWorkerControl, type WorkerControl } from '../../protocol/control-messages.ts';
import { encodeInput, type InputMessage } from '../../protocol/input-messages.ts';
import type { SessionSignal } from '../../protocol/session-signal.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { FakePlayer } from '../../test/support/fake-player.ts';
import { SMALL_STREAM } from '../support/player-page.ts';
import { ForeignReceiver, type ReceiverProgram } from './foreign-receiver.ts';
import { ECHO_LIMIT_MS, type InteropPlayer } from './half-minute.ts';
import type { FromReceiver } from './receiver-messages.ts';

const OPEN_LIMIT_MS = 60_000;

/** An {@link InputMessage} before it has its number. */
type Input<T = InputMessage> = T extends InputMessage ? Omit<T, 'seq'> : never;

/** A player whose picture is received and decoded by a {@link ReceiverProgram}. */
export class ForeignPlayer implements InteropPlayer {
  readonly #signaling: FakePlayer;
  readonly #receiver: ForeignReceiver;
  readonly #marks: (CalibrationMark | undefined)[] = [];
  readonly #channels = new Set<string>();
  readonly #control: WorkerControl[] = [];
  #patch = 0;
  #inputSeq = 0;
  #signal: Omit<SessionSignal, 'payload'> | undefined;

  private constructor(url: string, program: ReceiverProgram) {
    this.#signaling = new FakePlayer(url);
    this.#receiver = new ForeignReceiver(program, (message) => this.#handleReceiver(message));
    this.#signaling.socket.on('signal', (signal: SessionSignal) => this.#handleSignal(signal));
  }

  /** Plays the calibration scene; resolves when there is a picture. */
  static async play(
    url: string,
    program: ReceiverProgram,
    codec: VideoCodec,
  ): Promise<ForeignPlayer> {
    const player = new ForeignPlayer(url, program);
    try {
      await player.#open(codec);
    } catch (error) {
      await player.close();
      throw error;
    }
    return player;
  }

  async codec(): Promise<VideoCodec | undefined> {
    const shape = this.#control.findLast((one) => one.type === 'hello' || one.type === 'stream');
    return shape?.codec;
  }

  async marks(): Promise<readonly (CalibrationMark | undefined)[]> {
    return this.#marks;
  }

  async press(): Promise<void> {
    const before = this.#patch;
    this.#input({ type: 'key', code: 'KeyX', down: true });
    await this.#within(ECHO_LIMIT_MS, 'the press', () => {
      return this.#marks.at(-1)?.inputSeq === this.#inputSeq && this.#patch !== before;
    });
    this.#input({ type: 'key', code: 'KeyX', down: false });
  }

  /** @throws Error where the session or the receiver did not end as it should. */
  async leave(): Promise<void> {
    this.#sendControl({ type: 'bye' });
    expect(await this.#signaling.ended.next()).toMatchObject({ reason: 'player-left' });
    expect(await this.#receiver.end(), this.#receiver.complaints).toBe(0);
    expect(this.#control.filter((message) => message.type === 'error')).toEqual([]);
  }

  async close(): Promise<void> {
    const { sessionId } = this.#signal ?? {};
    if (sessionId) this.#signaling.socket.emit('leave', { sessionId }, () => undefined);
    this.#receiver.kill();
    this.#signaling.close();
  }

  async #open(codec: VideoCodec): Promise<void> {
    await this.#signaling.welcome();
    const settings = { ...SMALL_STREAM, codec };
    await this.#signaling.mustPlay({ gameId: 'calibration', settings, codecs: [codec] });
    const labels = Object.keys(CHANNELS);
    await this.#within(OPEN_LIMIT_MS, 'the data channels', () =>
      labels.every((label) => this.#channels.has(label)),
    );
    this.#sendControl({ type: 'hello', protocol: PROTOCOL_VERSION });
    await this.#within(OPEN_LIMIT_MS, 'a picture', () => this.#marks.length > 0);
  }

  #input(input: Input): void {
    this.#inputSeq++;
    const bytes = encodeInput({ ...input, seq: this.#inputSeq });
    const base64 = Buffer.from(bytes).toString('base64');
    this.#receiver.send({ type: 'send', channel: 'input', base64 });
  }

  #sendControl(message: object): void {
    const text = JSON.stringify(message);
    this.#receiver.send({ type: 'send-text', channel: 'control', text });
  }

  #handleSignal({ payload, ...signal }: SessionSignal): void {
    this.#signal = signal;
    if (payload.kind === 'description') {
      this.#receiver.send({ type: 'offer', sdp: payload.description.sdp });
    } else if (payload.kind === 'candidate') {
      this.#receiver.send({ type: 'candidate', ...payload.candidate });
    }
  }

  #handleReceiver(message: FromReceiver): void {
    switch (message.type) {
      case 'answer': {
        const description = { type: 'answer' as const, sdp: message.sdp };
        this.#answer({ kind: 'description', description });
        break;
      }
      case 'candidate': {
        const { type, ...candidate } = message;
        this.#answer({ kind: type, candidate });
        break;
      }
      case 'open':
        this.#channels.add(message.channel);
        break;
      case 'text':
        this.#control.push(parseWorkerControl(message.text));
        break;
      case 'picture':
        this.#look(message);
        break;
    }
  }

  #look({ width, height, lumaBase64 }: Extract<FromReceiver, { type: 'picture' }>): void {
    const pixels = Buffer.from(lumaBase64, 'base64');
    const luma: LumaSampler = (x, y) => pixels[y * width + x] ?? 0;
    this.#marks.push(decodeCalibrationMark(luma, { width, height }));
    this.#patch = Math.round(patchLuma(luma, { width, height }) / 255);
  }

  #answer(payload: SessionSignal['payload']): void {
    this.#signaling.socket.emit('signal', { ...this.#signal, payload }, () => undefined);
  }

  async #within(timeout: number, what: string, isSo: () => boolean): Promise<void> {
    try {
      await vi.waitUntil(isSo, { timeout, interval: 10 });
    } catch (cause) {
      const seen = {
        mark: this.#marks.at(-1),
        input: this.#inputSeq,
        control: this.#control.at(-1),
      };
      const details = [`${what} did not come`, JSON.stringify(seen), this.#receiver.complaints];
      throw new Error(details.join('\n'), { cause });
    }
  }
}
