import type { Migration } from './migration.ts';

// What was released is written once: what a player got at a moment can be told later. A session's build
// is no foreign key, as its container is none.
export const gamesAndBuilds: Migration = {
  version: 5,
  name: 'games-and-builds',
  sql: `
    create table rockpool.games (
      game_id text primary key,
      studio_id uuid not null references rockpool.studios,
      title text not null,
      created_at_ms bigint not null,
      removed_at_ms bigint,
      page jsonb not null
    );
    create index games_of_studio on rockpool.games (studio_id);

    create table rockpool.builds (
      build_id uuid primary key,
      game_id text not null references rockpool.games,
      number integer not null,
      state text not null,
      state_detail text not null,
      label text not null,
      created_at_ms bigint not null,
      created_by text not null,
      archive_name text not null,
      archive_bytes bigint not null,
      archive_sha256 text not null,
      files integer not null,
      bytes bigint not null,
      stored_bytes bigint not null,
      content text,
      index jsonb,
      manifest jsonb,
      report jsonb,
      try_out jsonb,
      unique (game_id, number)
    );
    create index builds_by_content on rockpool.builds (game_id, content);
    create index builds_by_archive on rockpool.builds (game_id, archive_sha256);
    create index builds_under_way on rockpool.builds (state, created_at_ms)
      where state in ('checking', 'trying');

    create table rockpool.releases (
      entry_id bigint generated always as identity primary key,
      release_id uuid not null unique,
      game_id text not null references rockpool.games,
      channel text not null,
      build_id uuid not null references rockpool.builds,
      percent integer not null check (percent between 1 and 100),
      before_build_id uuid references rockpool.builds,
      at_ms bigint not null,
      by_name text not null
    );
    create index releases_of_game on rockpool.releases (game_id, channel, entry_id desc);
    create function rockpool.refuse_release_change() returns trigger language plpgsql as
      'begin raise exception ''releases are written once''; end';
    create trigger releases_are_written_once
      before update or delete or truncate on rockpool.releases
      for each statement execute function rockpool.refuse_release_change();

    alter table rockpool.sessions add build_id uuid, add browser text, add reported_from text;
  `,
};
