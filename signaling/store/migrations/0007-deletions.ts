import type { Migration } from './migration.ts';

// What is gone leaves its row: releases and sessions name builds, and a game's id is its studio's for good.
export const deletions: Migration = {
  version: 7,
  name: 'deletions',
  sql: `
    alter table rockpool.games add gone_at_ms bigint;
    alter table rockpool.builds add removed_at_ms bigint, add gone_at_ms bigint;
    create index games_to_forget on rockpool.games (removed_at_ms)
      where removed_at_ms is not null and gone_at_ms is null;
    create index builds_to_forget on rockpool.builds (removed_at_ms)
      where removed_at_ms is not null and gone_at_ms is null;
  `,
};
