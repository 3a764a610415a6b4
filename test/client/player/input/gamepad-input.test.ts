import { describe, expect, it } from 'vitest';
import { GamepadInput } from '../../../../client/player/input/gamepad-input.ts';
import type { InputEdge, Motion } from '../../../../client/player/input/input-sender.ts';
import { VirtualPad } from '../../../../client/player/input/virtual-pad.ts';
import { BrowserTime } from '../../../support/browser-time.ts';
import { animationFrames, fakeGamepad } from '../../../support/fake-page.ts';

type PadMotion = Extract<Motion, { type: 'pad' }>;

function setUp(initial: Gamepad[] = []) {
  const time = new BrowserTime();
  const window = new EventTarget();
  const plugged = { pads: initial as (Gamepad | null)[] };
  const edges: { edge: InputEdge; atMs: number }[] = [];
  const motions: { motion: PadMotion; atMs: number }[] = [];
  const vibrations: number[] = [];
  const virtualPad = new VirtualPad((durationMs) => vibrations.push(durationMs));
  let pads: readonly { pad: number; name: string }[] = [];
  const input = new GamepadInput({
    getGamepads: () => plugged.pads,
    window,
    virtualPad,
    scheduler: time,
    onAnimationFrame: animationFrames(time),
    sendEdge: (edge, atMs) => edges.push({ edge, atMs }),
    sendMotion: (motion) => {
      if (motion.type === 'pad') motions.push({ motion, atMs: time.now() });
    },
    handlePads: (list) => {
      pads = list;
    },
  });
  /** What is plugged in from now on; the browser tells. */
  const plug = (...list: (Gamepad | null)[]) => {
    plugged.pads = list;
    window.dispatchEvent(new Event('gamepadconnected'));
  };
  const clear = () => {
    edges.length = 0;
    motions.length = 0;
  };
  const sent = () => edges.map(({ edge }) => edge);
  return {
    time,
    window,
    plugged,
    plug,
    edges,
    sent,
    motions,
    clear,
    virtualPad,
    vibrations,
    input,
    pads: () => pads,
  };
}

