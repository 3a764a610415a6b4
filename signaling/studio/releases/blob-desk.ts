import type { Blob } from '../../../protocol/build-index.ts';
import { buildIndexSchema } from '../../../protocol/build-index.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { ContainerId } from '../../../protocol/ids.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import type { IdentityTokens } from '../../identity-tokens.ts';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ReleaseCatalogue, ReleasedBuild } from './release-catalogue.ts';

/** Builds whose blobs are known at once: an index of a large one takes some megabytes. */
const KNOWN_BUILDS = 32;

export interface BlobDeskOptions {
  readonly catalogue: Pick<ReleaseCatalogue, 'find'>;
  readonly tokens: Pick<IdentityTokens, 'verifyBuild'>;
  readonly blobs: BlobStore;
  /** Whether a container is in the pool. */
  readonly isThere: (containerId: ContainerId) => boolean;
}

/** Says which container may have which blob: those of the builds it was asked to play. */
export class BlobDesk {
  readonly #options: BlobDeskOptions;
  /** By SHA-256, what each has in bytes; the build asked for last comes last. */
  readonly #known = new Map<BuildId, Promise<ReadonlyMap<string, number>>>();

  constructor(options: BlobDeskOptions) {
    this.#options = options;
  }

  get blobs(): BlobStore {
    return this.#options.blobs;
  }

  /**
   * The blob that a token opens.
   * @throws RockpoolError `unauthorised` where it opens nothing any more, `not-found` where the blob is no
   * part of that build.
   */
  async admit(token: string, sha256: string): Promise<Blob> {
    const { tokens, isThere, catalogue } = this.#options;
    const claims = await tokens.verifyBuild(token);
    if (!claims || !isThere(claims.containerId)) {
      throw new RockpoolError(
        'unauthorised',
        'Builds are open to containers of the pool that were asked to play them, for a while. Start the game again.',
      );
    }
    const build = await catalogue.find(claims.buildId);
    if (!build) throw new RockpoolError('not-found', 'This build is not kept any more.');
    if (sha256 === build.index.sha256) return build.index;
    const bytes = (await this.#partsOf(build)).get(sha256);
    if (bytes !== undefined) return { sha256, bytes };
    throw new RockpoolError('not-found', 'This is no part of the build.');
  }

  #partsOf(build: ReleasedBuild): Promise<ReadonlyMap<string, number>> {
    const { buildId } = build;
    const parts = this.#known.get(buildId) ?? this.#read(build);
    this.#known.delete(buildId);
    this.#known.set(buildId, parts);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_BUILDS) break;
      this.#known.delete(oldest);
    }
    // What failed is tried again.
    parts.catch(() => this.#known.delete(buildId));
    return parts;
  }

  async #read({ index }: ReleasedBuild): Promise<ReadonlyMap<string, number>> {
    const content = await this.#options.blobs.get(index.sha256);
    if (!content) throw new RockpoolError('not-found', 'The store of blobs has lost this build.');
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    const { blobs } = buildIndexSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    return new Map(blobs.map(({ sha256, bytes }) => [sha256, bytes]));
  }
}
