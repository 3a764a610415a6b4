import type { Migration } from './migration.ts';

// No session refers to its container by a foreign key: the two are written at different moments, and
// a session is not refused because its container has not been noted yet.
export const containersAndSessions: Migration = {
  version: 1,
  name: 'containers-and-sessions',
  sql: `
    create table rockpool.containers (
      container_id uuid primary key,
      public_key text not null,
      name text not null,
      region text not null,
      price_per_hour double precision not null,
      first_seen_at_ms bigint not null,
      last_seen_at_ms bigint not null,
      state text not null,
      gpu text not null,
      cpus double precision not null,
      memory_bytes double precision not null,
      encoders jsonb not null
    );

    create table rockpool.sessions (
      session_id uuid primary key,
      player_id uuid not null,
      container_id uuid not null,
      game_id text not null,
      started_at_ms bigint not null,
      ended_at_ms bigint,
      reason text,
      detail text,
      quality jsonb,
      decision jsonb not null
    );
    create index sessions_of_player
      on rockpool.sessions (player_id, started_at_ms desc, session_id desc);
    create index sessions_of_container
      on rockpool.sessions (container_id, started_at_ms desc, session_id desc);
    create index sessions_ended
      on rockpool.sessions (game_id, ended_at_ms desc) where ended_at_ms is not null;
  `,
};
