import { describe, expect, it } from 'vitest';
import type { InputMessage } from '../../../protocol/input-messages.ts';
import { VirtualTime } from '../../../renderer/virtual-time.ts';
import { playScript, runMsOf, scriptOf } from '../../../server/try-out/input-script.ts';
import { fakeManifest } from '../../support/build-folders.ts';

/** What a script does, each with when, in milliseconds. */
function played(fields: object): (InputMessage & { readonly atMs: number })[] {
  const time = new VirtualTime();
  const done: (InputMessage & { readonly atMs: number })[] = [];
  playScript(scriptOf(fakeManifest(fields)), time, (input) =>
    done.push({ ...input, atMs: time.nowUs() / 1000 }),
  );
  time.advance(30_000);
  return done;
}

describe('the time of a try-out', () => {
  it('is sixteen seconds, or what the script needs, up to a limit', () => {
    expect(runMsOf(fakeManifest({}))).toBe(16_000);
    expect(runMsOf(fakeManifest({ tryOut: [{ atMs: 500, key: 'KeyW' }] }))).toBe(16_000);
    const late = { atMs: 15_000, key: 'KeyW', holdMs: 1_000 };
    expect(runMsOf(fakeManifest({ tryOut: [late, { atMs: 500, key: 'KeyE' }] }))).toBe(18_000);
    expect(runMsOf(fakeManifest({ tryOut: [{ ...late, atMs: 20_000 }] }))).toBe(22_000);
  });
});

describe('the script of a try-out', () => {
  it('presses Enter and Space once each where the build says nothing', () => {
    expect(played({})).toEqual([
      { type: 'key', down: true, code: 'Enter', seq: 1, atMs: 5_000 },
      { type: 'key', down: false, code: 'Enter', seq: 2, atMs: 5_100 },
      { type: 'key', down: true, code: 'Space', seq: 3, atMs: 6_000 },
      { type: 'key', down: false, code: 'Space', seq: 4, atMs: 6_100 },
    ]);
  });

  it('presses Start before them where the game knows pads: what that pauses goes on', () => {
    const done = played({ inputs: ['keyboard', 'gamepad'] });
    expect(done.slice(0, 4)).toMatchObject([
      { type: 'pad-connected', pad: 0, atMs: 0 },
      { type: 'pad-button', button: 9, down: true, atMs: 4_000 },
      { type: 'pad-button', button: 9, down: false, atMs: 4_100 },
      { type: 'key', code: 'Enter', down: true, atMs: 5_000 },
    ]);
  });

  it('does what the build says and nothing else, in the order of time', () => {
    const done = played({
      tryOut: [
        { atMs: 900, click: { x: 1, y: 0.5, button: 'right' } },
        { atMs: 200, key: 'KeyW', holdMs: 1_500 },
      ],
    });
    expect(done).toMatchObject([
      { type: 'key', code: 'KeyW', down: true, atMs: 200 },
      { type: 'button', button: 2, x: 65_535, y: 32_768, down: true, atMs: 900 },
      { type: 'button', button: 2, down: false, atMs: 1_000 },
      { type: 'key', code: 'KeyW', down: false, atMs: 1_700 },
    ]);
    expect(done.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('does nothing to a build that wants that', () => {
    expect(played({ tryOut: [] })).toEqual([]);
  });

  it('leaves out the rest when it is called off', () => {
    const time = new VirtualTime();
    const done: InputMessage[] = [];
    const stop = playScript(scriptOf(fakeManifest()), time, (input) => done.push(input));
    time.advance(5_050);
    stop();
    time.advance(10_000);
    expect(done).toHaveLength(1);
    expect(time.pendingTimers).toBe(0);
  });
});
