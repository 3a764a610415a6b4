import { readdirSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { systemClock } from '../../../../renderer/clock.ts';
import { VirtualTime } from '../../../../renderer/virtual-time.ts';
import { i420Of } from '../../../support/i420-reference.ts';
import { describeWithXvfb, serversOf, whyNoXvfb } from '../../../support/xvfb.ts';
import { BLACK, BLUE, captured, GREEN, pixel, quiet, RED, SIZE, shown } from './capture-rig.ts';

const missing = await whyNoXvfb();

/** Another one for each of a hundred steps. */
function greyOf(step: number): number {
  return (step % 256) * 0x010101;
}

describeWithXvfb('X11 capture', missing, () => {
  it('shows exactly the pixels that were drawn', async () => {
    const { capture, album, program, window } = await captured();
    capture.start();
    await album.until(() => album.pictures.length > 0);
    const noise = new Uint8Array(SIZE.width * SIZE.height * 4);
    for (let at = 0; at < noise.length; at++) noise[at] = (at * 2654435761) >>> 24;
    program.put(window, SIZE.width, SIZE.height, noise);
    const expected = i420Of(noise, SIZE);
    await album.until(() => album.newest.picture.pixels.at(-1) === expected.at(-1));
    const { picture } = album.newest;
    expect(picture).toMatchObject({ format: 'i420', width: 512, height: 288 });
    expect(Buffer.compare(picture.pixels, expected), 'every sample').toBe(0);
  });

  it('says where the picture changed, when that was heard of, and when it was complete', async () => {
    const { capture, album, program, window } = await captured();
    capture.start();
    await album.until(() => album.pictures.length > 0);
    expect(album.newest.report.damage).toEqual({ x: 0, y: 0, ...SIZE });
    const beforeUs = systemClock.nowUs();
    program.fill(window, RED, 10, 20, 5, 6, 100, 30, 50, 4);
    await album.until(() => pixel(album.newest, 10, 20) === shown(RED));
    const { damage, damagedUs, grabbedUs } = album.newest.report;
    expect(damage).toEqual({ x: 10, y: 20, width: 140, height: 14 });
    expect(damagedUs).toBeGreaterThanOrEqual(beforeUs);
    expect(grabbedUs).toBeGreaterThan(damagedUs);
    expect(pixel(album.newest, 149, 33)).toBe(shown(RED));
    expect(pixel(album.newest, 150, 33)).toBe(shown(BLACK));
  });

  it('makes one picture of what was drawn in one go, however many requests that took', async () => {
    const { connection, capture, album, program, window } = await captured();
    capture.start();
    await album.until(() => album.pictures.length > 0);
    await quiet(program, connection);
    for (let round = 0; round < 10; round++) {
      const before = album.pictures.length;
      const colour = round % 2 === 0 ? RED : GREEN;
      // Each is told of as soon as it is drawn, with a larger box than the one before.
      program.inOneGo(() => {
        for (let height = 4; height <= 280; height += 4) {
          program.fill(window, colour, 0, 0, 512, height);
        }
      });
      await quiet(program, connection);
      await album.until(() => album.pictures.length > before);
      expect(pixel(album.newest, 511, 279)).toBe(shown(colour));
      expect(album.pictures).toHaveLength(before + 1);
    }
  });

  it('keeps what is outside the damage in every picture, whichever buffer it is in', async () => {
    const { capture, album, program, window } = await captured();
    capture.start();
    await album.until(() => album.pictures.length > 0);
    const colours = [RED, GREEN, BLUE];
    for (let step = 0; step < 12; step++) {
      program.fill(window, colours[step % 3] ?? RED, 0, step * 20, 512, 20);
      const colour = shown(colours[step % 3] ?? RED);
      await album.until(() => pixel(album.newest, 5, step * 20) === colour);
      for (let row = 0; row <= step; row++) {
        expect(pixel(album.newest, 500, row * 20 + 19)).toBe(shown(colours[row % 3] ?? RED));
      }
    }
  });

  it('loses nothing that is drawn while it grabs', async () => {
    const { capture, album, program, window } = await captured();
    capture.start();
    for (let step = 1; step <= 300; step++) {
      program.fill(window, greyOf(step), (step % 50) * 2, (step % 100) * 2, 2, 2);
      if (step % 7 === 0) await program.settled();
    }
    program.fill(window, GREEN, 510, 286, 2, 2);
    await album.until(
      () => album.pictures.length > 0 && pixel(album.newest, 511, 287) === shown(GREEN),
    );
    for (let step = 201; step <= 300; step++) {
      const [x, y] = [(step % 50) * 2, (step % 100) * 2];
      expect(pixel(album.newest, x, y)).toBe(shown(greyOf(step)));
    }
  });

  it('never writes into a picture that is lent, and grabs again when one comes back', async () => {
    const { connection, capture, album, program, window } = await captured();
    album.keep = true;
    capture.start();
    await album.until(() => album.pictures.length === 1);
    program.fill(window, RED, 0, 0, 512, 288);
    await album.until(() => album.pictures.length === 2);
    const [first, second] = album.pictures;
    if (!first || !second) throw new Error('There must be two pictures.');
    const before = [first.picture.pixels.slice(), second.picture.pixels.slice()];
    program.fill(window, BLUE, 0, 0, 512, 288);
    await quiet(program, connection);
    expect(album.pictures).toHaveLength(2);
    expect(Buffer.compare(first.picture.pixels, before[0] ?? first.picture.pixels)).toBe(0);
    expect(Buffer.compare(second.picture.pixels, before[1] ?? second.picture.pixels)).toBe(0);
    first.picture.release();
    first.picture.release();
    await album.until(() => album.pictures.length === 3);
    expect(pixel(album.newest, 300, 200)).toBe(shown(BLUE));
    expect(album.newest.picture.pixels).toBe(first.picture.pixels);
    expect(Buffer.compare(second.picture.pixels, before[1] ?? second.picture.pixels)).toBe(0);
  });

  it.each([
    ['larger', { width: 960, height: 540 }],
    ['smaller', { width: 320, height: 180 }],
  ])('goes on when the display becomes %s, whichever of the two is told first', async (_, size) => {
    for (const displayFirst of [true, false]) {
      const { display, capture, album, program, window } = await captured();
      capture.start();
      await album.until(() => album.pictures.length > 0);
      const resizes = [() => display.resize(size), () => capture.resize(size)];
      if (!displayFirst) resizes.reverse();
      for (const resize of resizes) await resize();
      program.client.ConfigureWindow(window, size);
      program.fill(window, GREEN, 0, 0, size.width, size.height);
      await album.until(() => {
        // Else a capture that has given up is only seen to stand still.
        if (album.failures[0]) throw album.failures[0];
        const { picture } = album.newest;
        return (
          picture.width === size.width && pixel(album.newest, size.width - 1, 0) === shown(GREEN)
        );
      });
      expect(pixel(album.newest, size.width - 1, size.height - 1)).toBe(shown(GREEN));
      expect(album.failures).toEqual([]);
    }
  });

  it('fails where the display stays smaller than the picture', async () => {
    const { capture, album } = await captured();
    capture.start();
    await capture.resize({ width: 1280, height: 720 });
    await album.until(() => album.failures.length > 0);
    expect(album.failures).toMatchObject([{ code: 'internal' }]);
  });

  it('fails once when the server is lost', async () => {
    const { display, capture, album, program, window } = await captured();
    capture.start();
    await album.until(() => album.pictures.length > 0);
    const [server = 0] = serversOf(display.authorityFile);
    process.kill(server, 'SIGSTOP');
    capture.stop();
    capture.start();
    process.kill(server, 'SIGKILL');
    await album.until(() => album.failures.length > 0);
    program.fill(window, RED, 0, 0, 1, 1);
    await display.exited;
    expect(album.failures).toMatchObject([{ code: 'game-failed' }]);
    await capture.close();
  });

  it('closes during a grab and leaves no shared memory, timer or picture', async () => {
    const time = new VirtualTime();
    const { connection, capture, album, program, window } = await captured({ time });
    capture.start();
    await album.until(() => album.pictures.length > 0);
    time.advance(1000);
    program.fill(window, RED, 0, 0, 512, 288);
    await program.settled();
    expect(sharedMemory()).not.toEqual([]);
    capture.requestPicture();
    const before = album.pictures.length;
    await Promise.all([capture.close(), capture.close()]);
    await quiet(program, connection);
    expect(album.pictures).toHaveLength(before);
    expect(album.failures).toEqual([]);
    expect(sharedMemory()).toEqual([]);
    expect(time.pendingTimers).toBe(0);
  });
});

/** Files of this process without a name, in shared memory. */
function sharedMemory(): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`);
      } catch {
        return '';
      }
    })
    .filter((target) => target.startsWith('/dev/shm/rockpool-'));
}
