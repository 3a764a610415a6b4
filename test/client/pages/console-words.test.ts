import { describe, expect, it } from 'vitest';
import {
  describeMachine,
  type MachineWords,
  titleOf,
} from '../../../client/pages/console-words.ts';
import type { LiveMachine, MachineReport } from '../../../protocol/console-report.ts';
import { machineReport, runningPlay } from '../../support/machine-reports.ts';
import { START_MS } from '../../support/store-records.ts';

function words(report: MachineReport): MachineWords {
  return describeMachine({ name: 'ready', report, stale: false });
}

function live(changes: Partial<LiveMachine>): MachineWords {
  return words(machineReport({}, changes));
}

describe('the state of a machine in words', () => {
  it('counts the games that a draining machine still plays', () => {
    const state = 'draining';
    expect(live({ state, running: [runningPlay()] }).title).toBe('Draining: 1 game goes on');
    expect(live({ state, running: [runningPlay(), runningPlay()] }).title).toBe(
      'Draining: 2 games go on',
    );
    expect(live({ state }).title).toBe('Drained: nothing is being played');
  });

  it('says how much room there is beside what is played', () => {
    expect(live({ freeSlots: 1, running: [runningPlay()] })).toMatchObject({
      tone: 'good',
      title: '1 game being played',
      advice: 'There is room for more: 1 place is free.',
    });
  });

  it('says since when a machine is away', () => {
    const nowMs = START_MS + 2 * 3_600_000;
    const away = words(machineReport({ live: null, nowMs }));
    expect(away).toMatchObject({ tone: 'bad', title: 'Not connected' });
    expect(away.advice).toContain('2 hours ago');
    expect(words(machineReport({ live: null, lastSeenAtMs: null })).advice).not.toContain('seen');
  });

  it('has something to say and to do in every state', () => {
    const all = (['joining', 'standby', 'busy', 'draining', 'quarantined'] as const).map((state) =>
      live({ state }),
    );
    expect(new Set(all.map(({ title }) => title)).size).toBe(all.length);
    for (const { short, advice } of all) {
      expect(short.length).toBeLessThan(20);
      expect(advice).toMatch(/\.$/);
    }
  });
});

it('a game is called by its title, and by its id while the machine is away', () => {
  expect(titleOf(machineReport(), 'skimmer')).toBe('Skimmer');
  expect(titleOf(machineReport({ live: null }), 'rain-on-glass')).toBe('Rain on glass');
});
