import type { ToLauncher } from './launcher-messages.ts';

/** What a pad does, as the page takes it. */
export type PadMessage = Exclude<ToLauncher, { readonly type: 'quit' }>;

interface KnownPad {
  readonly down: Set<number>;
  state: Extract<PadMessage, { readonly type: 'pad-state' }> | undefined;
}

/**
 * Brings what pads do to the page, at once while the page keeps up; what comes meanwhile goes with the
 * next delivery, each button's edges in order and of the sticks the last state. A new page is told
 * how the pads stand.
 */
export class PadFeed {
  readonly #deliver: (messages: readonly PadMessage[]) => Promise<unknown>;
  readonly #pads = new Map<number, KnownPad>();
  #queue: PadMessage[] = [];
  #delivering = false;

  /** @param deliver resolves when the page has them; a page that is gone may reject. */
  constructor(deliver: (messages: readonly PadMessage[]) => Promise<unknown>) {
    this.#deliver = deliver;
  }

  handle(message: PadMessage): void {
    this.#note(message);
    if (message.type === 'pad-state') {
      this.#queue = this.#queue.filter(
        (queued) => queued.type !== 'pad-state' || queued.pad !== message.pad,
      );
    }
    this.#queue.push(message);
    this.#flush();
  }

  /** The page knows nothing yet. */
  handleNewPage(): void {
    this.#queue = [];
    for (const [pad, { down, state }] of this.#pads) {
      this.#queue.push({ type: 'pad-connected', pad });
      for (const button of down) this.#queue.push({ type: 'pad-button', pad, button, down: true });
      if (state) this.#queue.push(state);
    }
    this.#flush();
  }

  #note(message: PadMessage): void {
    if (message.type === 'release-all') {
      for (const known of this.#pads.values()) {
        known.down.clear();
        known.state = undefined;
      }
      return;
    }
    const known = this.#pads.get(message.pad);
    if (message.type === 'pad-connected') {
      if (!known) this.#pads.set(message.pad, { down: new Set(), state: undefined });
    } else if (message.type === 'pad-disconnected') this.#pads.delete(message.pad);
    else if (message.type === 'pad-state') {
      if (known) known.state = message;
    } else if (message.down) known?.down.add(message.button);
    else known?.down.delete(message.button);
  }

  #flush(): void {
    if (this.#delivering || this.#queue.length === 0) return;
    const batch = this.#queue;
    this.#queue = [];
    this.#delivering = true;
    const go = () => {
      this.#delivering = false;
      this.#flush();
    };
    // A page that is gone has no use for it, and the next one is told everything anew.
    this.#deliver(batch).then(go, go);
  }
}
