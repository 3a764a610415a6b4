/**
 * What the gate reads of `window.rockpool`, whichever release the page is of: everything may be
 * missing, and is checked where it is taken out of the page.
 */
export interface PlayedPage {
  readonly version?: number;
  readonly snapshot?: {
    readonly state?: { readonly name?: string; readonly [detail: string]: unknown };
    readonly sessionId?: string;
    readonly firstFrameMs?: number;
    readonly latency?: { readonly clockErrorMs?: number };
  };
  readonly latency?: { samples?(): readonly PlayedSample[] };
}

/** `performance.now()` times, milliseconds. */
export interface PlayedSample {
  readonly inputAtMs: number;
  readonly shownAtMs: number;
  readonly frameNumber: number;
  readonly totalMs: number;
  readonly stages: Readonly<Record<string, number>>;
}

/** The page of a Rockpool; undefined while it has no player. */
export function playedPage(): PlayedPage | undefined {
  return (window as { readonly rockpool?: PlayedPage }).rockpool;
}
