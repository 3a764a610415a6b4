import type { Role, Scope } from '../../protocol/studio-access.ts';
import type { AuditEntry, AuditGroup } from '../../protocol/studio-messages.ts';

export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  owner: 'Owner',
  developer: 'Developer',
  viewer: 'Viewer',
};

export const ROLE_NOTES: Readonly<Record<Role, string>> = {
  owner: 'everything, and who is in the studio',
  developer: 'uploads, builds, releases and access tokens',
  viewer: 'sees everything, changes nothing',
};

export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  'builds:read': 'see builds',
  'builds:write': 'upload and change builds',
  'releases:write': 'release builds to players',
  'insight:read': 'see how games perform',
};

export const GROUP_WORDS: Readonly<Record<AuditGroup, string>> = {
  members: 'Members',
  tokens: 'Access tokens',
  studio: 'The studio',
  games: 'Games and builds',
  account: 'Signing in',
};

type Sentence = (entry: AuditEntry) => string;

const SENTENCES: Readonly<Record<string, Sentence>> = {
  'studio.created': ({ target }) => `began the studio ${target}`,
  'studio.renamed': ({ detail }) => `renamed the studio: ${detail}`,
  'member.joined': ({ detail }) => `joined as ${detail}`,
  'member.role-changed': ({ target, detail }) => `changed the role of ${target}: ${detail}`,
  'member.removed': ({ target, detail }) => `removed ${target} (${detail})`,
  'member.restored': ({ target, detail }) => `put ${target} back (${detail})`,
  'member.left': () => 'left the studio',
  'invitation.created': ({ target }) => `made an invitation for a ${target}`,
  'invitation.withdrawn': ({ target }) => `withdrew an invitation (${target})`,
  'token.created': ({ target, detail }) => `made the access token ${target} (${detail})`,
  'token.revoked': ({ target }) => `revoked the access token ${target}`,
  'game.created': ({ target }) => `created the game ${target}`,
  'game.renamed': ({ target, detail }) => `renamed the game ${target}: ${detail}`,
  'game.page-changed': ({ target, detail }) => `changed the page of ${target}: ${detail}`,
  'game.deleted': ({ target }) => `deleted the game ${target}`,
  'game.restored': ({ target }) => `took the game ${target} back`,
  'game.gone': ({ target }) => `let the game ${target} go: it was deleted seven days before`,
  'build.uploaded': ({ target }) => `uploaded ${target}`,
  'build.confirmed': ({ target }) => `confirmed what ${target} is`,
  'build.tried-again': ({ target }) => `had ${target} tried out again`,
  'build.deleted': ({ target }) => `deleted ${target}`,
  'build.restored': ({ target }) => `took ${target} back`,
  'build.gone': ({ target }) => `let ${target} go: it was deleted seven days before`,
  'release.made': ({ target, detail }) => `released ${target}: ${detail}`,
  'release.rolled-back': ({ target, detail }) => `rolled ${target} back: ${detail}`,
  'person.came': () => 'came to this Rockpool',
  'person.signed-in': ({ detail }) => `signed in ${detail}`,
  'person.signed-out': () => 'signed out',
  'person.signed-out-everywhere': () => 'signed out everywhere',
  'code.created': ({ target }) => `made a sign-in link for ${target}`,
  'passkey.added': ({ target }) => `added the passkey ${target}`,
  'passkey.renamed': ({ detail }) => `renamed a passkey: ${detail}`,
  'passkey.removed': ({ target }) => `removed the passkey ${target}`,
};

/** What was done, to be read after who did it. What a later release has written is shown as it is. */
export function describeDeed(entry: AuditEntry): string {
  const sentence = SENTENCES[entry.action];
  return sentence ? sentence(entry) : `${entry.action} ${entry.target} ${entry.detail}`.trim();
}

/** "Firefox on Linux": what a passkey made here might be called. */
export function suggestPasskeyName(userAgent: string): string {
  const browser = /Edg\//.test(userAgent)
    ? 'Edge'
    : /Firefox\//.test(userAgent)
      ? 'Firefox'
      : /Chrom(e|ium)\//.test(userAgent)
        ? 'Chrome'
        : /Safari\//.test(userAgent)
          ? 'Safari'
          : 'Browser';
  const system = /Android/.test(userAgent)
    ? 'Android'
    : /iPhone|iPad/.test(userAgent)
      ? 'iOS'
      : /Mac OS X/.test(userAgent)
        ? 'macOS'
        : /Windows/.test(userAgent)
          ? 'Windows'
          : /Linux/.test(userAgent)
            ? 'Linux'
            : undefined;
  return system ? `${browser} on ${system}` : browser;
}
