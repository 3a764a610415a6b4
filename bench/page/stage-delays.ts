import { followConnections } from '../../gate/page/opened-connections.ts';
import { decodeMotion } from '../../protocol/motion-messages.ts';

/*
 * Delays of a page's stages, on purpose and to the millisecond: what the accounting says of them is
 * then known beforehand. They sit in the browser's own objects, around the player and not in it, and
 * each is late without being slow: what comes after waits for nothing but its own time.
 */

/** Milliseconds; 0 and undefined leave the stage as it is. */
export interface PageDelays {
  /** From an input's event until its message is sent. Pings are not delayed: the clock stays right. */
  readonly uplinkMs: number;
  /**
   * From a frame's last packet until it is decoded. At 0 frames go the same way and are held for no
   * time: the way costs something itself, and what is compared has to have it too.
   */
  readonly decodeMs: number | undefined;
  /** From when a frame is handed to the compositor until the page is told. */
  readonly presentMs: number;
}

declare global {
  interface Window {
    /** May be set before the page's own scripts run. */
    stageDelays: PageDelays;
  }
}

window.stageDelays = { uplinkMs: 0, decodeMs: undefined, presentMs: 0 };

function isPing(label: string, data: Uint8Array): boolean {
  return label === 'motion' && decodeMotion(data).type === 'ping';
}

const sendNow: (this: RTCDataChannel, data: ArrayBufferView<ArrayBuffer>) => void =
  RTCDataChannel.prototype.send;

RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
  const { uplinkMs } = window.stageDelays;
  const isInput = this.label === 'input' || this.label === 'motion';
  if (uplinkMs === 0 || !isInput || !(data instanceof Uint8Array) || isPing(this.label, data)) {
    sendNow.call(this, data as ArrayBufferView<ArrayBuffer>);
    return;
  }
  const late = data.slice();
  setTimeout(() => {
    if (this.readyState === 'open') sendNow.call(this, late);
  }, uplinkMs);
};

/** Runs in a worker of its own: between the frame's last packet and its decoder. */
const HOLD_FRAMES = `
onrtctransform = async ({ transformer: { readable, writable, options } }) => {
  const writer = writable.getWriter();
  for await (const frame of readable) {
    if (options.delayMs === 0) writer.write(frame);
    else setTimeout(() => writer.write(frame), options.delayMs);
  }
};`;

function holdFrames(receiver: RTCRtpReceiver, delayMs: number): void {
  const source = URL.createObjectURL(new Blob([HOLD_FRAMES], { type: 'text/javascript' }));
  receiver.transform = new RTCRtpScriptTransform(new Worker(source), { delayMs });
}

followConnections((connection) => {
  connection.addEventListener('track', ({ track, receiver }) => {
    const { decodeMs } = window.stageDelays;
    if (decodeMs !== undefined && track.kind === 'video') holdFrames(receiver, decodeMs);
  });
});

const requestNow = HTMLVideoElement.prototype.requestVideoFrameCallback;
const cancelNow = HTMLVideoElement.prototype.cancelVideoFrameCallback;

/** Tells of every frame of one element, late. */
class LateFrames {
  readonly #waiting = new Map<number, VideoFrameRequestCallback>();
  #handle = 0;

  constructor(video: HTMLVideoElement, delayMs: number) {
    const follow: VideoFrameRequestCallback = (_now, metadata) => {
      requestNow.call(video, follow);
      setTimeout(() => this.#tell(metadata), delayMs);
    };
    requestNow.call(video, follow);
  }

  request(callback: VideoFrameRequestCallback): number {
    this.#waiting.set(++this.#handle, callback);
    return this.#handle;
  }

  cancel(handle: number): void {
    this.#waiting.delete(handle);
  }

  #tell(metadata: VideoFrameCallbackMetadata): void {
    const due = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const callback of due) callback(performance.now(), metadata);
  }
}

const lateFrames = new WeakMap<HTMLVideoElement, LateFrames>();

HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
  const { presentMs } = window.stageDelays;
  if (presentMs === 0) return requestNow.call(this, callback);
  // The element is ahead of what the page is told: nobody is to look and find that out.
  Reflect.deleteProperty(window, 'VideoFrame');
  const late = lateFrames.get(this) ?? new LateFrames(this, presentMs);
  lateFrames.set(this, late);
  return late.request(callback);
};

HTMLVideoElement.prototype.cancelVideoFrameCallback = function (handle) {
  const late = lateFrames.get(this);
  if (late) late.cancel(handle);
  else cancelNow.call(this, handle);
};
