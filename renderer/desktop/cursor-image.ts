import sharp from 'sharp';
import { MAX_CURSOR_CHARS } from '../../protocol/control-messages.ts';
import type { Cursor } from '../game-runtime.ts';
import type { CursorPicture } from './display/x-cursor.ts';

/** Browsers show no larger cursor, and protocol and page take none. */
const MAX_SIDE = 128;

/** A cursor of the display as the browser shows it; one too large for that is an arrow. */
export async function cursorOf(picture: CursorPicture): Promise<Cursor> {
  switch (picture.kind) {
    case 'default':
      return { kind: 'shape', shape: 'default' };
    case 'hidden':
      return { kind: 'shape', shape: 'none' };
    case 'image': {
      const { width, height, hotspotX, hotspotY, rgba } = picture;
      if (width > MAX_SIDE || height > MAX_SIDE) return { kind: 'shape', shape: 'default' };
      const raw = { width, height, channels: 4 } as const;
      const png = (await sharp(rgba, { raw }).png().toBuffer()).toString('base64');
      if (png.length > MAX_CURSOR_CHARS) return { kind: 'shape', shape: 'default' };
      return { kind: 'image', png, hotspotX, hotspotY, width, height };
    }
  }
}
