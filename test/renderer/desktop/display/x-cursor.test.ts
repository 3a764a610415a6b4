import { afterEach, expect, it } from 'vitest';
import { type CursorPicture, XCursor } from '../../../../renderer/desktop/display/x-cursor.ts';
import { XProgram } from '../../../support/x-program.ts';
import {
  connectedDisplay,
  describeWithXvfb,
  eventually,
  whyNoXvfb,
} from '../../../support/xvfb.ts';

const missing = await whyNoXvfb();
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A program whose window is under the pointer, and what is told of its cursors. */
async function watched() {
  const resolution = { width: 512, height: 288 };
  const { display, connection } = await connectedDisplay(resolution, cleanups);
  const told: CursorPicture[] = [];
  const cursor = await XCursor.open(connection, { handleCursor: (one) => told.push(one) });
  cleanups.push(() => cursor.close());
  const program = await XProgram.open(display);
  cleanups.push(() => program.close());
  const window = await program.map({ x: 0, y: 0, ...resolution, overrideRedirect: true });
  program.client.WarpPointer(0, program.root, 0, 0, 0, 0, 100, 100);
  await program.settled();
  /** What was told once everything before has been heard of. */
  const after = async () => {
    for (let turn = 0; turn < 3; turn++) {
      await program.settled();
      await connection.settled();
    }
    return told;
  };
  return { cursor, program, window, told, after };
}

/** Of one colour, premultiplied. */
const plain = (pixels: number, blue: number, green: number, red: number, alpha: number) =>
  Uint8Array.from({ length: pixels * 4 }, (_, at) => [blue, green, red, alpha][at % 4] ?? 0);

describeWithXvfb('X cursor', missing, () => {
  it('is the default until a program chooses one', async () => {
    const { after } = await watched();
    expect(await after()).toEqual([{ kind: 'default' }]);
  });

  it('is the picture that a program gives it, its alpha not multiplied in', async () => {
    const { program, window, told } = await watched();
    await program.setCursor(window, 8, 4, plain(32, 0, 64, 128, 128), { x: 3, y: 2 });
    await eventually(() => told.length).toBe(2);
    const [, cursor] = told;
    expect(cursor).toMatchObject({ kind: 'image', width: 8, height: 4, hotspotX: 3, hotspotY: 2 });
    if (cursor?.kind !== 'image') return expect.unreachable();
    expect(cursor.rgba).toHaveLength(8 * 4 * 4);
    expect([...cursor.rgba.subarray(0, 4)]).toEqual([255, 128, 0, 128]);
  });

  it.each([
    ['a transparent picture', 16, 16, plain(256, 0, 0, 0, 0)],
    ['a single pixel', 1, 1, plain(1, 255, 255, 255, 255)],
  ])('is hidden with %s', async (_, width, height, bgra) => {
    const { program, window, told } = await watched();
    await program.setCursor(window, width, height, bgra);
    await eventually(() => told).toEqual([{ kind: 'default' }, { kind: 'hidden' }]);
  });

  it('is told again only when it looks different', async () => {
    const { program, window, told, after } = await watched();
    const red = plain(16, 0, 0, 255, 255);
    for (let round = 0; round < 5; round++) await program.setCursor(window, 4, 4, red);
    expect(await after()).toHaveLength(2);
    await program.setCursor(window, 4, 4, red, { x: 1, y: 1 });
    await eventually(() => told.length).toBe(3);
    await program.setCursor(window, 4, 4, plain(16, 255, 0, 0, 255), { x: 1, y: 1 });
    await eventually(() => told.length).toBe(4);
  });

  it('is the default again when the pointer leaves the window', async () => {
    const { program, window, told } = await watched();
    await program.setCursor(window, 4, 4, plain(16, 0, 0, 255, 255));
    await eventually(() => told.length).toBe(2);
    program.client.UnmapWindow(window);
    await eventually(() => told.at(-1)).toEqual({ kind: 'default' });
    program.client.MapWindow(window);
    await eventually(() => told.at(-1)).toMatchObject({ kind: 'image' });
    expect(told[3]).toBe(told[1]);
  });

  it('is not told after it was closed', async () => {
    const { cursor, program, window, after } = await watched();
    cursor.close();
    cursor.close();
    await program.setCursor(window, 4, 4, plain(16, 0, 0, 255, 255));
    expect(await after()).toEqual([{ kind: 'default' }]);
  });
});
