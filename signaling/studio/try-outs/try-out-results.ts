import { RockpoolError } from '../../../protocol/errors.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import type { TryOutEnd } from '../../../protocol/try-out-messages.ts';
import {
  MAX_TRY_OUT_BLOB_BYTES,
  MAX_TRY_OUT_BYTES,
  mediaOf,
  type TryOutFindings,
  type TryOutReport,
} from '../../../protocol/try-out-report.ts';
import type { IdentityTokens, TryOutClaims } from '../../identity-tokens.ts';
import type { StudioStore } from '../../store/studio-store.ts';
import { blobOf, inOnePart } from '../blobs/blob-of-bytes.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ContainerTryOuts } from './container-try-outs.ts';

/** A page is not looked at more often. */
const NEWS_INTERVAL_MS = 1_000;

/** Try-outs of which it is remembered what they brought. */
const MAX_REMEMBERED = 1_000;

export interface TryOutResultsOptions {
  readonly store: Pick<StudioStore, 'games' | 'transact'>;
  readonly blobs: Pick<BlobStore, 'put' | 'has'>;
  readonly tokens: Pick<IdentityTokens, 'verifyTryOut'>;
  readonly tryOuts: Pick<ContainerTryOuts, 'handleNews' | 'handleSettled' | 'handleNotTried'>;
  /** Epoch milliseconds. */
  readonly wallClockMs: () => number;
  /** A try-out of another node's may be meant: told to all of them. */
  readonly tellOthers?: (claims: TryOutClaims, why: string) => void;
}

interface Brought {
  /** Of what has come and of what is coming. */
  bytes: number;
  toldMs: number;
}

/** Takes in what containers find out about builds, each with the token of its own try-out. */
export class TryOutResults {
  readonly #options: TryOutResultsOptions;
  /** The oldest first. */
  readonly #brought = new Map<SessionId, Brought>();

  constructor(options: TryOutResultsOptions) {
    this.#options = options;
  }

  /** @throws RockpoolError `unauthorised` */
  async admit(token: string | undefined): Promise<TryOutClaims> {
    const claims = token === undefined ? undefined : await this.#options.tokens.verifyTryOut(token);
    if (claims) return claims;
    throw new RockpoolError('unauthorised', 'This needs the token that came with the try-out.');
  }

  /**
   * Counts what a try-out is about to bring, before any of it is read: of several uploads at once all
   * together are no more than it may bring.
   * @throws RockpoolError `message-too-large`
   */
  announce({ tryOutId }: TryOutClaims, bytes: number): void {
    const known = this.#of(tryOutId);
    const left = Math.min(MAX_TRY_OUT_BLOB_BYTES, MAX_TRY_OUT_BYTES - known.bytes);
    if (bytes > left) {
      throw new RockpoolError('message-too-large', `A try-out may bring ${left} bytes more.`);
    }
    known.bytes += bytes;
  }

  /** What was announced has not come, or was not kept. */
  takeBack({ tryOutId }: TryOutClaims, bytes: number): void {
    const known = this.#brought.get(tryOutId);
    if (known) known.bytes -= bytes;
  }

  /**
   * A picture, the poster or the clip, of announced length.
   * @throws RockpoolError `bad-message` where it is something else, or not what its name says; `conflict`
   * where the build is not tried out any more.
   */
  async keep(claims: TryOutClaims, sha256: string, content: Uint8Array): Promise<void> {
    if (!isMedia(content)) {
      throw new RockpoolError('bad-message', 'A try-out brings AVIF, WebP and MP4 alone.');
    }
    const blob = blobOf(content);
    if (blob.sha256 !== sha256) {
      throw new RockpoolError('bad-message', 'What came is not what its SHA-256 says.');
    }
    const build = await this.#options.store.games.build(claims.buildId);
    if (build?.state !== 'trying') throw movedOn();
    await this.#options.blobs.put(blob, inOnePart(content));
    this.#options.tryOuts.handleNews(claims.buildId, claims.tryOutId);
  }

  /** What is being done, for the build's page; what comes too fast is left out. */
  async tell(claims: TryOutClaims, text: string): Promise<void> {
    const { buildId, tryOutId, containerName } = claims;
    this.#options.tryOuts.handleNews(buildId, tryOutId);
    const known = this.#of(tryOutId);
    const nowMs = this.#options.wallClockMs();
    if (nowMs - known.toldMs < NEWS_INTERVAL_MS) return;
    known.toldMs = nowMs;
    await this.#options.store.transact(({ games }) =>
      games.updateBuild(buildId, ['trying'], { stateDetail: `On ${containerName}: ${text}` }),
    );
  }

  /** @throws RockpoolError `conflict` where the build has moved on; `bad-message` where media are missing. */
  async end(claims: TryOutClaims, end: TryOutEnd): Promise<void> {
    const { buildId, tryOutId } = claims;
    if (end.kind === 'not-tried') {
      this.#options.tryOuts.handleNotTried(buildId, tryOutId, end.why);
      this.#options.tellOthers?.(claims, end.why);
      return;
    }
    await this.#mustBeThere(end.findings);
    if (!(await this.#settle(claims, end.findings))) throw movedOn();
    // Its token brings nothing more: the build is not tried out any more.
    this.#brought.delete(tryOutId);
    this.#options.tryOuts.handleSettled(buildId);
  }

  async #mustBeThere(findings: TryOutFindings): Promise<void> {
    const named = mediaOf(findings).map(({ sha256 }) => sha256);
    const there = await this.#options.blobs.has(named);
    if (named.every((sha256) => there.has(sha256))) return;
    throw new RockpoolError('bad-message', 'Pictures that the report names have not come.');
  }

  #settle(
    { buildId, containerName, region }: TryOutClaims,
    findings: TryOutFindings,
  ): Promise<boolean> {
    const { store, wallClockMs } = this.#options;
    const tryOut: TryOutReport = { ...findings, containerName, region, atMs: wallClockMs() };
    const problem = findings.problem?.split('\n')[0];
    return store.transact(({ games }) =>
      games.updateBuild(buildId, ['trying'], {
        state: problem === undefined ? 'ready' : 'failed',
        stateDetail: problem ?? `It runs, as ${containerName} has tried out. It may be released.`,
        tryOut,
      }),
    );
  }

  #of(tryOutId: SessionId): Brought {
    const known = this.#brought.get(tryOutId) ?? { bytes: 0, toldMs: Number.NEGATIVE_INFINITY };
    this.#brought.set(tryOutId, known);
    const [oldest] = this.#brought.keys();
    if (this.#brought.size > MAX_REMEMBERED && oldest) this.#brought.delete(oldest);
    return known;
  }
}

/** Begins as AVIF or MP4 (ISO/IEC 14496-12 §4.3) or as WebP (RFC 9649 §2.4) does. */
function isMedia(content: Uint8Array): boolean {
  const text = (from: number, to: number) =>
    Buffer.from(content.subarray(from, to)).toString('latin1');
  if (text(0, 4) === 'RIFF') return text(8, 12) === 'WEBP';
  return text(4, 8) === 'ftyp';
}

function movedOn(): RockpoolError {
  return new RockpoolError('conflict', 'The build is not being tried out any more.');
}
