import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Blob } from '../../../protocol/build-index.ts';
import { RockpoolError, toRockpoolError } from '../../../protocol/errors.ts';
import { inOnePart } from './blob-of-bytes.ts';
import {
  type BlobRange,
  type BlobStatistics,
  type BlobStore,
  countBlobs,
  RENEW_MS,
  UNWANTED_MS,
} from './blob-store.ts';
import { descriptorOf, LAYER_TYPE } from './build-image.ts';
import { MANIFEST_TYPE, OciRegistry, type OciRegistryOptions } from './oci-registry.ts';

/** A manifest must have a configuration; this one says that there is none (image-spec 1.1). */
const EMPTY = { type: 'application/vnd.oci.empty.v1+json', content: '{}' };
const EMPTY_DIGEST = digestOf(createHash('sha256').update(EMPTY.content).digest('hex'));

const NAME = /^[0-9a-f]{64}$/;

/** Questions at once. */
const PARALLEL = 8;

const NAMING_TRIES = 4;

/** When a blob was last wanted, epoch milliseconds. */
const WANTED = 'io.rockpool.wanted-at-ms';
const TAG = 'io.rockpool.tag';

/** What is read of a manifest of ours. One without a note was put by an earlier release. */
const noteSchema = z.object({
  layers: z.tuple([z.object({ size: z.int().min(0) })]),
  annotations: z.object({ [WANTED]: z.coerce.number().default(0) }).default({ [WANTED]: 0 }),
});

interface Note {
  /** Of the manifest. */
  readonly digest: string;
  readonly bytes: number;
  readonly wantedMs: number;
}

export interface OciBlobStoreOptions extends OciRegistryOptions {
  /** Epoch milliseconds, to know what is wanted. */
  readonly nowMs: () => number;
  /** Another repository of the registry, whose blobs are taken over rather than sent again. */
  readonly mountFrom?: string | undefined;
}

/**
 * Blobs in a repository of a registry that speaks the OCI Distribution API. A registry keeps no list of
 * blobs and sweeps those that no manifest names: so each has a manifest of its own, with its SHA-256 as
 * tag, and another tag where it was wanted again since. A blob is there when its tag is.
 */
export class OciBlobStore implements BlobStore {
  readonly #registry: OciRegistry;
  readonly #mountFrom: string | undefined;
  readonly #nowMs: () => number;

  constructor({ mountFrom, nowMs, ...registry }: OciBlobStoreOptions) {
    this.#nowMs = nowMs;
    this.#registry = new OciRegistry(registry);
    this.#mountFrom = mountFrom;
  }

