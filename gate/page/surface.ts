/** An element that shows the pictures, and how the page hears of each. */
export interface Surface {
  readonly element: HTMLVideoElement | HTMLCanvasElement;
  /** Pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** @param handle called once, at the next picture. */
  next(handle: () => void): void;
}

/** `video`: a stream. `canvas`: pictures that the page draws itself. */
export type SurfaceName = 'video' | 'canvas';

function videoSurface(element: HTMLVideoElement): Surface {
  return {
    element,
    get size() {
      return { width: element.videoWidth, height: element.videoHeight };
    },
    next: (handle) => void element.requestVideoFrameCallback(handle),
  };
}

/**
 * Nobody tells a page what its own canvas shows: it is looked at in every frame of the page, before
 * that frame is drawn. What is in the canvas then is in that frame, as with a video's callback,
 * which the browser runs in the same step.
 */
function canvasSurface(element: HTMLCanvasElement): Surface {
  return {
    element,
    get size() {
      return { width: element.width, height: element.height };
    },
    next: (handle) => void requestAnimationFrame(handle),
  };
}

/** The page's only one. @throws Error where there is none. */
export function findSurface(name: SurfaceName): Surface {
  const element = document.querySelector(name);
  if (element instanceof HTMLVideoElement) return videoSurface(element);
  if (element instanceof HTMLCanvasElement) return canvasSurface(element);
  throw new Error(`This page shows no ${name}.`);
}
