import { useEffect } from 'preact/hooks';
import { type Direction, nextInDirection } from './spatial-focus.ts';

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), summary';

/** Holding a direction repeats after this long, then this often: what game menus feel like. */
const REPEAT_DELAY_MS = 400;
const REPEAT_EVERY_MS = 140;

/** A stick counts as pushed beyond this; half-way, so that a drifting one never moves the focus. */
const STICK_THRESHOLD = 0.5;

/** W3C standard gamepad layout. */
const BUTTON_A = 0;
const BUTTON_B = 1;
const BUTTON_Y = 3;
const PRESSES = [BUTTON_A, BUTTON_B, BUTTON_Y];
const DPAD: readonly (readonly [number, Direction])[] = [
  [12, 'up'],
  [13, 'down'],
  [14, 'left'],
  [15, 'right'],
];

const ARROWS: ReadonlyMap<string, Direction> = new Map([
  ['ArrowUp', 'up'],
  ['ArrowDown', 'down'],
  ['ArrowLeft', 'left'],
  ['ArrowRight', 'right'],
]);

/** What can be focused now: inside the open dialog where there is one. */
function focusables(): HTMLElement[] {
  const scope = document.querySelector<HTMLElement>('dialog[open]') ?? document.body;
  return [...scope.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) =>
    element.checkVisibility({ visibilityProperty: true }),
  );
}

/** The box a person sees as the control: the whole card of a card's link. */
function boxOf(element: HTMLElement): DOMRect {
  return (element.closest<HTMLElement>('[data-focus-box]') ?? element).getBoundingClientRect();
}

function moveFocus(direction: Direction): void {
  const all = focusables();
  const from = all.find((element) => element === document.activeElement);
  const index =
    from === undefined
      ? initialIndex(all)
      : nextInDirection(boxOf(from), all.map(boxOf), direction);
  const next = index === undefined ? undefined : all[index];
  if (next === undefined) return;
  next.focus({ preventScroll: true });
  const box = next.closest<HTMLElement>('[data-focus-box]') ?? next;
  box.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
}

/** With nothing focused the first move goes to what the page is about, not to its header. */
function initialIndex(all: readonly HTMLElement[]): number | undefined {
  const index = all.findIndex((element) => element.closest('[data-focus-first]') !== null);
  return index >= 0 ? index : all.length > 0 ? 0 : undefined;
}

/** What there is to know of the card that has the focus. */
function openMore(): void {
  const card = document.activeElement?.closest('[data-focus-box]');
  card?.querySelector<HTMLElement>('[data-more]')?.click();
}

function connectedPads(): Gamepad[] {
  return navigator.getGamepads().filter((pad) => pad !== null);
}

function isDown(pad: Gamepad, button: number): boolean {
  return pad.buttons[button]?.pressed ?? false;
}

function pushed(pad: Gamepad): Direction | undefined {
  for (const [button, direction] of DPAD) {
    if (pad.buttons[button]?.pressed) return direction;
  }
  const [x = 0, y = 0] = pad.axes;
  if (Math.max(Math.abs(x), Math.abs(y)) < STICK_THRESHOLD) return undefined;
  if (Math.abs(x) > Math.abs(y)) return x > 0 ? 'right' : 'left';
  return y > 0 ? 'down' : 'up';
}

function handleArrow(event: KeyboardEvent): void {
  const direction = ARROWS.get(event.key);
  if (direction === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  // Sliders, choices and text fields have arrows of their own, a line of text no use for two of them.
  const { target } = event;
  const isLine = target instanceof HTMLInputElement && target.type === 'search';
  if (isLine && (direction === 'left' || direction === 'right')) return;
  if (target instanceof HTMLInputElement && !isLine) return;
  if (target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement) return;
  event.preventDefault();
  moveFocus(direction);
}

/** Lets arrow keys and gamepads move the focus; A activates, Y tells more, B does what `onBack` says. */
export function useFocusNavigation(enabled: boolean, onBack?: () => void): void {
  useEffect(() => {
    if (!enabled) return;
    let frame = 0;
    let held: Direction | undefined;
    let repeatAtMs = 0;
    // A button still down from what led here (the A that opened this page) is not a new press; one
    // that goes down before the first frame is.
    let pressedBefore = connectedPads().some((pad) =>
      PRESSES.some((button) => isDown(pad, button)),
    );

    const poll = (nowMs: number) => {
      frame = requestAnimationFrame(poll);
      let direction: Direction | undefined;
      let activate = false;
      let back = false;
      let more = false;
      for (const pad of connectedPads()) {
        direction ??= pushed(pad);
        activate ||= isDown(pad, BUTTON_A);
        back ||= isDown(pad, BUTTON_B);
        more ||= isDown(pad, BUTTON_Y);
      }
      if (direction !== held) {
        held = direction;
        repeatAtMs = nowMs + REPEAT_DELAY_MS;
        if (direction !== undefined) moveFocus(direction);
      } else if (direction !== undefined && nowMs >= repeatAtMs) {
        repeatAtMs = nowMs + REPEAT_EVERY_MS;
        moveFocus(direction);
      }
      if (!pressedBefore && activate && document.activeElement instanceof HTMLElement) {
        document.activeElement.click();
      } else if (!pressedBefore && back) {
        onBack?.();
      } else if (!pressedBefore && more) {
        openMore();
      }
      pressedBefore = activate || back || more;
    };
    const begin = () => {
      if (frame === 0) frame = requestAnimationFrame(poll);
    };

    if (connectedPads().length > 0) begin();
    addEventListener('gamepadconnected', begin);
    addEventListener('keydown', handleArrow);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('gamepadconnected', begin);
      removeEventListener('keydown', handleArrow);
    };
  }, [enabled, onBack]);
}
