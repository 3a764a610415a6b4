import { expect, it } from 'vitest';
import { VirtualTime } from '../../../../renderer/virtual-time.ts';
import { describeWithXvfb, serversOf, whyNoXvfb } from '../../../support/xvfb.ts';
import { BLUE, captured, cleanups, GREEN, pixel, quiet, RED, SIZE, shown } from './capture-rig.ts';

const EMPTY = new Uint8Array(0);

const missing = await whyNoXvfb();

/** At ten pictures a second, with as many grabbed at once as may be. */
async function atItsRate() {
  const time = new VirtualTime();
  const rig = await captured({ time, frameRate: 10 });
  const { connection, capture, album, program, window } = rig;
  capture.start();
  await album.until(() => album.pictures.length === 1);
  time.advance(10_000);
  await quiet(program, connection);
  const before = album.pictures.length;
  // One may come before its time.
  for (const [index, colour] of [RED, GREEN].entries()) {
    program.fill(window, colour, 0, 0, 9, 9);
    await album.until(() => album.pictures.length === before + index + 1);
  }
  return { time, ...rig };
}

/** All of it is red, and nothing is drawn any more. */
async function standingStill() {
  const rig = await captured();
  const { connection, capture, album, program, window } = rig;
  capture.start();
  await album.until(() => album.pictures.length > 0);
  program.fill(window, RED, 0, 0, 512, 288);
  await album.until(() => pixel(album.newest, 511, 287) === shown(RED));
  await quiet(program, connection);
  return rig;
}

describeWithXvfb('When X11 capture brings pictures', missing, () => {
  it('grabs nothing and runs no timer while nothing changes', async () => {
    const time = new VirtualTime();
    const { connection, capture, album, program } = await captured({ time });
    capture.start();
    await album.until(() => album.pictures.length === 1);
    await quiet(program, connection);
    // The window may have been drawn while the first picture was grabbed.
    time.advance(1000);
    await quiet(program, connection);
    const before = album.pictures.length;
    time.advance(60_000);
    await quiet(program, connection);
    expect(album.pictures).toHaveLength(before);
    expect(time.pendingTimers).toBe(0);
  });

  it('holds pictures to the frame rate, and grabs what was held back when it is time', async () => {
    const { time, connection, album, program, window } = await atItsRate();
    const before = album.pictures.length;
    for (const colour of [RED, BLUE]) {
      program.fill(window, colour, 0, 0, 9, 9);
      await quiet(program, connection);
    }
    expect(album.pictures).toHaveLength(before);
    time.advance(100);
    await album.until(() => album.pictures.length === before + 1);
    expect(pixel(album.newest, 0, 0)).toBe(shown(BLUE));
  });

  it('grabs at once beyond the frame rate what is drawn after an input', async () => {
    const { time, capture, album, program, window } = await atItsRate();
    const before = album.pictures.length;
    capture.expectChange();
    program.fill(window, BLUE, 0, 0, 9, 9);
    await album.until(() => album.pictures.length === before + 1);
    expect(pixel(album.newest, 0, 0)).toBe(shown(BLUE));
    expect(time.pendingTimers).toBe(0);
  });

  it('brings the last picture once more where one is asked for, without asking the server', async () => {
    const { display, capture, album } = await standingStill();
    const before = album.pictures.length;
    const last = album.newest.picture;
    const [server = 0] = serversOf(display.authorityFile);
    process.kill(server, 'SIGSTOP');
    cleanups.push(() => process.kill(server, 'SIGCONT'));
    for (const count of [1, 2, 3]) {
      capture.requestPicture();
      expect(album.pictures, 'within the call').toHaveLength(before + count - 1);
      await album.until(() => album.pictures.length === before + count);
      expect(album.newest.report).toMatchObject({
        changed: false,
        damage: { width: 0, height: 0 },
      });
      expect(Buffer.compare(album.newest.picture.pixels, last.pixels)).toBe(0);
    }
  });

  it('asks the server where the last picture is still lent', async () => {
    const { capture, album } = await standingStill();
    album.keep = true;
    for (const index of [0, 1]) {
      const before = album.pictures.length;
      capture.requestPicture();
      await album.until(() => album.pictures.length === before + 1);
      expect(album.newest.report.changed).toBe(false);
      expect(album.newest.report.damage.width).toBe(index === 0 ? 0 : SIZE.width);
    }
    const [first, second] = album.pictures.slice(-2).map(({ picture }) => picture);
    expect(first?.pixels).not.toBe(second?.pixels);
    expect(Buffer.compare(first?.pixels ?? EMPTY, second?.pixels ?? EMPTY)).toBe(0);
  });

  it('delivers nothing while it is stopped, and all of it from the next start', async () => {
    const { connection, capture, album, program, window } = await captured();
    capture.start();
    await album.until(() => album.pictures.length > 0);
    await quiet(program, connection);
    capture.stop();
    const before = album.pictures.length;
    program.fill(window, RED, 8, 8, 2, 2);
    await quiet(program, connection);
    expect(album.pictures).toHaveLength(before);
    capture.start();
    await album.until(() => album.pictures.length > before);
    expect(pixel(album.newest, 8, 8)).toBe(shown(RED));
  });
});
