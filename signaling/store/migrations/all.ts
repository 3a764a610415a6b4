import { containersAndSessions } from './0001-containers-and-sessions.ts';
import { joinTokensAndHistory } from './0002-join-tokens-and-history.ts';
import { studioAccounts } from './0003-studio-accounts.ts';
import { saves } from './0004-saves.ts';
import { gamesAndBuilds } from './0005-games-and-builds.ts';
import { insight } from './0006-insight.ts';
import { deletions } from './0007-deletions.ts';
import type { Migration } from './migration.ts';

/** Every migration there is, in order. */
export const MIGRATIONS: readonly Migration[] = [
  containersAndSessions,
  joinTokensAndHistory,
  studioAccounts,
  saves,
  gamesAndBuilds,
  insight,
  deletions,
];
