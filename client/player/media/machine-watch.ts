import type { StreamSnapshot } from '../player-snapshot.ts';

/** With fewer pictures than this share of what is sent, a game is not fluent any more. */
const TOO_FEW = 0.8;
/** A freeze this long ago is part of what is going on. */
const FREEZE_MS = 5_000;
/** The worker has looked for a quarter of a minute already: this is for the page to agree. */
const AGREED_MS = 3_000;
/** Asking again sooner finds the same pool. */
const ASK_AGAIN_MS = 60_000;
/** A network that does this much is a reason of its own. */
const LOSSY = 0.02;
const QUEUED_MS = 50;

/**
 * Decides when to look for another machine: its worker says that it does not keep up, the picture shows
 * it, and the network is not to blame.
 */
export class MachineWatch {
  #freezes = 0;
  #skipped = 0;
  #troubledMs = Number.NEGATIVE_INFINITY;
  #frozenMs = Number.NEGATIVE_INFINITY;
  #badSinceMs: number | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;

  /** @returns whether to ask for another machine now. */
  handleStream(atMs: number, stream: StreamSnapshot): boolean {
    this.#look(atMs, stream);
    const isBad =
      !stream.machineKeepsUp && !this.#isNetwork(atMs, stream) && this.#isSeen(atMs, stream);
    if (!isBad) {
      this.#badSinceMs = undefined;
      return false;
    }
    this.#badSinceMs ??= atMs;
    if (atMs - this.#badSinceMs < AGREED_MS || atMs - this.#askedMs < ASK_AGAIN_MS) return false;
    this.#askedMs = atMs;
    return true;
  }

  #look(atMs: number, { freezes, network }: StreamSnapshot): void {
    if (freezes > this.#freezes) this.#frozenMs = atMs;
    // A new connection counts from zero.
    this.#freezes = freezes;
    const skipped = network?.skippedFrames ?? 0;
    if (skipped > this.#skipped) this.#troubledMs = atMs;
    this.#skipped = skipped;
  }

  #isNetwork(atMs: number, { network }: StreamSnapshot): boolean {
    if (!network || atMs - this.#troubledMs < FREEZE_MS) return true;
    return network.fractionLost > LOSSY || network.pacerQueueMs > QUEUED_MS;
  }

  #isSeen(atMs: number, { framesPerSecond, sent }: StreamSnapshot): boolean {
    return framesPerSecond < TOO_FEW * sent.frameRate || atMs - this.#frozenMs < FREEZE_MS;
  }
}
