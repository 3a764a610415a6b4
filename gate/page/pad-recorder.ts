import type { InputMessage } from '../../protocol/input-messages.ts';
import type { MotionMessage } from '../../protocol/motion-messages.ts';
import type { InputEvent } from '../input-script.ts';

type PadEdge = Extract<
  InputMessage,
  { readonly type: 'pad-connected' | 'pad-disconnected' | 'pad-button' }
>;
type PadMotion = Extract<MotionMessage, { readonly type: 'pad' }>;
type Sticks = Pick<Extract<InputEvent, { readonly type: 'pad-sticks' }>, 'axes' | 'triggers'>;

const REST: Sticks = { axes: [0, 0, 0, 0], triggers: [0, 0] };

interface Pad {
  readonly down: Set<number>;
  sticks: Sticks;
}

/** Sixteen bits are sent of a stick: four digits are what is left of that. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4 + 0;
}

function isSame(one: Sticks, other: Sticks): boolean {
  return String([one.axes, one.triggers]) === String([other.axes, other.triggers]);
}

/** Makes of what a page sends of gamepads what was done with them: it repeats what is held, this does not. */
export class PadRecorder {
  readonly #note: (event: InputEvent) => void;
  readonly #pads = new Map<number, Pad>();

  constructor(note: (event: InputEvent) => void) {
    this.#note = note;
  }

  /** Notes what is done from now on, and first the pads that are plugged in by now. */
  start(): void {
    for (const pad of this.#pads.keys()) {
      this.#pads.set(pad, { down: new Set(), sticks: REST });
      this.#note({ type: 'pad', atMs: 0, pad, connected: true });
    }
  }

  handleEdge(edge: PadEdge, atMs: number): void {
    const { pad } = edge;
    const known = this.#pads.get(pad);
    if (edge.type === 'pad-button') {
      const { button, down } = edge;
      // A button let go that was pressed before the recording has no beginning here.
      if (down ? !known || known.down.has(button) : !known?.down.delete(button)) return;
      if (down) known?.down.add(button);
      this.#note({ type: 'pad-button', atMs, pad, button, down });
      return;
    }
    // A new connection tells of every pad anew, and nothing is held there.
    if (known) for (const event of this.#releasesOf(pad, known, atMs)) this.#note(event);
    const connected = edge.type === 'pad-connected';
    if (!connected) this.#pads.delete(pad);
    else this.#pads.set(pad, { down: new Set(), sticks: REST });
    if (connected !== (known !== undefined)) this.#note({ type: 'pad', atMs, pad, connected });
  }

  handleSticks({ pad, axes, triggers }: PadMotion, atMs: number): void {
    const known = this.#pads.get(pad);
    const [leftX, leftY, rightX, rightY] = axes;
    const [left, right] = triggers;
    const sticks: Sticks = {
      axes: [rounded(leftX), rounded(leftY), rounded(rightX), rounded(rightY)],
      triggers: [rounded(left), rounded(right)],
    };
    if (!known || isSame(known.sticks, sticks)) return;
    known.sticks = sticks;
    this.#note({ type: 'pad-sticks', atMs, pad, ...sticks });
  }

  /** Notes that everything is let go. */
  releaseAll(atMs: number): void {
    for (const event of this.releases(atMs)) this.#note(event);
    for (const pad of this.#pads.keys()) this.#pads.set(pad, { down: new Set(), sticks: REST });
  }

  /** What would have to be let go if it were over now. */
  releases(atMs: number): InputEvent[] {
    return [...this.#pads].flatMap(([pad, known]) => this.#releasesOf(pad, known, atMs));
  }

  #releasesOf(pad: number, { down, sticks }: Pad, atMs: number): InputEvent[] {
    const buttons = [...down].map(
      (button): InputEvent => ({ type: 'pad-button', atMs, pad, button, down: false }),
    );
    return isSame(sticks, REST)
      ? buttons
      : [...buttons, { type: 'pad-sticks', atMs, pad, ...REST }];
  }
}
