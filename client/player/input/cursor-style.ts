import type { CursorMessage } from '../../../protocol/control-messages.ts';

/** Browsers show no cursor that is wider or higher, in CSS pixels. */
const MAX_CSS_PIXELS = 128;

/** A cursor is drawn anew for each scale: eighths are close enough, and near 1 it stays sharp. */
const SCALE_STEPS = 8;

/**
 * Values of the CSS property `cursor`, to be set one after the other: a browser that does not know
 * one keeps the one before.
 * @param scale CSS pixels that a pixel of the game's picture takes.
 */
export function cursorStyles(cursor: CursorMessage, scale: number): readonly string[] {
  if (cursor.shape !== 'image') return [cursor.shape];
  const { png, hotspotX, hotspotY, width, height } = cursor;
  const url = `url(data:image/png;base64,${png})`;
  const hotspot = (factor: number) =>
    `${Math.round(hotspotX * factor)} ${Math.round(hotspotY * factor)}`;
  const plain = `${url} ${hotspot(1)}, default`;
  const largest = MAX_CSS_PIXELS / Math.max(width, height);
  const wanted = Math.max(Math.round(scale * SCALE_STEPS), 1) / SCALE_STEPS;
  const factor = Math.min(wanted, largest);
  if (factor === 1) return [plain];
  // An image of 2x takes half its pixels.
  return ['default', plain, `image-set(${url} ${1 / factor}x) ${hotspot(factor)}, default`];
}
