import type { XProperty, XWindowGeometry } from 'x11';
import type { Resolution } from '../../../protocol/stream-settings.ts';
import type { XConnection } from './x-connection.ts';

/** Names that windows and window managers speak of (ICCCM, EWMH 1.5). */
const WINDOW_ATOMS = [
  'WM_PROTOCOLS',
  'WM_DELETE_WINDOW',
  'WM_TAKE_FOCUS',
  'WM_STATE',
  'WM_NORMAL_HINTS',
  'WM_HINTS',
  'WM_TRANSIENT_FOR',
  'UTF8_STRING',
  '_NET_SUPPORTED',
  '_NET_SUPPORTING_WM_CHECK',
  '_NET_WM_NAME',
  '_NET_ACTIVE_WINDOW',
  '_NET_CLIENT_LIST',
  '_NET_WORKAREA',
  '_NET_DESKTOP_GEOMETRY',
  '_NET_NUMBER_OF_DESKTOPS',
  '_NET_CURRENT_DESKTOP',
  '_NET_FRAME_EXTENTS',
  '_NET_REQUEST_FRAME_EXTENTS',
  '_NET_WM_STATE',
  '_NET_WM_STATE_FULLSCREEN',
  '_NET_WM_WINDOW_TYPE',
  '_NET_WM_WINDOW_TYPE_DIALOG',
  '_NET_WM_WINDOW_TYPE_SPLASH',
  '_NET_WM_WINDOW_TYPE_UTILITY',
  '_NET_WM_WINDOW_TYPE_MENU',
  '_NET_WM_WINDOW_TYPE_DROPDOWN_MENU',
  '_NET_WM_WINDOW_TYPE_POPUP_MENU',
  '_NET_WM_WINDOW_TYPE_TOOLTIP',
  '_NET_WM_WINDOW_TYPE_NOTIFICATION',
  '_NET_WM_WINDOW_TYPE_COMBO',
] as const;

export type WindowAtoms = Readonly<Record<(typeof WINDOW_ATOMS)[number], number>>;

export function windowAtoms(connection: XConnection): Promise<WindowAtoms> {
  return connection.atoms(WINDOW_ATOMS);
}

/** What a window says about itself. */
export interface WindowFacts {
  /** As the program made it, pixels. */
  readonly size: Resolution;
  readonly inputOnly: boolean;
  readonly kind: 'normal' | 'dialog' | 'popup';
  /** The window it belongs to; 0 where there is none. */
  readonly transientFor: number;
  /** The only size it wants to have. */
  readonly fixedSize: Resolution | undefined;
  readonly fullscreen: boolean;
  /** Whether the keyboard may be given to it. */
  readonly takesInput: boolean;
  /** Whether it wants to be told, and takes the keyboard itself (ICCCM §4.1.7). */
  readonly takesFocus: boolean;
  /** Whether it can be asked to close (ICCCM §4.2.8.1). */
  readonly closable: boolean;
}

/**
 * - `full`: covers the display.
 * - `centred`: has its own size, in the middle.
 * - `free`: stands where its program put it.
 */
export type WindowRole = 'full' | 'centred' | 'free';

/** Part of the display's width and height from which on a window is meant to be looked at alone. */
const LARGE = 1 / 2;

export function isLarge(size: Resolution, display: Resolution): boolean {
  return size.width >= display.width * LARGE && size.height >= display.height * LARGE;
}

/**
 * @param size what the program wants now, pixels.
 * @param alone whether no window covers the display yet.
 */
export function roleOf(
  facts: WindowFacts,
  size: Resolution,
  display: Resolution,
  alone: boolean,
): WindowRole {
  if (facts.fullscreen) return 'full';
  if (facts.kind === 'popup' || facts.inputOnly) return 'free';
  if (facts.kind === 'dialog' || facts.transientFor !== 0) return 'centred';
  const { fixedSize } = facts;
  // Stretching a window that cannot be stretched leaves its picture in a corner.
  if (fixedSize) {
    const fits = fixedSize.width <= display.width && fixedSize.height <= display.height;
    const covers = fixedSize.width >= display.width && fixedSize.height >= display.height;
    return fits && !covers ? 'centred' : 'full';
  }
  return alone || isLarge(size, display) ? 'full' : 'centred';
}

