import { z } from 'zod';
import { MAX_PADS } from '../../protocol/input-messages.ts';

/** A browser plays one effect for five seconds at most (Gamepad specification, "dual-rumble"). */
const MAX_RUMBLE_MS = 5000;

const padNumberSchema = z
  .int()
  .min(0)
  .max(MAX_PADS - 1);
const fractionSchema = z.number().min(0).max(1);

/**
 * Worker to launcher, one JSON object a line. The launcher is alone in the sandbox, without zod: it
 * takes the worker's word.
 */
export type ToLauncher =
  | { readonly type: 'pad-connected'; readonly pad: number }
  | { readonly type: 'pad-disconnected'; readonly pad: number }
  | {
      readonly type: 'pad-button';
      readonly pad: number;
      /** Index in the W3C standard gamepad layout. */
      readonly button: number;
      readonly down: boolean;
    }
  | {
      readonly type: 'pad-state';
      readonly pad: number;
      /** Left x, left y, right x, right y: −1 to 1. */
      readonly axes: readonly [number, number, number, number];
      /** Left, right: 0 to 1. */
      readonly triggers: readonly [number, number];
    }
  | { readonly type: 'release-all' }
  /** End the browser properly, so that what the page stored is on the disk. */
  | { readonly type: 'quit' };

/** Launcher to worker. What it says may come from the build: it is parsed. */
export const fromLauncherSchema = z.discriminatedUnion('type', [
  /** The page has been read and its scripts have run. */
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({
    type: z.literal('rumble'),
    pad: padNumberSchema,
    strong: fractionSchema,
    weak: fractionSchema,
    durationMs: z.number().min(0).max(MAX_RUMBLE_MS),
  }),
  /** The page cannot go on; the program ends next. */
  z.strictObject({ type: z.literal('failed'), message: z.string().max(2000) }),
]);
export type FromLauncher = z.infer<typeof fromLauncherSchema>;

/** What the launcher is started with, as JSON in its one argument. */
export interface LauncherSettings {
  /** Chromium, absolute. */
  readonly browser: string;
  /** Folder of the build, absolute. */
  readonly folder: string;
  /** Page in it, relative. */
  readonly entry: string;
  /** Folder of the browser's own files, absolute. */
  readonly profile: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Whether the page may reach other hosts. */
  readonly network: boolean;
}
