import type { BuildOrder } from '../../../protocol/build-order.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import type { ContainerId, PlayerId } from '../../../protocol/ids.ts';
import type { PlayRequest } from '../../../protocol/player-messages.ts';
import { type BuildId, LIVE_CHANNEL } from '../../../protocol/studio-builds.ts';
import type { IdentityTokens } from '../../identity-tokens.ts';
import type { ReleaseCatalogue } from './release-catalogue.ts';
import { buildOf } from './rollout.ts';

/** What a player asks for, with the build they get; without one where it is no studio's game. */
export interface AskedPlay extends PlayRequest {
  readonly buildId?: BuildId | undefined;
}

export interface PlayBuildsOptions {
  readonly catalogue: Pick<ReleaseCatalogue, 'has' | 'current' | 'find'>;
  readonly tokens: Pick<IdentityTokens, 'verifySession' | 'issueBuild'>;
}

/** Which build a player gets, and what a container needs to play it. */
export class PlayBuilds {
  readonly #options: PlayBuildsOptions;

  constructor(options: PlayBuildsOptions) {
    this.#options = options;
  }

  /**
   * What a player's release says, or for a game that goes on on another machine what it was played in.
   * @throws RockpoolError `unknown-game` where the studio has released nothing on that channel.
   */
  async choose(playerId: PlayerId, request: PlayRequest): Promise<AskedPlay> {
    const { gameId, channel = LIVE_CHANNEL } = request;
    const kept = await this.#keptBuild(playerId, request);
    if (kept) return { ...request, buildId: kept };
    const { catalogue } = this.#options;
    const release = catalogue.current(gameId, channel);
    if (release) return { ...request, buildId: buildOf(release, playerId) };
    if (channel === LIVE_CHANNEL && !catalogue.has(gameId)) return request;
    throw new RockpoolError(
      'unknown-game',
      channel === LIVE_CHANNEL
        ? `"${gameId}" is not released yet. Ask its studio for a link to try it.`
        : `There is no channel "${channel}" of "${gameId}". Ask whoever gave you the link for a new one.`,
    );
  }

  /** What a container is told of a build. @throws RockpoolError `unknown-game` where it is gone. */
  async order(buildId: BuildId, containerId: ContainerId): Promise<BuildOrder> {
    const { catalogue, tokens } = this.#options;
    const build = await catalogue.find(buildId);
    if (!build) {
      throw new RockpoolError('unknown-game', 'This version of the game is not kept any more.');
    }
    const { index, manifest } = build;
    return { buildId, index, manifest, token: await tokens.issueBuild({ containerId, buildId }) };
  }

  /** Of the session that this one takes the place of. */
  async #keptBuild(
    playerId: PlayerId,
    { gameId, follows, resume }: PlayRequest,
  ): Promise<BuildId | undefined> {
    const { catalogue, tokens } = this.#options;
    const token = follows ?? (resume?.silent ? resume.resumeToken : undefined);
    const claims = token === undefined ? undefined : await tokens.verifySession(token);
    if (claims?.playerId !== playerId || claims.gameId !== gameId || !claims.buildId) {
      return undefined;
    }
    return (await catalogue.find(claims.buildId))?.buildId;
  }
}
