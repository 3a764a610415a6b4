import type { Migration } from './migration.ts';

// A session's region was in its decision alone, where no reader of many sessions looks.
export const insight: Migration = {
  version: 6,
  name: 'insight',
  sql: `
    create index sessions_of_game
      on rockpool.sessions (game_id, started_at_ms desc, session_id desc);
    update rockpool.sessions set reported_from = decision #>> '{ranked,0,region}';
  `,
};
