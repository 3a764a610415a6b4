import { type CursorMessage, MAX_CURSOR_CHARS } from '../../protocol/control-messages.ts';
import type { Cursor } from '../../renderer/game-runtime.ts';

/** Tells the browser of a cursor; one with too large a picture is shown as the usual arrow. */
export function cursorMessage(cursor: Cursor): CursorMessage {
  if (cursor.kind === 'shape') return { type: 'cursor', shape: cursor.shape };
  const { png, hotspotX, hotspotY, width, height } = cursor;
  if (png.length > MAX_CURSOR_CHARS) return { type: 'cursor', shape: 'default' };
  return { type: 'cursor', shape: 'image', png, hotspotX, hotspotY, width, height };
}
