import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlayerId, playerIdSchema } from '../../../protocol/ids.ts';
import {
  beneath,
  buildOf,
  mainBuildOf,
  type Rollout,
  rollBackOf,
  rolloutPlace,
} from '../../../signaling/studio/releases/rollout.ts';
import { newBuildId, releaseRecord } from '../../support/game-records.ts';

const newPlayer = (): PlayerId => playerIdSchema.parse(randomUUID());
const [A, B, C] = [newBuildId(), newBuildId(), newBuildId()];
const whole = (buildId: Rollout['buildId']): Rollout => ({
  buildId,
  percent: 100,
  beforeBuildId: undefined,
});
const part = (
  buildId: Rollout['buildId'],
  percent: number,
  beforeBuildId: Rollout['buildId'],
): Rollout => ({ buildId, percent, beforeBuildId });

describe('the build of a player', () => {
  it('stays theirs while it goes to more players', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (id, one, other) => {
          const player = playerIdSchema.parse(id);
          const at = (percent: number) =>
            buildOf(releaseRecord('tide', B, { percent, beforeBuildId: A }), player);
          const [fewer, more] = one < other ? [one, other] : [other, one];
          if (at(fewer) === B) expect(at(more)).toBe(B);
          if (at(more) === A) expect(at(fewer)).toBe(A);
          expect(at(100)).toBe(B);
        },
      ),
    );
  });

  it('is the new one for about as many players as was said', () => {
    const release = releaseRecord('tide', B, { percent: 20, beforeBuildId: A });
    const players = Array.from({ length: 5_000 }, newPlayer);
    const share = players.filter((player) => buildOf(release, player) === B).length / 5_000;
    // Six standard deviations of a fair draw on either side.
    expect(Math.abs(share - 0.2)).toBeLessThan(6 * Math.sqrt((0.2 * 0.8) / 5_000));
  });

  it('is drawn anew for another build, so that not the same players try each', () => {
    const players = Array.from({ length: 1_000 }, newPlayer);
    const early = (buildId: Rollout['buildId'], player: PlayerId) =>
      rolloutPlace({ channel: 'live', buildId }, player) < 50;
    const same = players.filter((player) => early(B, player) === early(C, player)).length;
    expect(same).toBeGreaterThan(350);
    expect(same).toBeLessThan(650);
  });

  it('is, for the library, what most of them get', () => {
    expect(mainBuildOf(part(B, 10, A))).toBe(A);
    expect(mainBuildOf(part(B, 50, A))).toBe(B);
    expect(mainBuildOf(whole(A))).toBe(A);
  });
});

describe('what lies beneath a rollout', () => {
  it('is what all players had, and stays so while it grows', () => {
    expect(beneath(undefined, B)).toBeUndefined();
    expect(beneath(whole(A), B)).toBe(A);
    expect(beneath(part(B, 10, A), B)).toBe(A);
  });

  it('is never another rollout', () => {
    expect(beneath(part(B, 10, A), C)).toBe(A);
    expect(beneath(part(B, 10, A), A)).toBeUndefined();
  });
});

describe('a roll-back', () => {
  it('gives up what is being rolled out', () => {
    expect(rollBackOf([part(B, 10, A), whole(A)])).toEqual(whole(A));
  });

  it('goes back to what was there before a build, over all the steps of its rollout', () => {
    const steps = [whole(B), part(B, 50, A), part(B, 10, A), whole(A)];
    expect(rollBackOf(steps)).toEqual(whole(A));
  });

  it('is taken back by another', () => {
    const back = rollBackOf([whole(B), whole(A)]);
    expect(back && rollBackOf([back, whole(B), whole(A)])).toEqual(whole(B));
  });

  it('goes nowhere from the first release', () => {
    expect(rollBackOf([])).toBeUndefined();
    expect(rollBackOf([whole(A)])).toBeUndefined();
  });
});
