import { describe, expect, it } from 'vitest';
import {
  MAX_CONTROL_CHARS,
  MAX_CURSOR_CHARS,
  parseWorkerControl,
} from '../../../protocol/control-messages.ts';
import { cursorMessage } from '../../../server/session/cursor-message.ts';

const IMAGE = { kind: 'image', hotspotX: 3, hotspotY: 4, width: 24, height: 32 } as const;

describe('cursorMessage', () => {
  it('tells of a shape, and of a picture, as the browser understands it', () => {
    for (const cursor of [
      { kind: 'shape', shape: 'crosshair' } as const,
      { ...IMAGE, png: 'iVBORw0KGgo=' },
    ]) {
      const message = cursorMessage(cursor);
      expect(parseWorkerControl(JSON.stringify(message))).toEqual(message);
    }
  });

  it('fits the largest picture into one message, and shows an arrow for a larger one', () => {
    const largest = cursorMessage({ ...IMAGE, png: 'A'.repeat(MAX_CURSOR_CHARS) });
    const text = JSON.stringify(largest);
    expect(text.length).toBeLessThanOrEqual(MAX_CONTROL_CHARS);
    expect(parseWorkerControl(text)).toMatchObject({ shape: 'image', width: 24 });
    const larger = cursorMessage({ ...IMAGE, png: 'A'.repeat(MAX_CURSOR_CHARS + 4) });
    expect(larger).toEqual({ type: 'cursor', shape: 'default' });
  });
});
