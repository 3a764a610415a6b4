import { beforeEach, describe, expect, it } from 'vitest';
import type { InputEvent } from '../../gate/input-script.ts';
import { PadRecorder } from '../../gate/page/pad-recorder.ts';

let noted: InputEvent[];
let recorder: PadRecorder;
beforeEach(() => {
  noted = [];
  recorder = new PadRecorder((event) => noted.push(event));
});

function plug(atMs = 0): void {
  recorder.handleEdge({ type: 'pad-connected', seq: 1, pad: 0 }, atMs);
}

function press(button: number, down: boolean, atMs: number): void {
  recorder.handleEdge({ type: 'pad-button', seq: 1, pad: 0, button, down }, atMs);
}

function tilt(x: number, atMs: number): void {
  const state = { axes: [x, 0, 0, 0], triggers: [0, 0] } as const;
  recorder.handleSticks({ type: 'pad', seq: 1, pad: 0, ...state }, atMs);
}

const button = (at: number, down: boolean, atMs: number) => ({
  type: 'pad-button',
  atMs,
  pad: 0,
  button: at,
  down,
});
const sticks = (x: number, atMs: number) => ({
  type: 'pad-sticks',
  atMs,
  pad: 0,
  axes: [x, 0, 0, 0],
  triggers: [0, 0],
});

describe('the recorder of gamepads', () => {
  it('begins with the pads that are there, none of them touched', () => {
    plug();
    press(3, true, 0);
    noted = [];
    recorder.start();
    press(3, false, 10);
    expect(noted).toEqual([{ type: 'pad', atMs: 0, pad: 0, connected: true }]);
    expect(recorder.releases(20)).toEqual([]);
  });

  it('notes a stick once, however often the page says where it stands', () => {
    plug();
    for (let atMs = 10; atMs < 400; atMs += 16) tilt(0.5, atMs);
    expect(noted.slice(1)).toEqual([sticks(0.5, 10)]);
  });

  it('knows what is held, and lets go of all of it', () => {
    plug();
    press(0, true, 10);
    press(1, true, 20);
    press(0, false, 30);
    tilt(-1, 40);
    expect(recorder.releases(50)).toEqual([button(1, false, 50), sticks(0, 50)]);
    recorder.releaseAll(60);
    expect(noted.slice(-2)).toEqual([button(1, false, 60), sticks(0, 60)]);
    // Still held, and said again.
    tilt(-1, 70);
    expect(noted.at(-1)).toEqual(sticks(-1, 70));
  });

  it('lets go of what a pad holds that is pulled out, or told of anew', () => {
    plug();
    press(2, true, 10);
    plug(20);
    press(2, true, 30);
    recorder.handleEdge({ type: 'pad-disconnected', seq: 1, pad: 0 }, 40);
    press(2, false, 50);
    expect(noted.slice(1)).toEqual([
      button(2, true, 10),
      button(2, false, 20),
      button(2, true, 30),
      button(2, false, 40),
      { type: 'pad', atMs: 40, pad: 0, connected: false },
    ]);
  });
});
