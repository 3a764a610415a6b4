import type { DisplayedFrame } from '../latency/frame-accounting.ts';

/** Fields WebRTC frames have beyond the required ones; Firefox leaves some out. */
type FrameMetadata = Pick<
  VideoFrameCallbackMetadata,
  'mediaTime' | 'presentationTime' | 'receiveTime' | 'rtpTimestamp'
>;

/**
 * What `requestVideoFrameCallback` says of a frame, as the latency accounting wants it; undefined
 * where the frame has no RTP timestamp.
 *
 * A frame counts as shown when this callback runs: the earliest moment at which a page finds the
 * frame's pixels in the element, so that accounting and pixels mean the same by "photon". A busy main
 * thread counts as latency; the scan-out of the panel, which no page can see, does not. Chromium's
 * `expectedDisplayTime` is no help: for low-delay streams it is the start of the display interval in
 * which the frame was submitted for some frames and of the next one for others.
 *
 * @param pictureUs media time of the picture in the element now; undefined where unknown.
 */
export function displayedFrame(
  metadata: FrameMetadata,
  callbackMs: number,
  pictureUs: number | undefined,
): DisplayedFrame | undefined {
  const { mediaTime, rtpTimestamp, receiveTime, presentationTime } = metadata;
  if (rtpTimestamp === undefined) return undefined;
  return {
    rtpTimestamp,
    receivedMs: receiveTime,
    presentedMs: presentationTime,
    shownMs: callbackMs,
    // The two times are equal to the rounding, or a frame apart.
    successorVisible: pictureUs !== undefined && pictureUs - mediaTime * 1e6 > 1000,
  };
}

/**
 * Media time of the picture an element shows, microseconds: for one frame in 150 it is not the one
 * its callback speaks of. Costs 0.02 ms, as no pixel is copied. Undefined before the first picture
 * and where the browser has no WebCodecs (which it has in secure contexts only).
 */
function pictureUs(video: HTMLVideoElement): number | undefined {
  if (!('VideoFrame' in globalThis) || video.readyState < video.HAVE_CURRENT_DATA) return undefined;
  const picture = new VideoFrame(video);
  const { timestamp } = picture;
  picture.close();
  return timestamp;
}

export interface VideoOutputListener {
  /** A frame is on screen. */
  handleDisplayed(frame: DisplayedFrame | undefined): void;
  /** The first frame of the newest stream is there to be seen, also in a hidden tab that shows none. */
  handleFirstFrame(): void;
}

/** Shows a stream in the page's video element and follows each frame to the screen. */
export class VideoOutput {
  readonly #video: HTMLVideoElement;
  readonly #now: () => number;
  readonly #listener: VideoOutputListener;
  #callback: number | undefined;
  #awaited: MediaStreamTrack | undefined;
  #shown: MediaStreamTrack | undefined;

  constructor(video: HTMLVideoElement, now: () => number, listener: VideoOutputListener) {
    this.#video = video;
    this.#now = now;
    this.#listener = listener;
    video.muted = true;
    video.playsInline = true;
    video.autoplay = true;
    video.addEventListener('loadeddata', this.#handleLoaded);
    this.#follow();
  }

  /** From its first packet on `track` replaces what is shown; until then the last picture stays. */
  show(track: MediaStreamTrack): void {
    this.#awaited?.removeEventListener('unmute', this.#handleUnmute);
    this.#awaited = track;
    if (!track.muted || !this.#video.srcObject) this.#handleUnmute();
    else track.addEventListener('unmute', this.#handleUnmute);
  }

  /** Whether {@link VideoOutputListener.handleDisplayed} is called: not every browser tells of frames. */
  get tellsFrames(): boolean {
    return 'requestVideoFrameCallback' in this.#video;
  }

  /** Shows the same picture through a fresh stream, without what the element has queued. */
  reattach(): void {
    if (this.#shown) this.#attach(this.#shown);
  }

  close(): void {
    this.#awaited?.removeEventListener('unmute', this.#handleUnmute);
    this.#video.removeEventListener('loadeddata', this.#handleLoaded);
    if (this.#callback !== undefined) this.#video.cancelVideoFrameCallback(this.#callback);
  }

  readonly #handleUnmute = (): void => {
    const track = this.#awaited;
    if (!track) return;
    this.#awaited = undefined;
    track.removeEventListener('unmute', this.#handleUnmute);
    this.#shown = track;
    this.#attach(track);
  };

  #attach(track: MediaStreamTrack): void {
    this.#video.srcObject = new MediaStream([track]);
    this.#video.play().catch((error: unknown) => {
      // `AbortError`: replaced by a newer stream before it began.
      if (!(error instanceof Error && error.name === 'AbortError')) {
        console.error('The browser does not play the picture.', error);
      }
    });
  }

  readonly #handleLoaded = (): void => this.#listener.handleFirstFrame();

  #follow(): void {
    if (!this.tellsFrames) return;
    this.#callback = this.#video.requestVideoFrameCallback((_beginMs, metadata) => {
      const callbackMs = this.#now();
      this.#follow();
      this.#listener.handleDisplayed(displayedFrame(metadata, callbackMs, pictureUs(this.#video)));
    });
  }
}
