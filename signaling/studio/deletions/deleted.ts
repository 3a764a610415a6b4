import { RockpoolError } from '../../../protocol/errors.ts';
import {
  type DeletedBuild,
  type DeletedGame,
  KEEP_DELETED_MS,
} from '../../../protocol/studio-builds.ts';
import type { BuildRecord, GameRecord } from '../../store/game-store.ts';

/** What members are told of a build that can be taken back. */
export function buildDeletedTelling({
  number,
  label,
  archive,
  removedAtMs = 0,
}: BuildRecord): DeletedBuild {
  const goneAtMs = removedAtMs + KEEP_DELETED_MS;
  return { number, label, archiveName: archive.name, deletedAtMs: removedAtMs, goneAtMs };
}

/** What members are told of a game that can be taken back. */
export function gameDeletedTelling({ gameId, title, removedAtMs = 0 }: GameRecord): DeletedGame {
  return { gameId, title, deletedAtMs: removedAtMs, goneAtMs: removedAtMs + KEEP_DELETED_MS };
}

/** Why a build that was deleted is not to be had. */
export function buildDeleted({ number, goneAtMs }: BuildRecord): RockpoolError {
  return goneAtMs === undefined
    ? new RockpoolError('conflict', `Build ${number} is deleted: take it back first.`)
    : new RockpoolError('not-found', `Build ${number} was deleted, and is gone.`);
}

/** Why a game that was deleted is not to be had. */
export function gameDeleted({ title }: GameRecord): RockpoolError {
  return new RockpoolError(
    'not-found',
    `${title} is deleted. An owner of the studio can take it back among its games.`,
  );
}