  async put({ sha256, bytes }: Blob, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (await this.#isThere(sha256)) return;
    if (!(await this.#takeOver({ sha256, bytes }))) {
      const checked = new Checked(content, { sha256, bytes });
      await this.#registry.sendBlob(checked, () => checked.digest());
    }
    await this.#name(sha256, { sha256, bytes });
  }

  async get(sha256: string, range?: BlobRange): Promise<AsyncIterable<Uint8Array> | undefined> {
    const wanted = range && { first: range.from, last: range.from + range.bytes - 1 };
    const response = await this.#registry.readBlob(digestOf(sha256), wanted);
    if (!response) return undefined;
    const content = (response.body ?? []) as AsyncIterable<Uint8Array>;
    // A registry need not know ranges.
    return range && response.status === 200 ? partOf(content, range) : content;
  }

  async has(sha256s: readonly string[]): Promise<ReadonlySet<string>> {
    const there = new Set<string>();
    const ask = async (sha256: string) => {
      if (await this.#isThere(sha256)) there.add(sha256);
    };
    for (let i = 0; i < sha256s.length; i += PARALLEL) {
      await Promise.all(sha256s.slice(i, i + PARALLEL).map(ask));
    }
    return there;
  }

  async collect(sha256: string): Promise<number | undefined> {
    const note = await this.#noteOf(sha256);
    if (!note || this.#isWanted(note)) return undefined;
    const claim = await this.#noteOf(claimOf(sha256));
    if (claim && this.#isWanted(claim)) return undefined;
    const { bytes } = note;
    const isDeleted = await this.#unname(note);
    // Whoever found it before that has claimed it first; registries that work on files may have
    // removed what was named at the same moment, too.
    const later = await this.#noteOf(claimOf(sha256));
    if (later && this.#isWanted(later)) {
      await this.#name(sha256, { sha256, bytes });
      return undefined;
    }
    if (later) await this.#unname(later);
    // The content is left to the registry, which frees no space before it sweeps by itself: a blob
    // that is put again in this moment counts on it.
    return isDeleted ? bytes : undefined;
  }

  async *names(): AsyncGenerator<string> {
    for await (const tag of this.#registry.tags()) if (NAME.test(tag)) yield tag;
  }

  async *list(): AsyncGenerator<Blob> {
    for await (const sha256 of this.names()) {
      const bytes = await this.#registry.blobSize(digestOf(sha256));
      if (bytes !== undefined) yield { sha256, bytes };
    }
  }

  statistics(): Promise<BlobStatistics> {
    return countBlobs(this);
  }

  /** What is there counts as wanted from then on. */
  async #isThere(sha256: string): Promise<boolean> {
    const note = await this.#noteOf(sha256);
    if (!note) return false;
    if (this.#isFresh(note)) return true;
    const claim = await this.#noteOf(claimOf(sha256));
    if (claim && this.#isFresh(claim)) return true;
    await this.#name(claimOf(sha256), { sha256, bytes: note.bytes });
    // Who collects looks for claims after it has taken the name away.
    return (await this.#noteOf(sha256)) !== undefined;
  }

  /** @returns whether it is gone; where not, the next round tries again. */
  async #unname({ digest }: Note): Promise<boolean> {
    try {
      await this.#registry.deleteManifest(digest);
      return true;
    } catch (error) {
      if (toRockpoolError(error).code === 'bad-configuration') throw error;
      return false;
    }
  }

  async #noteOf(sha256: string): Promise<Note | undefined> {
    const found = await this.#registry.readManifest(sha256);
    const read = noteSchema.safeParse(found?.manifest).data;
    if (!found || !read) return undefined;
    const [{ size: bytes }] = read.layers;
    return { digest: found.digest, bytes, wantedMs: read.annotations[WANTED] };
  }

  #isFresh({ wantedMs }: Note): boolean {
    return this.#nowMs() - wantedMs < RENEW_MS;
  }

  #isWanted({ wantedMs }: Note): boolean {
    return this.#nowMs() - wantedMs < UNWANTED_MS;
  }

  /** @returns whether the registry has it here now. */
  async #takeOver({ sha256, bytes }: Blob): Promise<boolean> {
    const digest = digestOf(sha256);
    if ((await this.#registry.blobSize(digest)) !== undefined) {
      // Its name may be being taken away.
      await this.#name(claimOf(sha256), { sha256, bytes });
      return true;
    }
    return (
      this.#mountFrom !== undefined && (await this.#registry.mountBlob(digest, this.#mountFrom))
    );
  }

  async #name(tag: string, blob: Blob): Promise<void> {
    if ((await this.#registry.blobSize(EMPTY_DIGEST)) === undefined) {
      await this.#registry.sendBlob(inOnePart(Buffer.from(EMPTY.content)), () => EMPTY_DIGEST);
    }
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: { mediaType: EMPTY.type, digest: EMPTY_DIGEST, size: EMPTY.content.length },
      layers: [descriptorOf(blob, LAYER_TYPE)],
      // With the tag: the manifests of two tags are two, each deleted for itself.
      annotations: { [WANTED]: String(Math.floor(this.#nowMs())), [TAG]: tag },
    };
    // Where the same blob comes from two at once, a registry on files writes it anew, and does not
    // know it for that moment.
    for (let tries = 1; ; tries++) {
      try {
        return await this.#registry.putManifest(tag, manifest);
      } catch (error) {
        if (tries === NAMING_TRIES) throw error;
      }
    }
  }
}

/** Content that is counted and hashed as it passes. */
class Checked implements AsyncIterable<Uint8Array> {
  readonly #content: AsyncIterable<Uint8Array>;
  readonly #blob: Blob;
  readonly #hash = createHash('sha256');
  #received = 0;

  constructor(content: AsyncIterable<Uint8Array>, blob: Blob) {
    this.#content = content;
    this.#blob = blob;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const chunk of this.#content) {
      this.#received += chunk.length;
      if (this.#received > this.#blob.bytes) throw this.#refusal();
      this.#hash.update(chunk);
      yield chunk;
    }
  }

  /** When all of it has passed. */
  digest(): string {
    const sha256 = this.#hash.digest('hex');
    if (this.#received !== this.#blob.bytes || sha256 !== this.#blob.sha256) throw this.#refusal();
    return digestOf(sha256);
  }

  #refusal(): RockpoolError {
    return new RockpoolError('bad-message', 'The blob is not what its length and digest say.');
  }
}

/** The tag that says that a blob was wanted later than when it was put. */
function claimOf(sha256: string): string {
  return `wanted-${sha256}`;
}

function digestOf(sha256: string): string {
  return `sha256:${sha256}`;
}

async function* partOf(content: AsyncIterable<Uint8Array>, { from, bytes }: BlobRange) {
  let at = 0;
  for await (const chunk of content) {
    const part = chunk.subarray(Math.max(0, from - at), Math.max(0, from + bytes - at));
    at += chunk.length;
    if (part.length > 0) yield part;
    if (at >= from + bytes) return;
  }
}
