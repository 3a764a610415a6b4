import type { InputState, PadState } from '../input-state.ts';
import { PAD } from './skimmer-info.ts';
import type { Controls } from './world.ts';

export type Device = 'keyboard' | 'mouse' | 'pad';

/** Keys swing the helm over in about a sixth of a second, so that a tap is a small correction. */
const KEY_HELM_PER_S = 7;
const STICK_DEAD_ZONE = 0.12;
/** Full helm with the pointer this far from the middle, as a fraction of the picture's width. */
const POINTER_REACH = 0.34;
const NAVIGATE_AT = 0.6;

/**
 * Turns whatever the player holds into helm, boost and menu presses. The device that moved last has
 * the helm, so that a mouse lying still does not fight the keyboard.
 */
export class PilotInput implements Controls {
  steer = 0;
  boost = false;
  /** Start, resume, choose. */
  confirm = false;
  pause = false;
  /** −1 up, 1 down, 0 neither. */
  navigate = 0;
  /** Height of the pointer where it moved or pressed in this tick, 0 to 1; else −1. */
  pointerY = -1;
  device: Device = 'keyboard';
  /** The pad that was touched last. */
  pad: number | undefined;
  #stickY = 0;

  /** Reads this tick's input. */
  read(input: InputState, dtS: number): void {
    this.confirm = false;
    this.pause = false;
    this.navigate = 0;
    this.#readPads(input);
    this.#readPointer(input);
    this.#readKeys(input);
    const pad = this.pad === undefined ? undefined : input.pads.get(this.pad);
    const right = input.isDown('ArrowRight') || input.isDown('KeyD') ? 1 : 0;
    const left = input.isDown('ArrowLeft') || input.isDown('KeyA') ? 1 : 0;
    if (this.device === 'pad' && pad) {
      this.steer = padSteer(pad);
      this.boost = pad.isDown(PAD.confirm) || pad.triggers[1] > 0.3;
    } else if (this.device === 'mouse') {
      this.steer = clamp((input.pointer.x - 0.5) / POINTER_REACH);
      this.boost = input.isButtonDown(0);
    } else {
      const change = KEY_HELM_PER_S * dtS;
      this.steer += Math.min(Math.max(right - left - this.steer, -change), change);
      this.boost = false;
    }
    this.boost ||= input.isDown('Space') || input.isDown('ShiftLeft') || input.isDown('ShiftRight');
  }

  #readPads(input: InputState): void {
    for (const [number, pad] of input.pads) {
      const confirm = pad.wasPressed(PAD.confirm);
      const pause = pad.wasPressed(PAD.pause);
      const moved = Math.abs(pad.axes[0]) > 0.3 || Math.abs(pad.axes[1]) > 0.3;
      const pressed = pad.wasPressed(PAD.left) || pad.wasPressed(PAD.right);
      if (confirm || pause || moved || pressed || pad.triggers[1] > 0.3) {
        this.device = 'pad';
        this.pad = number;
      }
      this.confirm ||= confirm;
      this.pause ||= pause;
      if (pad.wasPressed(PAD.up)) this.navigate = -1;
      if (pad.wasPressed(PAD.down)) this.navigate = 1;
      if (number !== this.pad) continue;
      const [, y] = pad.axes;
      if (Math.abs(y) > NAVIGATE_AT && Math.abs(this.#stickY) <= NAVIGATE_AT) {
        this.navigate = Math.sign(y);
      }
      this.#stickY = y;
    }
  }

  #readPointer(input: InputState): void {
    const pressed = input.wasButtonPressed(0);
    const moved = input.pointerDelta.x !== 0 || input.pointerDelta.y !== 0;
    if (moved || pressed) this.device = 'mouse';
    this.pointerY = moved || pressed ? input.pointer.y : -1;
    this.confirm ||= pressed;
    this.pause ||= input.wasButtonPressed(2);
  }

  #readKeys(input: InputState): void {
    const steering =
      input.isDown('ArrowLeft') ||
      input.isDown('ArrowRight') ||
      input.isDown('KeyA') ||
      input.isDown('KeyD');
    const enter = input.wasPressed('Enter') || input.wasPressed('NumpadEnter');
    const confirm = enter || input.wasPressed('Space');
    if (steering || confirm) this.device = 'keyboard';
    this.confirm ||= confirm;
    this.pause ||= input.wasPressed('KeyP') || input.wasPressed('Escape');
    if (input.wasPressed('ArrowUp') || input.wasPressed('KeyW')) this.navigate = -1;
    if (input.wasPressed('ArrowDown') || input.wasPressed('KeyS')) this.navigate = 1;
  }
}

function padSteer(pad: PadState): number {
  const buttons = (pad.isDown(PAD.right) ? 1 : 0) - (pad.isDown(PAD.left) ? 1 : 0);
  if (buttons !== 0) return buttons;
  const [x] = pad.axes;
  const past = Math.max(Math.abs(x) - STICK_DEAD_ZONE, 0) / (1 - STICK_DEAD_ZONE);
  // A bent response: fine near the middle, full at the rim.
  return clamp(Math.sign(x) * past * (0.45 + 0.55 * past) * 1.04);
}

function clamp(value: number): number {
  return Math.min(Math.max(value, -1), 1);
}
