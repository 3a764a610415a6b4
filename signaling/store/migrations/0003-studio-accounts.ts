import type { Migration } from './migration.ts';

// The log is written once: a trigger refuses what would change it, whoever asks.
export const studioAccounts: Migration = {
  version: 3,
  name: 'studio-accounts',
  sql: `
    create table rockpool.people (
      person_id uuid primary key,
      name text not null,
      founder boolean not null,
      created_at_ms bigint not null
    );
    create index people_by_name on rockpool.people (lower(name));

    create table rockpool.studios (
      studio_id uuid primary key,
      slug text not null unique,
      name text not null,
      created_at_ms bigint not null
    );

    create table rockpool.memberships (
      studio_id uuid not null references rockpool.studios,
      person_id uuid not null references rockpool.people,
      role text not null,
      since_ms bigint not null,
      removed_at_ms bigint,
      primary key (studio_id, person_id)
    );
    create index memberships_of_person on rockpool.memberships (person_id);

    create table rockpool.one_time_codes (
      code_id uuid primary key,
      code_hash text not null unique,
      purpose text not null,
      person_id uuid references rockpool.people,
      studio_id uuid references rockpool.studios,
      role text,
      created_at_ms bigint not null,
      expires_at_ms bigint not null,
      used_at_ms bigint
    );
    create index codes_of_studio on rockpool.one_time_codes (studio_id);
    create index codes_by_expiry on rockpool.one_time_codes (expires_at_ms);

    create table rockpool.passkeys (
      credential_id text primary key,
      person_id uuid not null references rockpool.people,
      name text not null,
      public_key text not null,
      counter bigint not null,
      transports jsonb not null,
      rp_id text not null,
      created_at_ms bigint not null,
      last_used_at_ms bigint
    );
    create index passkeys_of_person on rockpool.passkeys (person_id);

    create table rockpool.passkey_challenges (
      challenge text primary key,
      purpose text not null,
      person_id uuid references rockpool.people,
      expires_at_ms bigint not null
    );
    create index challenges_by_expiry on rockpool.passkey_challenges (expires_at_ms);

    create table rockpool.sign_ins (
      secret_hash text primary key,
      person_id uuid not null references rockpool.people,
      created_at_ms bigint not null,
      expires_at_ms bigint not null
    );
    create index sign_ins_of_person on rockpool.sign_ins (person_id);
    create index sign_ins_by_expiry on rockpool.sign_ins (expires_at_ms);

    create table rockpool.access_tokens (
      token_id uuid primary key,
      token_hash text not null unique,
      person_id uuid not null references rockpool.people,
      studio_id uuid not null references rockpool.studios,
      name text not null,
      scopes jsonb not null,
      created_at_ms bigint not null,
      expires_at_ms bigint,
      last_used_at_ms bigint,
      revoked_at_ms bigint
    );
    create index access_tokens_of_studio on rockpool.access_tokens (studio_id, created_at_ms desc);

    create table rockpool.audit_log (
      entry_id bigint generated always as identity primary key,
      at_ms bigint not null,
      studio_id uuid,
      actor_id uuid,
      actor_name text not null,
      via text not null,
      action text not null,
      target text not null,
      detail text not null,
      address text not null
    );
    create index audit_of_studio on rockpool.audit_log (studio_id, entry_id desc)
      where studio_id is not null;
    create index audit_of_account on rockpool.audit_log (actor_id, entry_id desc)
      where studio_id is null;
    create function rockpool.refuse_change() returns trigger language plpgsql as
      'begin raise exception ''the audit log is written once''; end';
    create trigger audit_log_is_written_once
      before update or delete or truncate on rockpool.audit_log
      for each statement execute function rockpool.refuse_change();
  `,
};
