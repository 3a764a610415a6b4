import { type RockpoolError, toRockpoolError } from '../../protocol/errors.ts';
import type { Resolution } from '../../protocol/stream-settings.ts';
import type { Encoder, EncoderFactory, EncoderSettings } from './encoder.ts';
import { LadderEncoder } from './encoder-ladder.ts';

/** What encoder is wanted. */
export interface EncoderPlan extends Resolution {
  /** All of one codec, best first. */
  readonly factories: readonly EncoderFactory[];
  /** Frames per second the encoder reckons with. */
  readonly frameRate: number;
  /** 0 lets the encoder choose. */
  readonly threads: number;
}

/** Where a rotation reports. Calls never throw. */
export interface EncoderRotationListener {
  /** @param cause why the encoder before was left, or the one that was wanted is not used. */
  handleEncoder(encoder: Encoder, cause: RockpoolError | undefined): void;
  /** Another encoder is ready to take over. */
  handleReady(): void;
}

/** An encoder that opens, or has opened, to become the one in use. */
class Candidate {
  readonly plan: EncoderPlan;
  readonly opening: Promise<LadderEncoder>;
  #encoder: LadderEncoder | undefined;
  #listener: ((encoder: Encoder, cause: RockpoolError | undefined) => void) | undefined;
  #cause: RockpoolError | undefined;

  constructor(plan: EncoderPlan, bitrateBps: number) {
    this.plan = plan;
    const settings: EncoderSettings = {
      width: plan.width,
      height: plan.height,
      frameRate: plan.frameRate,
      bitrateBps,
      threads: plan.threads,
    };
    this.opening = LadderEncoder.open(plan.factories, settings, (_name, cause) => {
      this.#cause = cause;
      if (this.#encoder) this.#listener?.(this.#encoder, cause);
    }).then((encoder) => {
      this.#encoder = encoder;
      return encoder;
    });
  }

  get encoder(): LadderEncoder | undefined {
    return this.#encoder;
  }

  /** Speaks up once it is in use, and again when it falls down its ladder. */
  announce(listener: (encoder: Encoder, cause: RockpoolError | undefined) => void): void {
    this.#listener = listener;
    if (this.#encoder) listener(this.#encoder, this.#cause);
  }

  close(): void {
    this.#listener = undefined;
    if (this.#encoder) this.#encoder.close();
    else {
      this.opening.then(
        (encoder) => encoder.close(),
        () => {},
      );
    }
  }
}

function samePlan(a: EncoderPlan, b: EncoderPlan): boolean {
  return (
    a.factories === b.factories &&
    a.width === b.width &&
    a.height === b.height &&
    a.frameRate === b.frameRate &&
    a.threads === b.threads
  );
}

/**
 * Keeps one encoder in use while another opens, so that a change of codec, size or rate leaves no
 * gap in the picture. Of several changes in a row only the last one counts.
 */
export class EncoderRotation {
  readonly #listener: EncoderRotationListener;
  #bitrateBps: number;
  #current: Candidate | undefined;
  #next: Candidate | undefined;
  #refused: EncoderPlan | undefined;
  #closed = false;

  constructor(bitrateBps: number, listener: EncoderRotationListener) {
    this.#bitrateBps = bitrateBps;
    this.#listener = listener;
  }

  /** The encoder in use. */
  get current(): Encoder | undefined {
    return this.#current?.encoder;
  }

  /** For the encoder in use and every later one. */
  setBitrate(bitrateBps: number): void {
    this.#bitrateBps = bitrateBps;
    this.#current?.encoder?.setBitrate(bitrateBps);
  }

  /** Opens what is wanted, unless it is in use, opening, or was refused before. */
  want(plan: EncoderPlan): void {
    if (this.#closed) return;
    if (this.#current && samePlan(this.#current.plan, plan)) {
      this.#next?.close();
      this.#next = undefined;
      return;
    }
    if (this.#next && samePlan(this.#next.plan, plan)) return;
    if (this.#current && this.#refused && samePlan(this.#refused, plan)) return;
    this.#next?.close();
    const next = new Candidate(plan, this.#bitrateBps);
    this.#next = next;
    next.opening.then(
      () => {
        if (this.#next === next) this.#listener.handleReady();
      },
      (error: unknown) => this.#handleRefusal(next, toRockpoolError(error, 'encoder-failed')),
    );
  }

  /** @returns whether another encoder took over. Not while a frame is at work. */
  advance(): boolean {
    const next = this.#next;
    if (!next?.encoder) return false;
    this.#current?.close();
    this.#current = next;
    this.#next = undefined;
    this.#refused = undefined;
    next.encoder.setBitrate(this.#bitrateBps);
    next.announce((encoder, cause) => this.#listener.handleEncoder(encoder, cause));
    return true;
  }

  /**
   * Waits for the encoder that opens.
   * @throws RockpoolError `encoder-failed` where it does not.
   */
  async opened(): Promise<void> {
    for (let next = this.#next; next; ) {
      await next.opening.catch((error: unknown) => {
        // Another took its place meanwhile: that one counts.
        if (this.#next === next || this.#next === undefined) throw error;
      });
      if (this.#next === next) return;
      next = this.#next;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#current?.close();
    this.#next?.close();
    this.#current = undefined;
    this.#next = undefined;
  }

  #handleRefusal(candidate: Candidate, error: RockpoolError): void {
    if (this.#next !== candidate) return;
    this.#next = undefined;
    this.#refused = candidate.plan;
    // The one in use goes on: a picture of the old kind is better than none.
    if (this.#current?.encoder) this.#listener.handleEncoder(this.#current.encoder, error);
  }
}
