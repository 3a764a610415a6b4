import { describe, expect, it } from 'vitest';
import { PlayerInput } from '../../../../client/player/input/player-input.ts';
import { decodeInput, type InputMessage } from '../../../../protocol/input-messages.ts';
import { decodeMotion, type MotionMessage } from '../../../../protocol/motion-messages.ts';
import { FakeElement, FakeVideo, fakeEvent, fakeGamepad } from '../../../support/fake-page.ts';
import { FakePlayerEnvironment, settle } from '../../../support/fake-player-environment.ts';

function setUp() {
  const fake = new FakePlayerEnvironment();
  const target = new FakeElement();
  const video = new FakeVideo();
  const inputs: InputMessage[] = [];
  const motions: MotionMessage[] = [];
  const sampled: number[] = [];
  const locks: boolean[] = [];
  const channel = { open: true };
  const input = new PlayerInput(
    {
      target: target.asElement(),
      video: video.asVideo(),
      send: (label, data) => {
        if (!channel.open) return false;
        if (label === 'input') inputs.push(decodeInput(data));
        else motions.push(decodeMotion(data));
        return true;
      },
      handleSent: (seq) => sampled.push(seq),
      handlePads: () => {},
      handlePointerLock: (locked) => locks.push(locked),
    },
    fake.environment(),
  );
  input.handleConnected();
  const key = (type: 'keydown' | 'keyup', code: string) =>
    target.dispatchEvent(fakeEvent(type, { code }));
  const types = () => inputs.map((message) => message.type);
  return { fake, target, video, input, inputs, motions, sampled, locks, channel, key, types };
}

describe('PlayerInput', () => {
  it('makes its target able to take focus and keeps touches from scrolling', () => {
    const { target } = setUp();
    expect(target.tabIndex).toBe(0);
    expect(target.style.touchAction).toBe('none');
  });

  it.each([
    ['the window loses focus', ({ fake }) => fake.window.dispatchEvent(new Event('blur'))],
    ['the target loses focus', ({ target }) => target.dispatchEvent(new Event('blur'))],
    ['the tab is hidden', ({ fake }) => fake.document.setVisible(false)],
    ['the page goes away', ({ fake }) => fake.window.dispatchEvent(new Event('pagehide'))],
    ['input is disabled', ({ input }) => input.setEnabled(false)],
    ['the player closes', ({ input }) => input.close()],
  ] satisfies [string, (parts: ReturnType<typeof setUp>) => unknown][])(
    'releases everything when %s, and sends no keyup for what was held',
    (_when, act) => {
      const parts = setUp();
      parts.key('keydown', 'KeyW');
      act(parts);
      parts.key('keyup', 'KeyW');
      expect(parts.types()).toEqual(['key', 'release-all']);
    },
  );

  it('releases everything when the pointer lock is lost, and tells', () => {
    const { fake, target, types, locks } = setUp();
    fake.document.lockPointer(target.asElement());
    fake.document.lockPointer(null);
    expect(locks).toEqual([true, false]);
    expect(types()).toEqual(['release-all']);
  });

  it('says so once where several events tell of the same loss, and again after the next key', () => {
    const { fake, types, key } = setUp();
    fake.document.setVisible(false);
    fake.window.dispatchEvent(new Event('blur'));
    fake.window.dispatchEvent(new Event('pagehide'));
    expect(types()).toEqual(['release-all']);
    key('keydown', 'KeyW');
    fake.window.dispatchEvent(new Event('blur'));
    expect(types()).toEqual(['release-all', 'key', 'release-all']);
  });

  it('numbers what is sent without a gap, and skips no number for what could not be sent', () => {
    const { channel, inputs, key, sampled, input } = setUp();
    key('keydown', 'KeyW');
    channel.open = false;
    key('keyup', 'KeyW');
    channel.open = true;
    key('keydown', 'KeyA');
    expect(inputs.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(sampled).toEqual([1, 2]);
    expect(input.nextSeq).toBe(3);
  });

  it('follows only what a person did to the screen', () => {
    const { fake, sampled, key } = setUp();
    fake.window.dispatchEvent(new Event('blur'));
    key('keydown', 'KeyW');
    expect(sampled).toEqual([2]);
  });

  it('numbers motion from one on each connection, and edges on', () => {
    const { input, inputs, motions, key } = setUp();
    input.ping();
    key('keydown', 'KeyW');
    input.handleDisconnected();
    input.handleConnected();
    input.ping();
    key('keydown', 'KeyW');
    expect(motions.map(({ seq }) => seq)).toEqual([1, 1]);
    expect(inputs.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('tells a new worker of the pads that are plugged in', () => {
    const { fake, input, inputs } = setUp();
    fake.gamepads = [fakeGamepad(0)];
    fake.window.dispatchEvent(new Event('gamepadconnected'));
    input.handleDisconnected();
    input.handleConnected();
    expect(inputs.map(({ type }) => type)).toEqual(['pad-connected', 'pad-connected']);
  });

  it('asks for raw movement and takes what the system gives where there is none', async () => {
    const { target, input } = setUp();
    await input.requestPointerLock();
    target.refusePointerLock = Object.assign(new Error('no'), { name: 'NotSupportedError' });
    await input.requestPointerLock();
    expect(target.pointerLockOptions).toEqual([
      { unadjustedMovement: true },
      { unadjustedMovement: true },
      undefined,
    ]);
  });

  it('passes on why a pointer lock was refused', async () => {
    const { target, input } = setUp();
    target.refusePointerLock = Object.assign(new Error('no gesture'), { name: 'NotAllowedError' });
    await expect(input.requestPointerLock()).rejects.toThrow('no gesture');
  });

  it('locks the keyboard in full screen and only there', async () => {
    const { fake, target, inputs } = setUp();
    const full = async (element: Element | null) => {
      fake.document.fullscreenElement = element;
      fake.document.dispatchEvent(new Event('fullscreenchange'));
      await settle();
    };
    await full(target.asElement());
    expect(fake.keyboardLocks).toBe(1);
    target.dispatchEvent(fakeEvent('keydown', { code: 'KeyW', ctrlKey: true }));
    expect(inputs).toHaveLength(1);
    await full(null);
    expect(fake.keyboardLocks).toBe(0);
    target.dispatchEvent(fakeEvent('keydown', { code: 'KeyT', ctrlKey: true }));
    expect(inputs).toHaveLength(1);
  });

  it('takes the focus only where nothing else has it', () => {
    const { fake, target, input } = setUp();
    input.focus();
    fake.document.activeElement = { localName: 'body' } as Element;
    input.focus();
    fake.document.activeElement = { localName: 'input' } as Element;
    input.focus();
    expect(target.focused).toBe(2);
  });

  it('shows the cursor of the game as large as the game is shown, whatever the window', () => {
    const { fake, target, video, input } = setUp();
    const picture = { shape: 'image', png: 'AAAA', width: 16, height: 16 } as const;
    video.box = { left: 0, top: 0, width: 1600, height: 900 };
    input.setGameSize({ width: 800, height: 600 });
    input.setCursor({ type: 'cursor', ...picture, hotspotX: 2, hotspotY: 2 });
    expect(target.style.cursor).toContain('image-set(url(data:image/png;base64,AAAA) 0.666');
    video.box = { left: 0, top: 0, width: 800, height: 600 };
    fake.window.dispatchEvent(new Event('resize'));
    expect(target.style.cursor).toBe('url(data:image/png;base64,AAAA) 2 2, default');
    input.setCursor({ type: 'cursor', shape: 'none' });
    expect(target.style.cursor).toBe('none');
  });
});
