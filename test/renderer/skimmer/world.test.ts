import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Autopilot } from '../../../renderer/skimmer/autopilot.ts';
import { type Controls, MAX_HULLS, World } from '../../../renderer/skimmer/world.ts';
import { EventCounter } from './event-counter.ts';

const TICK_S = 1 / 60;
const STRAIGHT: Controls = { steer: 0, boost: false };

function world(seed = 1): World {
  return new World(seed, new EventCounter());
}

function sail(subject: World, controls: Controls, seconds: number): void {
  for (let i = 0; i < Math.round(seconds / TICK_S); i++) subject.step(controls, TICK_S);
}

/** Puts a single rock right ahead. */
function placeRock(subject: World, ahead: number, x = subject.boat.x): void {
  const z = subject.boat.z + ahead;
  subject.rocks.length = 0;
  subject.rocks.push({ x, z, radius: 2, height: 3, turn: 0, passed: false });
}

describe('the boat', () => {
  it('moves to the side it is steered to', () => {
    const right = world();
    const left = world();
    sail(right, { steer: 1, boost: false }, 0.6);
    sail(left, { steer: -1, boost: false }, 0.6);
    expect(right.boat.x).toBeGreaterThan(3);
    expect(left.boat.x).toBeCloseTo(-right.boat.x);
  });

  it('straightens out when the helm is let go', () => {
    const subject = world();
    sail(subject, { steer: 1, boost: false }, 0.5);
    sail(subject, STRAIGHT, 2);
    expect(subject.boat.heading).toBeCloseTo(0, 2);
  });

  it('stays in the sea however long it steers out of it', () => {
    const subject = world();
    for (let i = 0; i < 1200; i++) {
      subject.rocks.length = 0;
      subject.step({ steer: 1, boost: true }, TICK_S);
    }
    expect(subject.boat.x).toBeLessThan(36);
  });

  it('goes faster with boost and drains it', () => {
    const plain = world();
    const boosted = world();
    sail(plain, STRAIGHT, 1.5);
    sail(boosted, { steer: 0, boost: true }, 1.5);
    expect(boosted.boat.speed).toBeGreaterThan(plain.boat.speed + 8);
    expect(boosted.boost).toBeLessThan(plain.boost - 0.3);
  });

  it('stops boosting when nothing is left', () => {
    const subject = world();
    subject.pearls.length = 0;
    subject.boost = 0.1;
    for (let i = 0; i < 60; i++) {
      subject.pearls.length = 0;
      subject.step({ steer: 0, boost: true }, TICK_S);
    }
    expect(subject.boost).toBe(0);
    expect(subject.boosting).toBe(false);
  });
});

describe('a pearl', () => {
  it('raises score, chain and boost when taken', () => {
    const subject = world();
    sail(subject, STRAIGHT, 0.2);
    const { score } = subject.scoring;
    const { boost } = subject;
    subject.pearls.length = 0;
    for (const ahead of [1, 2]) {
      subject.pearls.push({
        x: subject.boat.x,
        z: subject.boat.z + ahead,
        golden: false,
        taken: false,
      });
    }
    sail(subject, STRAIGHT, 0.1);
    expect(subject.scoring.chain).toBe(2);
    expect(subject.scoring.score).toBeGreaterThanOrEqual(score + 20);
    expect(subject.boost).toBeCloseTo(boost + 0.07);
  });

  it('of gold mends a hull', () => {
    const events = new EventCounter();
    const subject = new World(1, events);
    subject.hulls = 1;
    subject.pearls.length = 0;
    subject.pearls.push({ x: 0, z: 1, golden: true, taken: false });
    sail(subject, STRAIGHT, 0.1);
    expect(subject.hulls).toBe(2);
    expect(events.mends).toBe(1);
  });
});

describe('a rock', () => {
  it('costs a hull, the speed and the chain', () => {
    const events = new EventCounter();
    const subject = new World(1, events);
    sail(subject, STRAIGHT, 1);
    subject.scoring.addPearl(false);
    placeRock(subject, 4);
    sail(subject, STRAIGHT, 0.12);
    expect(events.crashes).toBe(1);
    expect(subject.hulls).toBe(MAX_HULLS - 1);
    expect(subject.boat.speed).toBeLessThan(5);
    expect(subject.scoring.chain).toBe(0);
  });

  it('cannot hurt again right after a crash', () => {
    const events = new EventCounter();
    const subject = new World(1, events);
    sail(subject, STRAIGHT, 1);
    placeRock(subject, 4);
    sail(subject, STRAIGHT, 0.12);
    placeRock(subject, 1);
    sail(subject, STRAIGHT, 0.5);
    expect(events.crashes).toBe(1);
  });

  it('ends the run with the third hull, and nothing scores after that', () => {
    const subject = world();
    for (let i = 0; i < MAX_HULLS; i++) {
      sail(subject, STRAIGHT, 1);
      subject.safeS = 0;
      placeRock(subject, 2);
      sail(subject, STRAIGHT, 0.5);
    }
    expect(subject.sunk).toBe(true);
    const { score } = subject.scoring;
    sail(subject, STRAIGHT, 2);
    expect(subject.scoring.score).toBe(score);
    expect(Math.abs(subject.boat.speed)).toBeLessThan(3);
  });

  it('pays for being shaved past', () => {
    const events = new EventCounter();
    const subject = new World(1, events);
    sail(subject, STRAIGHT, 1);
    placeRock(subject, 5, subject.boat.x + 2 + 0.75 + 1.2);
    sail(subject, STRAIGHT, 0.5);
    expect(events.nearMisses).toBe(1);
    expect(events.crashes).toBe(0);
  });
});

describe('a world', () => {
  it('is the same for the same seed and the same helm', () => {
    const helm = fc.array(
      fc.record({ steer: fc.double({ min: -1, max: 1, noNaN: true }), boost: fc.boolean() }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(fc.integer(), helm, (seed, orders) => {
        const [one, other] = [world(seed), world(seed)];
        for (const subject of [one, other]) {
          for (const order of orders) sail(subject, order, 0.25);
        }
        expect(one.boat).toEqual(other.boat);
        expect(one.rocks).toEqual(other.rocks);
        expect(one.pearls).toEqual(other.pearls);
        expect([one.scoring.score, one.hulls, one.boost]).toEqual([
          other.scoring.score,
          other.hulls,
          other.boost,
        ]);
      }),
      { numRuns: 25 },
    );
  });

  it('lets the autopilot sail two minutes on any seed and pick up pearls', () => {
    for (let seed = 0; seed < 12; seed++) {
      const events = new EventCounter();
      const subject = new World(seed, events);
      const autopilot = new Autopilot();
      for (let i = 0; i < 120 * 60; i++) {
        autopilot.look(subject);
        subject.step(autopilot, TICK_S);
      }
      expect(subject.sunk).toBe(false);
      expect(events.pearls).toBeGreaterThan(200);
      expect(events.lines).toBeGreaterThan(10);
    }
  });
});
