import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RockpoolError } from '../../protocol/errors.ts';
import { type Candidate, choose, type PairingRequest } from '../../signaling/pairing.ts';
import { newContainerId } from '../support/fake-container.ts';

const REQUEST: PairingRequest = { gameId: 'skimmer', codecs: ['h264', 'vp8'] };

function candidate(overrides: Partial<Candidate> = {}): Candidate {
  return {
    containerId: newContainerId(),
    standby: true,
    freeSlots: 1,
    games: new Set(['skimmer']),
    codecs: new Set(['h264']),
    roundTripMs: 10,
    ...overrides,
  };
}

function refusal(candidates: Candidate[], request = REQUEST): RockpoolError {
  try {
    choose(candidates, request);
  } catch (error) {
    if (error instanceof RockpoolError) return error;
    throw error;
  }
  throw new Error('a container was chosen');
}

describe('pairing', () => {
  it('takes the lowest measured round trip', () => {
    const near = candidate({ roundTripMs: 3 });
    const far = candidate({ roundTripMs: 30, freeSlots: 9 });
    expect(choose([far, near], REQUEST)).toBe(near.containerId);
  });

  it('takes an unmeasured container only when there is no other', () => {
    const unmeasured = candidate({ roundTripMs: undefined });
    const far = candidate({ roundTripMs: 400 });
    expect(choose([unmeasured, far], REQUEST)).toBe(far.containerId);
    expect(choose([unmeasured], REQUEST)).toBe(unmeasured.containerId);
  });

  it('takes the emptier of two that are equally near', () => {
    const full = candidate({ freeSlots: 1 });
    const empty = candidate({ freeSlots: 3 });
    expect(choose([full, empty], REQUEST)).toBe(empty.containerId);
  });

  it('says so when no container is connected', () => {
    const error = refusal([]);
    expect(error.code).toBe('no-free-slot');
    expect(error.message).toContain('No machine');
  });

  it('says so when nobody has the game', () => {
    expect(refusal([candidate({ games: new Set(['other']) })]).code).toBe('unknown-game');
  });

  it('says so when there is no common codec, even on a full container', () => {
    const error = refusal([candidate({ codecs: new Set(['vp8']), freeSlots: 0 })], {
      gameId: 'skimmer',
      codecs: ['h264'],
    });
    expect(error.code).toBe('no-common-codec');
  });

  it('says so when every place is taken or the container is not on standby', () => {
    const error = refusal([candidate({ freeSlots: 0 }), candidate({ standby: false })]);
    expect(error.code).toBe('no-free-slot');
    expect(error.message).toContain('taken');
  });

  it('never chooses a container that does not fit, nor passes over a nearer one that does', () => {
    const candidates = fc.array(
      fc.record({
        standby: fc.boolean(),
        freeSlots: fc.integer({ min: 0, max: 3 }),
        hasGame: fc.boolean(),
        codec: fc.constantFrom('h264' as const, 'vp8' as const),
        roundTripMs: fc.option(fc.integer({ min: 0, max: 500 }), { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(candidates, (drawn) => {
        const all = drawn.map(({ hasGame, codec, ...rest }) =>
          candidate({
            ...rest,
            games: new Set(hasGame ? ['skimmer'] : []),
            codecs: new Set([codec]),
          }),
        );
        const fits = all.filter(
          (c) => c.standby && c.freeSlots > 0 && c.games.has('skimmer') && c.codecs.has('vp8'),
        );
        const request: PairingRequest = { gameId: 'skimmer', codecs: ['vp8'] };
        if (fits.length === 0) {
          expect(refusal(all, request)).toBeInstanceOf(RockpoolError);
          return;
        }
        const chosen = fits.find((c) => c.containerId === choose(all, request));
        const nearest = Math.min(...fits.map((c) => c.roundTripMs ?? Number.POSITIVE_INFINITY));
        expect(chosen?.roundTripMs ?? Number.POSITIVE_INFINITY).toBe(nearest);
      }),
    );
  });
});
