import type { Migration } from './migration.ts';

// Which containers a token let in stands in its own row, so that letting one in, or not, is one
// statement and one lock: of two machines that come at once with a token for one, one is refused.
export const joinTokensAndHistory: Migration = {
  version: 2,
  name: 'join-tokens-and-history',
  sql: `
    create table rockpool.join_tokens (
      token_id uuid primary key,
      hash text not null,
      name text not null,
      once boolean not null,
      created_at_ms bigint not null,
      expires_at_ms bigint,
      revoked_at_ms bigint,
      last_used_at_ms bigint,
      container_ids jsonb not null
    );
    create unique index join_tokens_by_hash on rockpool.join_tokens (hash);

    -- Sessions are forgotten by their age.
    create index sessions_by_age on rockpool.sessions (started_at_ms);
  `,
};
