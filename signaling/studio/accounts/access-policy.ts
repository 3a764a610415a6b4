import { RockpoolError } from '../../../protocol/errors.ts';
import {
  type PersonId,
  ROLE_ACTIONS,
  type Role,
  type Scope,
  type StudioAction,
  type StudioId,
  scopeSchema,
} from '../../../protocol/studio-access.ts';
import type { StudioRecord } from '../../store/studio-store.ts';

/** How a request proved whose it is. */
export type Proof =
  /** A browser that is signed in. */
  | { readonly kind: 'session'; readonly secretHash: string }
  /** An access token: for one studio, and for what its scopes say. */
  | {
      readonly kind: 'token';
      readonly tokenId: string;
      readonly studioId: StudioId;
      readonly scopes: readonly Scope[];
    };

/** Who a request is from, and what they are in each of their studios at this moment. */
export interface Principal {
  readonly personId: PersonId;
  readonly name: string;
  readonly founder: boolean;
  readonly proof: Proof;
  /** By name; with a token the one it is for. */
  readonly studios: readonly { readonly studio: StudioRecord; readonly role: Role }[];
  /** Where the request came from; for the log. */
  readonly address: string;
}

/** What they are in a studio; undefined where they are not in it. */
export function roleIn({ studios }: Principal, studioId: StudioId): Role | undefined {
  return studios.find(({ studio }) => studio.studioId === studioId)?.role;
}

/** Whether somebody may do something in a studio: by their role, and by their token where it is one. */
export function may(principal: Principal, studioId: StudioId, action: StudioAction): boolean {
  const role = roleIn(principal, studioId);
  if (role === undefined || !ROLE_ACTIONS[role].has(action)) return false;
  const { proof } = principal;
  if (proof.kind === 'session') return true;
  if (proof.studioId !== studioId) return false;
  const scope = scopeSchema.safeParse(action);
  // Every token may see which studio it is for; whoever finds one gets no members, tokens or log.
  return scope.success ? proof.scopes.includes(scope.data) : action === 'studio:read';
}

/** Whether somebody may begin studios: whom the operator let in, and who owns one already. */
export function mayFound({ founder, proof, studios }: Principal): boolean {
  return proof.kind === 'session' && (founder || studios.some(({ role }) => role === 'owner'));
}

const WHAT_IS_MISSING: Readonly<Record<StudioAction, string>> = {
  'studio:read': 'see this studio',
  'studio:rename': 'rename this studio',
  'members:manage': 'change who is in this studio',
  'games:delete': 'delete its games',
  'tokens:create': 'make access tokens',
  'tokens:revoke-any': 'revoke the tokens of others',
  'audit:read': 'read the log of this studio',
  'builds:read': 'see its builds',
  'builds:write': 'upload and change builds',
  'releases:write': 'change what is released',
  'insight:read': 'see how its games perform',
};

/**
 * @throws RockpoolError `not-found` to who is not in the studio, as if there were none; `forbidden`
 *   to who is, and may not.
 */
export function demand(principal: Principal, studioId: StudioId, action: StudioAction): void {
  if (may(principal, studioId, action)) return;
  const role = roleIn(principal, studioId);
  if (role === undefined || !isFor(principal, studioId)) throw noSuchStudio();
  throw new RockpoolError(
    'forbidden',
    ROLE_ACTIONS[role].has(action)
      ? `This access token may not ${WHAT_IS_MISSING[action]}. ${remedyFor(action)}`
      : `As ${role} you may not ${WHAT_IS_MISSING[action]}. Ask an owner of the studio.`,
  );
}

/** Not for everything there is a scope. */
function remedyFor(action: StudioAction): string {
  return scopeSchema.safeParse(action).success
    ? 'Use one with that scope, or sign in.'
    : 'Sign in to do so.';
}

function isFor({ proof }: Principal, studioId: StudioId): boolean {
  return proof.kind === 'session' || proof.studioId === studioId;
}

export function noSuchStudio(): RockpoolError {
  return new RockpoolError(
    'not-found',
    'There is no such studio, or you are not in it. Ask one of its owners for an invitation.',
  );
}
