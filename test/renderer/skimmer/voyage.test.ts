import { describe, expect, it } from 'vitest';
import { type Orders, Voyage } from '../../../renderer/skimmer/voyage.ts';
import { EventCounter } from './event-counter.ts';

const IDLE: Orders = {
  steer: 0,
  boost: false,
  confirm: false,
  pause: false,
  navigate: 0,
  pointed: undefined,
  lostFocus: false,
};

function playing(best = 0): Voyage {
  const voyage = new Voyage(5, best, new EventCounter());
  voyage.step({ ...IDLE, confirm: true }, 1 / 60);
  return voyage;
}

function sink(voyage: Voyage): void {
  voyage.world.hulls = 0;
  voyage.step(IDLE, 1 / 60);
}

describe('a voyage', () => {
  it('plays itself on the title screen', () => {
    const voyage = new Voyage(5, 0, new EventCounter());
    for (let i = 0; i < 60; i++) voyage.step(IDLE, 1 / 60);
    expect(voyage.screen).toBe('title');
    expect(voyage.world.boat.z).toBeGreaterThan(10);
  });

  it('starts afresh on a press', () => {
    const voyage = playing();
    expect(voyage.screen).toBe('playing');
    expect(voyage.world.boat.z).toBe(0);
  });

  it.each([{ pause: true }, { lostFocus: true }])('stops the world on %o', (order) => {
    const voyage = playing();
    voyage.step({ ...IDLE, ...order }, 1 / 60);
    expect(voyage.screen).toBe('paused');
    const { z } = voyage.world.boat;
    for (let i = 0; i < 60; i++) voyage.step({ ...IDLE, boost: true }, 1 / 60);
    expect(voyage.world.boat.z).toBe(z);
    expect(voyage.running).toBe(false);
  });

  it('goes on where it was after a pause', () => {
    const voyage = playing();
    for (let i = 0; i < 60; i++) voyage.step(IDLE, 1 / 60);
    const { world } = voyage;
    voyage.step({ ...IDLE, pause: true }, 1 / 60);
    voyage.step({ ...IDLE, confirm: true }, 1 / 60);
    expect(voyage.screen).toBe('playing');
    expect(voyage.world).toBe(world);
  });

  it.each([{ navigate: 1 }, { pointed: 1 }])('starts again from the pause menu by %o', (order) => {
    const voyage = playing();
    const { world } = voyage;
    voyage.step({ ...IDLE, pause: true }, 1 / 60);
    voyage.step({ ...IDLE, ...order }, 1 / 60);
    voyage.step({ ...IDLE, confirm: true }, 1 / 60);
    expect(voyage.screen).toBe('playing');
    expect(voyage.world).not.toBe(world);
  });

  it('keeps the best score, and only a better one', () => {
    const voyage = playing();
    voyage.world.scoring.addDistance(500, false);
    sink(voyage);
    expect([voyage.screen, voyage.best, voyage.newBest]).toEqual(['over', 500, true]);
    const worse = playing(9000);
    sink(worse);
    expect([worse.best, worse.newBest]).toEqual([9000, false]);
  });

  it('shows the end for a moment before a press starts the next run', () => {
    const voyage = playing();
    sink(voyage);
    voyage.step({ ...IDLE, confirm: true }, 1 / 60);
    expect(voyage.screen).toBe('over');
    for (let i = 0; i < 70; i++) voyage.step(IDLE, 1 / 60);
    voyage.step({ ...IDLE, confirm: true }, 1 / 60);
    expect(voyage.screen).toBe('playing');
  });

  it('sails another sea in the next run', () => {
    const voyage = playing();
    const first = voyage.world.course.seed;
    sink(voyage);
    for (let i = 0; i < 70; i++) voyage.step(IDLE, 1 / 60);
    voyage.step({ ...IDLE, confirm: true }, 1 / 60);
    expect(voyage.world.course.seed).not.toBe(first);
  });
});
