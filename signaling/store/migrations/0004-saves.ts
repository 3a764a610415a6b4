import type { Migration } from './migration.ts';

// A save is replaced by pointing at another upload, in one statement. Its parts are no larger than what
// a query carries with ease.
export const saves: Migration = {
  version: 4,
  name: 'saves',
  sql: `
    create table rockpool.saves (
      player_id uuid not null,
      game_id text not null,
      turn bigint not null,
      sha256 text not null,
      bytes bigint not null,
      upload_id uuid not null,
      saved_at_ms bigint not null,
      primary key (player_id, game_id)
    );
    create index saves_by_upload on rockpool.saves (upload_id);
    create table rockpool.save_parts (
      upload_id uuid not null,
      part integer not null,
      begun_at_ms bigint not null,
      content bytea not null,
      primary key (upload_id, part)
    );
    create index save_parts_by_age on rockpool.save_parts (begun_at_ms);
  `,
};
