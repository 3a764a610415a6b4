import type { KeyCode } from '../../protocol/key-codes.ts';
import type { GameInput } from '../../renderer/game-runtime.ts';

/** Who an input comes from: the session's player, or a guest by id. */
export type InputSource = string;
export const OWNER: InputSource = 'owner';

type Deliver = (input: GameInput, receivedUs: number) => void;

/** Who holds what, of one kind of thing that can be held. */
class Held<K> {
  readonly #by = new Map<K, Set<InputSource>>();

  add(what: K, source: InputSource): void {
    const holders = this.#by.get(what);
    if (holders) holders.add(source);
    else this.#by.set(what, new Set([source]));
  }

  /** @returns whether somebody else holds it still. */
  remove(what: K, source: InputSource): boolean {
    const holders = this.#by.get(what);
    holders?.delete(source);
    if (holders?.size === 0) this.#by.delete(what);
    return this.#by.has(what);
  }

  by(source: InputSource): K[] {
    return [...this.#by].flatMap(([what, holders]) => (holders.has(source) ? [what] : []));
  }

  hasOthers(source: InputSource): boolean {
    for (const holders of this.#by.values()) {
      if (holders.size > (holders.has(source) ? 1 : 0)) return true;
    }
    return false;
  }
}

/** More than there are buttons of a pad. */
const PAD_STRIDE = 32;

/**
 * Inputs of several people, made those of one game. What two of them hold is let go when both have;
 * who goes lets go of what is theirs, and of nothing else.
 *
 * Frames name the last input of the session's player: what guests do reaches the game under that
 * number, and is accounted for where their own frames are reported.
 */
export class SharedInputs {
  readonly #deliver: Deliver;
  readonly #keys = new Held<KeyCode>();
  readonly #buttons = new Held<number>();
  readonly #pads = new Held<number>();
  readonly #padButtons = new Held<number>();
  /** Pads whose sticks or triggers are not at rest. */
  readonly #padsMoved = new Held<number>();
  readonly #all = [this.#keys, this.#buttons, this.#pads, this.#padButtons, this.#padsMoved];
  #seq = 0;
  #seqReceivedUs = 0;
  /** Where the pointer was last, which a released button needs to say. */
  #pointer = { x: 0, y: 0 };

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** @param receivedUs microseconds of the worker's clock. */
  handle(source: InputSource, input: GameInput, receivedUs: number): void {
    if (source === OWNER && 'seq' in input) {
      this.#seq = input.seq;
      this.#seqReceivedUs = receivedUs;
    }
    switch (input.type) {
      case 'key':
        this.#pass(input, this.#hold(this.#keys, input.code, source, input.down));
        break;
      case 'button':
        this.#pointer = { x: input.x, y: input.y };
        this.#pass(input, this.#hold(this.#buttons, input.button, source, input.down));
        break;
      case 'pointer-move':
        this.#pointer = { x: input.x, y: input.y };
        this.#pass(input, false);
        break;
      case 'pad-connected':
        this.#pads.add(input.pad, source);
        this.#pass(input, false);
        break;
      case 'pad-disconnected':
        this.#disconnect(source, input.pad);
        break;
      case 'pad-button': {
        const button = input.pad * PAD_STRIDE + input.button;
        this.#pads.add(input.pad, source);
        this.#pass(input, this.#hold(this.#padButtons, button, source, input.down));
        break;
      }
      case 'pad-state': {
        this.#pads.add(input.pad, source);
        this.#hold(this.#padsMoved, input.pad, source, isMoved(input));
        this.#pass(input, false);
        break;
      }
      case 'release-all':
        this.#releaseHeld(source);
        break;
      default:
        this.#pass(input, false);
    }
  }

  /** Lets go of everything a source holds; its pads stay plugged in. */
  releaseAll(source: InputSource): void {
    this.#releaseHeld(source);
  }

  /** The source is gone: with what it holds go its pads. */
  remove(source: InputSource): void {
    if (this.#all.every((held) => held.by(source).length === 0)) return;
    this.#releaseEach(source);
    for (const pad of this.#pads.by(source)) this.#disconnect(source, pad);
  }

  #hold<K>(held: Held<K>, what: K, source: InputSource, down: boolean): boolean {
    if (!down) return held.remove(what, source);
    held.add(what, source);
    return false;
  }

  /** What others hold on to stays as it is; that an input came is told all the same. */
  #pass(input: GameInput, withheld: boolean): void {
    const seq = this.#seq;
    if (withheld) this.#say({ type: 'wheel', seq, dx: 0, dy: 0 });
    else this.#say('seq' in input && input.seq !== seq ? { ...input, seq } : input);
  }

  #say(input: GameInput): void {
    this.#deliver(input, this.#seqReceivedUs);
  }

  #releaseHeld(source: InputSource): void {
    const othersHold = [this.#keys, this.#buttons, this.#padButtons, this.#padsMoved].some((held) =>
      held.hasOthers(source),
    );
    const mayPause = source === OWNER && !othersHold;
    // A game may take the release of everything as a reason to pause: that is the player's to cause.
    if (mayPause) {
      this.#forget(source);
      this.#say({ type: 'release-all', seq: this.#seq });
      return;
    }
    this.#releaseEach(source);
    this.#pass({ type: 'wheel', seq: this.#seq, dx: 0, dy: 0 }, false);
  }

  #forget(source: InputSource): void {
    for (const held of [this.#keys, this.#buttons, this.#padButtons, this.#padsMoved]) {
      for (const what of held.by(source)) (held as Held<unknown>).remove(what, source);
    }
  }

  #releaseEach(source: InputSource): void {
    const seq = this.#seq;
    const { x, y } = this.#pointer;
    for (const code of this.#keys.by(source)) {
      if (!this.#keys.remove(code, source)) this.#say({ type: 'key', seq, code, down: false });
    }
    for (const button of this.#buttons.by(source)) {
      if (this.#buttons.remove(button, source)) continue;
      this.#say({ type: 'button', seq, button, down: false, x, y });
    }
    for (const pad of this.#pads.by(source)) this.#rest(source, pad);
  }

  /** One pad, everything let go. */
  #rest(source: InputSource, pad: number): void {
    for (const key of this.#padButtons.by(source)) {
      const button = key % PAD_STRIDE;
      if (Math.floor(key / PAD_STRIDE) !== pad || this.#padButtons.remove(key, source)) continue;
      this.#say({ type: 'pad-button', seq: this.#seq, pad, button, down: false });
    }
    if (!this.#padsMoved.by(source).includes(pad)) return;
    if (this.#padsMoved.remove(pad, source)) return;
    this.#say({ type: 'pad-state', pad, axes: [0, 0, 0, 0], triggers: [0, 0] });
  }

  #disconnect(source: InputSource, pad: number): void {
    this.#rest(source, pad);
    const seq = this.#seq;
    this.#pass({ type: 'pad-disconnected', seq, pad }, this.#pads.remove(pad, source));
  }
}

function isMoved({ axes, triggers }: Extract<GameInput, { type: 'pad-state' }>): boolean {
  for (const axis of axes) if (axis !== 0) return true;
  return triggers[0] !== 0 || triggers[1] !== 0;
}