/** WM_NORMAL_HINTS, ICCCM §4.1.2.3: flags and places, in 32-bit words. */
const MIN_SIZE_FLAG = 1 << 4;
const MAX_SIZE_FLAG = 1 << 5;
const MIN_WIDTH = 5;
const MIN_HEIGHT = 6;
const MAX_WIDTH = 7;
const MAX_HEIGHT = 8;

/** WM_HINTS, ICCCM §4.1.2.4. */
const INPUT_FLAG = 1;
const INPUT = 1;

/** Longest property that is read, 32-bit words. */
const MAX_WORDS = 64;
const ANY_TYPE = 0;
const INPUT_ONLY = 2;

/** Undefined where the window is gone. */
export async function readWindow(
  connection: XConnection,
  atoms: WindowAtoms,
  window: number,
): Promise<WindowFacts | undefined> {
  const { client } = connection;
  const words = async (property: number): Promise<number[]> =>
    wordsOf(
      await connection.ask<XProperty>((done) =>
        client.GetProperty(0, window, property, ANY_TYPE, 0, MAX_WORDS, done),
      ),
    );
  try {
    const [geometry, attributes, hints, sizes, transient, types, protocols, state] =
      await Promise.all([
        connection.ask<XWindowGeometry>((done) => client.GetGeometry(window, done)),
        connection.ask<{ readonly klass: number }>((done) =>
          client.GetWindowAttributes(window, done),
        ),
        words(atoms.WM_HINTS),
        words(atoms.WM_NORMAL_HINTS),
        words(atoms.WM_TRANSIENT_FOR),
        words(atoms._NET_WM_WINDOW_TYPE),
        words(atoms.WM_PROTOCOLS),
        words(atoms._NET_WM_STATE),
      ]);
    return {
      size: { width: geometry.width, height: geometry.height },
      inputOnly: attributes.klass === INPUT_ONLY,
      kind: kindOf(types, atoms),
      transientFor: transient[0] ?? 0,
      fixedSize: fixedSizeOf(sizes),
      fullscreen: state.includes(atoms._NET_WM_STATE_FULLSCREEN),
      takesInput: ((hints[0] ?? 0) & INPUT_FLAG) === 0 || hints[INPUT] !== 0,
      takesFocus: protocols.includes(atoms.WM_TAKE_FOCUS),
      closable: protocols.includes(atoms.WM_DELETE_WINDOW),
    };
  } catch {
    // A window may be destroyed at any time; that the connection ended, its owner is told.
    return undefined;
  }
}

function wordsOf({ format, data }: XProperty): number[] {
  if (format !== 32) return [];
  const words: number[] = [];
  for (let at = 0; at + 4 <= data.length; at += 4) words.push(data.readUInt32LE(at));
  return words;
}

/** The first type that is known decides (EWMH §5, _NET_WM_WINDOW_TYPE). */
function kindOf(types: readonly number[], atoms: WindowAtoms): WindowFacts['kind'] {
  const dialogs: readonly number[] = [
    atoms._NET_WM_WINDOW_TYPE_DIALOG,
    atoms._NET_WM_WINDOW_TYPE_SPLASH,
    atoms._NET_WM_WINDOW_TYPE_UTILITY,
  ];
  const popups: readonly number[] = [
    atoms._NET_WM_WINDOW_TYPE_MENU,
    atoms._NET_WM_WINDOW_TYPE_DROPDOWN_MENU,
    atoms._NET_WM_WINDOW_TYPE_POPUP_MENU,
    atoms._NET_WM_WINDOW_TYPE_TOOLTIP,
    atoms._NET_WM_WINDOW_TYPE_NOTIFICATION,
    atoms._NET_WM_WINDOW_TYPE_COMBO,
  ];
  for (const type of types) {
    if (dialogs.includes(type)) return 'dialog';
    if (popups.includes(type)) return 'popup';
  }
  return 'normal';
}

function fixedSizeOf(hints: readonly number[]): Resolution | undefined {
  const both = MIN_SIZE_FLAG | MAX_SIZE_FLAG;
  if (((hints[0] ?? 0) & both) !== both) return undefined;
  const width = hints[MIN_WIDTH] ?? 0;
  const height = hints[MIN_HEIGHT] ?? 0;
  const fixed = width > 0 && height > 0;
  return fixed && width === hints[MAX_WIDTH] && height === hints[MAX_HEIGHT]
    ? { width, height }
    : undefined;
}
