import { useEffect, useRef } from 'preact/hooks';
import type { GameInfo } from '../../protocol/game-info.ts';
import type { Player } from '../player/player.ts';
import { Icon } from './icon.tsx';
import { type Point, pushStick } from './stick-geometry.ts';

/** Thumbs reach about this far without letting go of the phone. */
const STICK_RADIUS_PX = 56;

/** The shortest buzz that phones still make. */
const TICK_MS = 8;

export interface TouchPadProps {
  readonly pad: Player['virtualPad'];
  readonly game: GameInfo;
}

/** Stick and buttons under the thumbs. Each finger is its own pointer, so all work at once. */
export function TouchPad({ pad, game }: TouchPadProps) {
  useEffect(() => () => pad.disconnect(), [pad]);
  return (
    <section class="touch-pad" aria-label="On-screen pad">
      <Stick pad={pad} />
      <div class="pad-buttons">
        {game.touchButtons.map(({ button, label }) => (
          <PadButton key={button} pad={pad} button={button} label={label} />
        ))}
      </div>
      <p class="turn-hint">
        <Icon name="rotate" />
        Turn your phone for a larger picture
      </p>
    </section>
  );
}

/** The left half of the screen: the stick is wherever the thumb comes down. */
function Stick({ pad }: { readonly pad: Player['virtualPad'] }) {
  const zone = useRef<HTMLDivElement>(null);
  const base = useRef<HTMLDivElement>(null);
  const knob = useRef<HTMLDivElement>(null);

  // Moves go straight to the elements and the game: a render per touch move would cost frames.
  useEffect(() => {
    const element = zone.current;
    if (element === null) return;
    let pointer: number | undefined;
    let origin: Point = { x: 0, y: 0 };

    const place = (thumb: Point) => {
      const push = pushStick(origin, thumb, STICK_RADIUS_PX);
      origin = push.origin;
      if (base.current !== null) {
        base.current.style.translate = `${push.origin.x}px ${push.origin.y}px`;
      }
      if (knob.current !== null) knob.current.style.translate = `${push.knob.x}px ${push.knob.y}px`;
      pad.setStick('left', push.value.x, push.value.y);
    };
    const thumbOf = (event: PointerEvent): Point => {
      const box = element.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const onDown = (event: PointerEvent) => {
      if (pointer !== undefined) return;
      event.preventDefault();
      pointer = event.pointerId;
      element.setPointerCapture(pointer);
      element.classList.add('held');
      origin = thumbOf(event);
      place(origin);
    };
    const onMove = (event: PointerEvent) => {
      if (event.pointerId === pointer) place(thumbOf(event));
    };
    const onEnd = (event: PointerEvent) => {
      if (event.pointerId !== pointer) return;
      pointer = undefined;
      element.classList.remove('held');
      base.current?.style.removeProperty('translate');
      knob.current?.style.removeProperty('translate');
      pad.setStick('left', 0, 0);
    };
    element.addEventListener('pointerdown', onDown);
    element.addEventListener('pointermove', onMove);
    element.addEventListener('pointerup', onEnd);
    element.addEventListener('pointercancel', onEnd);
    return () => {
      element.removeEventListener('pointerdown', onDown);
      element.removeEventListener('pointermove', onMove);
      element.removeEventListener('pointerup', onEnd);
      element.removeEventListener('pointercancel', onEnd);
    };
  }, [pad]);

  return (
    <div class="stick-zone" ref={zone}>
      <div class="stick-base" ref={base}>
        <div class="stick-knob" ref={knob} />
      </div>
    </div>
  );
}

interface PadButtonProps {
  readonly pad: Player['virtualPad'];
  readonly button: number;
  readonly label: string;
}

function PadButton({ pad, button, label }: PadButtonProps) {
  const set = (element: HTMLElement, down: boolean) => {
    element.classList.toggle('held', down);
    pad.setButton(button, down);
  };
  return (
    <button
      type="button"
      class="pad-button"
      tabIndex={-1}
      onContextMenu={(event) => event.preventDefault()}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
        navigator.vibrate?.(TICK_MS);
        set(event.currentTarget, true);
      }}
      onPointerUp={(event) => set(event.currentTarget, false)}
      onPointerCancel={(event) => set(event.currentTarget, false)}
    >
      {label}
    </button>
  );
}
