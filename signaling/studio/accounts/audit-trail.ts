import type { StudioId } from '../../../protocol/studio-access.ts';
import type { AuditRecord, PersonRecord } from '../../store/studio-store.ts';
import type { Principal } from './access-policy.ts';

/** What a log tells of: of a studio first, then of a person's own account. */
export type AuditAction =
  | 'studio.created'
  | 'studio.renamed'
  | 'member.joined'
  | 'member.role-changed'
  | 'member.removed'
  | 'member.restored'
  | 'member.left'
  | 'invitation.created'
  | 'invitation.withdrawn'
  | 'token.created'
  | 'token.revoked'
  | 'game.created'
  | 'game.renamed'
  | 'game.page-changed'
  | 'game.deleted'
  | 'game.restored'
  | 'game.gone'
  | 'build.uploaded'
  | 'build.confirmed'
  | 'build.tried-again'
  | 'build.deleted'
  | 'build.restored'
  | 'build.gone'
  | 'release.made'
  | 'release.rolled-back'
  | 'person.came'
  | 'person.signed-in'
  | 'person.signed-out'
  | 'person.signed-out-everywhere'
  | 'code.created'
  | 'passkey.added'
  | 'passkey.renamed'
  | 'passkey.removed';

/** Who did something, how they were known, and from where. */
export interface Actor {
  readonly person: Pick<PersonRecord, 'personId' | 'name'> | undefined;
  readonly via: AuditRecord['via'];
  readonly address: string;
}

/** A line of the log, but for who and when. */
export interface Deed {
  readonly action: AuditAction;
  /** Undefined: it concerns the actor's own account. */
  readonly studioId?: StudioId;
  /** What or whom it was done to, as it was called then. */
  readonly target: string;
  readonly detail?: string;
}

export function actorOf({ personId, name, proof, address }: Principal): Actor {
  return { person: { personId, name }, via: proof.kind, address };
}

export function auditRecord(
  { person, via, address }: Actor,
  { action, studioId, target, detail = '' }: Deed,
  atMs: number,
): AuditRecord {
  return {
    atMs,
    studioId,
    actorId: person?.personId,
    actorName: person?.name ?? 'The operator',
    via,
    action,
    target,
    detail,
    address,
  };
}
