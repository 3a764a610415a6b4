import { figure, type Table } from '../../../gate/report/table.ts';
import type { Target } from '../../support/target.ts';
import { jainIndex } from './fairness.ts';
import { meanRateBps, type RunSummary } from './run-summary.ts';
import type { Sharing } from './sharing-runs.ts';

const FAIRNESS = 0.9;
/** Of the link's rate. */
const NO_STARVING_PERCENT = 25;

/** Every run in a line. */
export function runTable(
  summaries: readonly RunSummary[],
  roundTripOf: (profile: string) => number,
): Table {
  return {
    title: 'Every profile and sender: click to photon, freezes, rates',
    head: [
      'profile, sender',
      'round trip',
      'p50 ms',
      'p95 ms',
      'frozen ms',
      'frozen %',
      'longest ms',
      'frames/s',
      'Mbit/s',
      'width',
      'queue p95 ms',
      'stolen %',
    ],
    rows: summaries.map((summary) => [
      `${summary.profile}, ${summary.sender}`,
      figure(roundTripOf(summary.profile)),
      figure(summary.latencyP50Ms),
      figure(summary.latencyP95Ms),
      figure(summary.frozenMs),
      figure(100 * summary.frozenShare),
      figure(summary.longestFreezeMs),
      figure(summary.framesPerSecond),
      figure(summary.deliveredBps / 1e6),
      figure(Math.round(summary.meanFrameWidth)),
      figure(summary.queueDelayP95Ms),
      figure(100 * summary.stolenShare),
    ]),
  };
}

/** Two settings of the playout delay, profile by profile. */
export function playoutTable(
  runs: readonly { readonly setting: string; readonly summary: RunSummary }[],
): Table {
  return {
    title: 'Playout delay that the browser is allowed, least and most milliseconds',
    head: [
      'profile, playout delay',
      'p50 ms',
      'p95 ms',
      'frozen ms',
      'freezes',
      'frames/s',
      'jitter buffer ms',
    ],
    rows: runs.map(({ setting, summary }) => [
      `${summary.profile}, ${setting}`,
      figure(summary.latencyP50Ms),
      figure(summary.latencyP95Ms),
      figure(summary.frozenMs),
      String(summary.freezes),
      figure(summary.framesPerSecond),
      figure(summary.jitterBufferMs),
    ]),
  };
}

/** Who had how much of one bottleneck. */
export function sharingTable(title: string, { flows, link }: Sharing): Table {
  const capacityBps = link.reduce((sum, sample) => sum + sample.capacityBps, 0) / link.length;
  const percent = (bps: number) => figure((100 * bps) / capacityBps, '%');
  return {
    title,
    head: ['flow', 'Mbit/s', 'of the link', 'frames/s', 'longest freeze ms'],
    rows: [
      ...flows.map((flow) => [
        flow.name,
        figure(flow.bitrateBps / 1e6),
        percent(flow.bitrateBps),
        figure(flow.framesPerSecond ?? Number.NaN),
        figure(flow.longestFreezeMs ?? Number.NaN),
      ]),
      [
        'the link, headers included',
        figure(meanRateBps(link) / 1e6),
        percent(meanRateBps(link)),
        '',
        '',
      ],
    ],
  };
}

export function fairnessTarget({ flows }: Sharing): Target {
  return {
    what: `Jain's index of ${flows.length} sessions on one bottleneck`,
    measured: jainIndex(flows.map(({ bitrateBps }) => bitrateBps)),
    limit: FAIRNESS,
    unit: '',
    sense: 'at-least',
  };
}

/** Shares are of the link's rate. */
export function starvingTargets({ flows, link }: Sharing): Target[] {
  const capacityBps = link.reduce((sum, sample) => sum + sample.capacityBps, 0) / link.length;
  return flows.map(({ name, bitrateBps }) => ({
    what: `beside one TCP flow: ${name}`,
    measured: (100 * bitrateBps) / capacityBps,
    limit: NO_STARVING_PERCENT,
    unit: '%',
    sense: 'at-least',
  }));
}