describe('GamepadInput', () => {
  it('does no work while there is no pad', () => {
    const { time, plug } = setUp();
    expect(time.pendingTimers).toBe(0);
    plug(fakeGamepad(0));
    expect(time.pendingTimers).toBeGreaterThan(0);
    plug();
    time.advance(100);
    expect(time.pendingTimers).toBe(0);
  });

  it('numbers pads by the first free number and tells when they come and go', () => {
    const { plug, sent, pads } = setUp();
    plug(fakeGamepad(0), fakeGamepad(1));
    plug(null, fakeGamepad(1));
    plug(null, fakeGamepad(1), fakeGamepad(2));
    expect(sent()).toEqual([
      { type: 'pad-connected', pad: 0 },
      { type: 'pad-connected', pad: 1 },
      { type: 'pad-disconnected', pad: 0 },
      { type: 'pad-connected', pad: 0 },
    ]);
    expect(pads()).toEqual([
      { pad: 1, name: 'Pad 1' },
      { pad: 0, name: 'Pad 2' },
    ]);
  });

  it('knows four pads and no fifth', () => {
    const { plug, pads } = setUp();
    plug(...[0, 1, 2, 3, 4].map((index) => fakeGamepad(index)));
    expect(pads()).toHaveLength(4);
  });

  it('sends a button as edges, once each', () => {
    const { plugged, plug, time, sent, clear } = setUp();
    plug(fakeGamepad(0));
    clear();
    plugged.pads = [fakeGamepad(0, { buttons: [1, 0, 0, 1] })];
    time.advance(50);
    plugged.pads = [fakeGamepad(0, { buttons: [1] })];
    time.advance(50);
    expect(sent()).toEqual([
      { type: 'pad-button', pad: 0, button: 0, down: true },
      { type: 'pad-button', pad: 0, button: 3, down: true },
      { type: 'pad-button', pad: 0, button: 3, down: false },
    ]);
  });

  it('reads an active pad within four milliseconds and an idle one every frame', () => {
    const { plugged, plug, time, edges } = setUp();
    plug(fakeGamepad(0));
    plugged.pads = [fakeGamepad(0, { buttons: [1] })];
    time.advance(17);
    const pressedMs = time.now();
    plugged.pads = [fakeGamepad(0)];
    time.advance(5);
    expect(edges.at(-1)?.edge).toMatchObject({ button: 0, down: false });
    expect(edges.at(-1)?.atMs).toBeLessThanOrEqual(pressedMs + 4);
    time.advance(3000);
    // One animation frame is waited for, and nothing else.
    expect(time.pendingTimers).toBe(1);
  });

  it('takes the time of a change from the pad, unless that is of an earlier one', () => {
    const { plugged, plug, time, edges } = setUp();
    plug(fakeGamepad(0));
    time.advance(1);
    const changedMs = time.now() + 5;
    plugged.pads = [fakeGamepad(0, { buttons: [1], timestamp: changedMs })];
    time.advance(17);
    expect(edges.at(-1)?.atMs).toBe(changedMs);
    time.advance(500);
    plugged.pads = [fakeGamepad(0, { timestamp: changedMs })];
    time.advance(17);
    expect(edges.at(-1)?.atMs).toBeGreaterThan(changedMs + 400);
  });

  it('says a stick’s new place four times and then nothing about a pad at rest', () => {
    const { plugged, plug, time, motions } = setUp();
    plug(fakeGamepad(0, { axes: [0, 1, 0, 0] }));
    time.advance(20);
    plugged.pads = [fakeGamepad(0)];
    motions.length = 0;
    time.advance(1000);
    expect(motions).toHaveLength(4);
    for (const { motion } of motions) expect(motion.axes).toEqual([0, 0, 0, 0]);
  });

  it('goes on saying a held stick every tenth of a second', () => {
    const { plug, time, motions } = setUp();
    plug(fakeGamepad(0, { axes: [0, 1, 0, 0] }));
    time.advance(200);
    motions.length = 0;
    time.advance(3000);
    expect(motions.length).toBeGreaterThanOrEqual(24);
    expect(motions.length).toBeLessThanOrEqual(30);
    expect(motions.at(-1)?.motion.axes).toEqual([0, 1, 0, 0]);
  });

  it('takes the dead zone out and reaches the full way', () => {
    const { plugged, plug, time, motions } = setUp();
    plug(fakeGamepad(0, { axes: [0.08, -0.08, 0, 0] }));
    time.advance(50);
    expect(motions).toEqual([]);
    plugged.pads = [
      fakeGamepad(0, { axes: [0.56, 0, 1, 0], buttons: [0, 0, 0, 0, 0, 0, 0.02, 0.4] }),
    ];
    time.advance(20);
    const { axes, triggers } = motions[0]?.motion ?? { axes: [], triggers: [] };
    expect(axes[0]).toBeCloseTo(0.5, 9);
    expect(axes[2]).toBeCloseTo(1, 9);
    expect(triggers).toEqual([0, 0.4]);
  });

  it('does not press for the game what was held when everything was released', () => {
    const { plugged, plug, time, sent, clear, input, motions } = setUp();
    plug(fakeGamepad(0));
    plugged.pads = [fakeGamepad(0, { buttons: [1], axes: [1, 0, 0, 0] })];
    time.advance(20);
    input.forget();
    clear();
    time.advance(20);
    expect(sent()).toEqual([]);
    expect(motions[0]?.motion.axes).toEqual([1, 0, 0, 0]);
    plugged.pads = [fakeGamepad(0)];
    time.advance(20);
    plugged.pads = [fakeGamepad(0, { buttons: [1] })];
    time.advance(20);
    expect(sent().map((edge) => edge.type === 'pad-button' && edge.down)).toEqual([false, true]);
  });

  it('reads nothing while disabled', () => {
    const { plugged, plug, time, clear, sent, motions, input } = setUp();
    plug(fakeGamepad(0));
    clear();
    input.setEnabled(false);
    plugged.pads = [fakeGamepad(0, { buttons: [1], axes: [1, 0, 0, 0] })];
    time.advance(100);
    expect(sent()).toEqual([]);
    expect(motions).toEqual([]);
  });

  it('announces every pad anew on a new connection', () => {
    const { plug, sent, clear, input } = setUp();
    plug(fakeGamepad(0), fakeGamepad(1));
    clear();
    input.handleConnected();
    expect(sent()).toEqual([
      { type: 'pad-connected', pad: 0 },
      { type: 'pad-connected', pad: 1 },
    ]);
  });

  it('plugs the on-screen pad in with its first use, beside a real one', () => {
    const { plug, virtualPad, sent, clear, motions, pads } = setUp();
    plug(fakeGamepad(0));
    clear();
    virtualPad.setStick('left', 1, 0);
    virtualPad.setButton(0, true);
    expect(sent()).toEqual([
      { type: 'pad-connected', pad: 1 },
      { type: 'pad-button', pad: 1, button: 0, down: true },
    ]);
    expect(motions[0]?.motion).toMatchObject({ pad: 1, axes: [1, 0, 0, 0] });
    expect(pads().map(({ name }) => name)).toEqual(['Pad 0', 'On-screen pad']);
    clear();
    virtualPad.disconnect();
    expect(sent()).toEqual([{ type: 'pad-disconnected', pad: 1 }]);
  });

  it('rumbles the pad that is meant', () => {
    const effects: unknown[] = [];
    const { plug, input, virtualPad, vibrations } = setUp();
    const vibrationActuator = {
      playEffect: async (...effect: unknown[]) => effects.push(effect),
    };
    plug(fakeGamepad(0), fakeGamepad(1, { vibrationActuator }));
    input.rumble(0, 1, 1, 100);
    input.rumble(1, 0.5, 0.25, 200);
    expect(effects).toEqual([
      ['dual-rumble', { duration: 200, strongMagnitude: 0.5, weakMagnitude: 0.25 }],
    ]);
    virtualPad.setButton(0, true);
    input.rumble(2, 0.5, 1, 80);
    expect(vibrations).toEqual([80]);
  });

  it('leaves no timer and no listener when closed', () => {
    const { plug, time, input, sent, clear, virtualPad } = setUp();
    plug(fakeGamepad(0, { axes: [1, 0, 0, 0] }));
    time.advance(20);
    input.close();
    clear();
    expect(time.pendingTimers).toBe(0);
    plug();
    virtualPad.setButton(0, true);
    expect(sent()).toEqual([]);
  });
});
