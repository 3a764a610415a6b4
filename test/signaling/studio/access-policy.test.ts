import { describe, expect, it } from 'vitest';
import {
  type Role,
  roleSchema,
  type Scope,
  STUDIO_ACTIONS,
  type StudioAction,
  scopeSchema,
} from '../../../protocol/studio-access.ts';
import {
  demand,
  may,
  mayFound,
  type Principal,
  type Proof,
} from '../../../signaling/studio/accounts/access-policy.ts';
import { personRecord, studioRecord } from '../../support/studio-records.ts';

const studio = studioRecord();
const elsewhere = studioRecord();

function principal(role: Role | undefined, proof?: Proof): Principal {
  return {
    ...personRecord(),
    proof: proof ?? { kind: 'session', secretHash: '' },
    studios: role ? [{ studio, role }] : [],
    address: '',
  };
}

function token(scopes: readonly Scope[], studioId = studio.studioId): Proof {
  return { kind: 'token', tokenId: '', studioId, scopes };
}

/** Written out once more, so that no slip in the table goes unseen. */
const ALLOWED: Readonly<Record<StudioAction, string>> = {
  'builds:read': 'owner developer viewer',
  'builds:write': 'owner developer',
  'releases:write': 'owner developer',
  'insight:read': 'owner developer viewer',
  'studio:read': 'owner developer viewer',
  'studio:rename': 'owner',
  'members:manage': 'owner',
  'games:delete': 'owner',
  'tokens:create': 'owner developer',
  'tokens:revoke-any': 'owner',
  'audit:read': 'owner',
};

const CASES = STUDIO_ACTIONS.flatMap((action) =>
  roleSchema.options.map((role) => ({
    action,
    role,
    allowed: ALLOWED[action].split(' ').includes(role),
  })),
);

describe('who may do what', () => {
  it.each(CASES)('as $role, $action: $allowed', ({ action, role, allowed }) => {
    const { studioId } = studio;
    expect(may(principal(role), studioId, action)).toBe(allowed);
    // Nobody in another studio, and nobody who is in none.
    expect(may(principal(role), elsewhere.studioId, action)).toBe(false);
    expect(may(principal(undefined), studioId, action)).toBe(false);
  });

  it.each(CASES)(
    '$role, $action, with a token: no more than its scopes',
    ({ action, role, allowed }) => {
      const { studioId } = studio;
      const scope = scopeSchema.safeParse(action).data;
      const every = principal(role, token(scopeSchema.options));
      const none = principal(role, token([]));
      expect(may(every, studioId, action)).toBe(
        allowed && (scope !== undefined || action === 'studio:read'),
      );
      expect(may(none, studioId, action)).toBe(action === 'studio:read');
      if (scope) expect(may(principal(role, token([scope])), studioId, action)).toBe(allowed);
      // A token for another studio, of somebody who is in this one.
      const foreign = principal(role, token(scopeSchema.options, elsewhere.studioId));
      expect(may(foreign, studioId, action)).toBe(false);
    },
  );

  it('tells who is in no such studio the same as where there is none', () => {
    for (const stranger of [
      principal(undefined),
      principal('owner', token(scopeSchema.options, elsewhere.studioId)),
    ]) {
      expect(() => demand(stranger, studio.studioId, 'studio:read')).toThrow(
        expect.objectContaining({ code: 'not-found' }),
      );
    }
  });

  it('says what is missing: a role, or a scope', () => {
    expect(() => demand(principal('viewer'), studio.studioId, 'builds:write')).toThrow(
      expect.objectContaining({
        code: 'forbidden',
        message: 'As viewer you may not upload and change builds. Ask an owner of the studio.',
      }),
    );
    const reader = principal('owner', token(['builds:read']));
    expect(() => demand(reader, studio.studioId, 'builds:write')).toThrow(
      expect.objectContaining({
        code: 'forbidden',
        message: expect.stringContaining('This access token may not upload'),
      }),
    );
    expect(demand(reader, studio.studioId, 'builds:read')).toBeUndefined();
  });

  it('lets founders and owners begin studios, in person', () => {
    expect(mayFound(principal('owner'))).toBe(true);
    expect(mayFound({ ...principal(undefined), founder: true })).toBe(true);
    expect(mayFound(principal('developer'))).toBe(false);
    expect(mayFound(principal(undefined))).toBe(false);
    expect(mayFound({ ...principal('owner', token([])), founder: true })).toBe(false);
  });
});
