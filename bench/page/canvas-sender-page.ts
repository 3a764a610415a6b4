import { decodeInput } from '../../protocol/input-messages.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import { CalibrationScene } from '../../renderer/calibration/calibration-scene.ts';
import { BACKGROUND_LUMA } from '../../renderer/calibration/scene-picture.ts';
import { InputTracker } from '../../renderer/input-state.ts';

/*
 * A browser as a game's sender: the calibration scene in a canvas, captured and sent by the browser's
 * own encoder, pacer and bandwidth estimation.
 *
 * The scene ticks in the browser's own frame callback. A canvas is captured when the browser draws
 * its page, so a tick anywhere else would only wait for that: this is the earliest there is.
 */

export interface CanvasSenderOptions extends Resolution {
  readonly frameRate: number;
  readonly maxBitrateBps: number;
}

/** What becomes of a game that is not asked to rumble or to change the pointer. */
const HOST = { rumble: () => undefined, setCursor: () => undefined };

/** A longer pause than this is not made up for by the scene, in seconds; as in the product. */
const MAX_DT_S = 0.1;

/** BT.709 limited range to a CSS colour. */
function cssColour(luma: number, blue: number, red: number): string {
  const y = (luma - 16) / 219;
  const cb = (blue - 128) / 224;
  const cr = (red - 128) / 224;
  const channels = [y + 1.5748 * cr, y - 0.1873 * cb - 0.4681 * cr, y + 1.8556 * cb];
  return `rgb(${channels.map((value) => Math.round(255 * value)).join(' ')})`;
}

class CanvasSender {
  readonly #connection = new RTCPeerConnection();
  readonly #scene = new CalibrationScene(1);
  readonly #input = new InputTracker();
  /** Colours as CSS, which is parsed once a colour instead of once a rectangle. */
  readonly #colours = new Map<number, string>();
  #inputSeq = 0;

  /** Starts the scene. @returns the offer with all candidates. */
  async offer(options: CanvasSenderOptions): Promise<string> {
    const { width, height, frameRate, maxBitrateBps } = options;
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    document.body.append(canvas);
    const context = canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('This browser gives no 2D canvas.');
    this.#scene.resize({ width, height });
    // At 0 nothing is captured but what is asked for: each tick, once.
    const [track] = canvas.captureStream(0).getVideoTracks();
    if (!track) throw new Error('This browser captures no canvas.');
    track.contentHint = 'motion';
    this.#play(context, track as CanvasCaptureMediaStreamTrack);
    const transceiver = this.#connection.addTransceiver(track, {
      direction: 'sendonly',
      sendEncodings: [{ maxBitrate: maxBitrateBps, maxFramerate: frameRate, priority: 'high' }],
    });
    const { codecs = [] } = RTCRtpSender.getCapabilities('video') ?? {};
    const isH264 = ({ mimeType }: RTCRtpCodec) => mimeType === 'video/H264';
    transceiver.setCodecPreferences(
      codecs.toSorted((a, b) => Number(isH264(b)) - Number(isH264(a))),
    );
    this.#openInput();
    await this.#connection.setLocalDescription();
    await new Promise<void>((resolve) => {
      const check = () => {
        if (this.#connection.iceGatheringState === 'complete') resolve();
      };
      this.#connection.addEventListener('icegatheringstatechange', check);
      check();
    });
    return this.#connection.localDescription?.sdp ?? '';
  }

  async accept(sdp: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp });
    const [sender] = this.#connection.getSenders();
    if (!sender) return;
    const parameters = sender.getParameters();
    // A game has to move: where the network is narrow, the picture shrinks and its rate stays.
    parameters.degradationPreference = 'maintain-framerate';
    await sender.setParameters(parameters);
  }

  #openInput(): void {
    const channel = this.#connection.createDataChannel('input', { ordered: true });
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      const input = decodeInput(new Uint8Array(data));
      this.#input.apply(input);
      if ('seq' in input) this.#inputSeq = input.seq;
    });
  }

  #play(context: CanvasRenderingContext2D, track: CanvasCaptureMediaStreamTrack): void {
    let frameNumber = 0;
    let timeS = 0;
    let lastMs: number | undefined;
    const tick = (nowMs: number) => {
      requestAnimationFrame(tick);
      const dtS = Math.min((nowMs - (lastMs ?? nowMs)) / 1000, MAX_DT_S);
      lastMs = nowMs;
      timeS += dtS;
      const inputSeq = this.#inputSeq;
      this.#scene.update({ dtS, timeS, frameNumber, inputSeq, input: this.#input }, HOST);
      this.#input.endTick();
      frameNumber++;
      this.#draw(context);
      track.requestFrame();
    };
    requestAnimationFrame(tick);
  }

  #draw(context: CanvasRenderingContext2D): void {
    context.fillStyle = this.#colour(BACKGROUND_LUMA, 128, 128);
    context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    this.#scene.rectangles.each((x, y, width, height, luma, blue, red) => {
      context.fillStyle = this.#colour(luma, blue, red);
      context.fillRect(x, y, width, height);
    });
  }

  #colour(luma: number, blue: number, red: number): string {
    const key = (luma << 16) | (blue << 8) | red;
    let colour = this.#colours.get(key);
    if (colour === undefined) {
      colour = cssColour(luma, blue, red);
      this.#colours.set(key, colour);
    }
    return colour;
  }
}

declare global {
  interface Window {
    canvasSender?: CanvasSender;
  }
}

window.canvasSender = new CanvasSender();
