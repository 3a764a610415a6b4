/*
 * Put into a page before its own scripts: takes whole pictures out of its video, for after a
 * measurement, as each costs the main thread more than a frame takes.
 */

/** Their share of luma, BT.709. */
const RED = 0.2126;
const GREEN = 0.7152;
const BLUE = 0.0722;

/** Base64 is made of so many bytes at once: a call takes only so many arguments. */
const CHUNK = 0x8000;

const LIMIT_MS = 5000;

interface CapturedPicture {
  readonly width: number;
  readonly height: number;
  /** Full range, base64. */
  readonly luma: string;
}

class PictureCapture {
  /**
   * The next picture that is shown; undefined where none comes for seconds.
   * @param size pixels: smaller pictures are enlarged as the page would.
   */
  next(size: {
    readonly width: number;
    readonly height: number;
  }): Promise<CapturedPicture | undefined> {
    const video = document.querySelector('video');
    if (!video) throw new Error('This page shows no video.');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(undefined), LIMIT_MS);
      video.requestVideoFrameCallback(() => {
        clearTimeout(timer);
        try {
          resolve({ ...size, luma: this.#read(video, size) });
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #read(
    video: HTMLVideoElement,
    { width, height }: { readonly width: number; readonly height: number },
  ): string {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
    if (!context) throw new Error('This browser gives no 2D canvas.');
    context.drawImage(video, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    const luma = new Uint8Array(width * height);
    for (let i = 0; i < luma.length; i++) {
      const at = 4 * i;
      luma[i] = Math.round(
        RED * (data[at] ?? 0) + GREEN * (data[at + 1] ?? 0) + BLUE * (data[at + 2] ?? 0),
      );
    }
    let text = '';
    for (let at = 0; at < luma.length; at += CHUNK) {
      text += String.fromCharCode(...luma.subarray(at, at + CHUNK));
    }
    return btoa(text);
  }
}

declare global {
  interface Window {
    pictureCapture?: PictureCapture;
  }
}

window.pictureCapture = new PictureCapture();
