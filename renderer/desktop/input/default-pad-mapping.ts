import type { PadMapping, PadStick, PadTarget } from '../../../protocol/build-manifest.ts';
import type { GameInfo } from '../../../protocol/game-info.ts';

const ARROWS: PadStick = {
  up: 'ArrowUp',
  down: 'ArrowDown',
  left: 'ArrowLeft',
  right: 'ArrowRight',
};
/** Crosses a display 1280 pixels wide in a second and a half, as a console's cursor does. */
const POINTER: PadStick = { pointerSpeed: 900 };

/** Indices of the W3C standard gamepad; the four to the right by the names an Xbox pad has. */
const D_PAD: Readonly<Record<string, PadTarget>> = {
  12: { key: 'ArrowUp' },
  13: { key: 'ArrowDown' },
  14: { key: 'ArrowLeft' },
  15: { key: 'ArrowRight' },
};

/**
 * | pad               | keyboard    | keyboard and mouse | mouse        |
 * |-------------------|-------------|--------------------|--------------|
 * | left stick        | arrows      | arrows             | pointer      |
 * | d-pad             | arrows      | arrows             | –            |
 * | right stick       | –           | pointer            | pointer      |
 * | A 0               | Space       | Space              | left button  |
 * | B 1               | Escape      | Escape             | right button |
 * | X 2               | left Ctrl   | left Ctrl          | middle       |
 * | Y 3               | E           | E                  | –            |
 * | left bumper 4     | left Shift  | left Shift         | –            |
 * | right bumper 5    | Tab         | Tab                | –            |
 * | left trigger 6    | left Alt    | right button       | right button |
 * | right trigger 7   | left Ctrl   | left button        | left button  |
 * | Back 8            | Escape      | Escape             | –            |
 * | Start 9           | Enter       | Enter              | –            |
 * | right stick in 11 | –           | middle button      | middle       |
 *
 * Space jumps and Ctrl fires in most games that know the keyboard alone, E uses, Shift runs; Enter
 * and Escape go into and out of menus.
 */
const KEYBOARD: PadMapping = {
  buttons: {
    ...D_PAD,
    0: { key: 'Space' },
    1: { key: 'Escape' },
    2: { key: 'ControlLeft' },
    3: { key: 'KeyE' },
    4: { key: 'ShiftLeft' },
    5: { key: 'Tab' },
    6: { key: 'AltLeft' },
    7: { key: 'ControlLeft' },
    8: { key: 'Escape' },
    9: { key: 'Enter' },
  },
  leftStick: ARROWS,
};

const KEYBOARD_AND_MOUSE: PadMapping = {
  buttons: {
    ...KEYBOARD.buttons,
    6: { mouse: 'right' },
    7: { mouse: 'left' },
    11: { mouse: 'middle' },
  },
  leftStick: ARROWS,
  rightStick: POINTER,
};

const MOUSE: PadMapping = {
  buttons: {
    0: { mouse: 'left' },
    1: { mouse: 'right' },
    2: { mouse: 'middle' },
    6: { mouse: 'right' },
    7: { mouse: 'left' },
    11: { mouse: 'middle' },
  },
  leftStick: POINTER,
  rightStick: POINTER,
};

const NOTHING: PadMapping = { buttons: {} };

/** What a pad does in a game whose manifest does not say. */
export function defaultPadMapping(inputs: GameInfo['inputs']): PadMapping {
  const mouse = inputs.includes('mouse');
  if (inputs.includes('keyboard')) return mouse ? KEYBOARD_AND_MOUSE : KEYBOARD;
  return mouse ? MOUSE : NOTHING;
}
