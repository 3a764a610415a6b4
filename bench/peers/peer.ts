import type { Page } from 'puppeteer-core';
import type { PixelSubject } from '../../gate/page/pixel-probe.ts';
import type { RelayPaths } from '../network/senders/sender.ts';

/** What draws the calibration picture: ours in the sender itself, or the same as a program for X. */
export type Scene = 'built in' | 'X program';

/** One way to bring the calibration picture to a browser, ours or another's. */
export interface Peer {
  readonly name: string;
  readonly scene: Scene;
  readonly subject: PixelSubject;
  /** False for what is no stream of datagrams: it goes straight to the page, over `lan` alone. */
  readonly isRelayed: boolean;
  /** Streams for as long as `measure` takes. */
  run<T>(relay: RelayPaths, measure: (page: Page) => Promise<T>): Promise<T>;
}

/** How to have a peer, or why not. */
export interface PeerOffer {
  /** As in `--peers`. */
  readonly id: string;
  /** What to install; undefined where it is there. */
  missing(): string | undefined;
  open(): Promise<Peer>;
}
