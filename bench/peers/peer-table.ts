import { figure, type Table } from '../../gate/report/table.ts';
import type { PeerRun } from './peer-runs.ts';

/** The one table: every network, and in it everyone. */
export function peerTable(runs: readonly PeerRun[]): Table {
  return {
    title: 'The same picture, page and networks, by everyone: press to picture, by the pixels',
    head: [
      'network, sender',
      'drawn by',
      'codec',
      'presses',
      'p50 ms',
      'p95 ms',
      'frames/s',
      'frozen %',
      'longest ms',
      'Mbit/s',
      'width',
    ],
    rows: runs.map((run) => [
      `${run.profile}, ${run.name}`,
      run.scene,
      run.codec.replace('video/', ''),
      String(run.presses),
      figure(run.latencyP50Ms),
      figure(run.latencyP95Ms),
      figure(run.framesPerSecond),
      figure(100 * run.frozenShare),
      figure(run.longestFreezeMs),
      figure(run.deliveredBps / 1e6),
      figure(Math.round(run.meanFrameWidth)),
    ]),
  };
}

/** What a reader has to know of single rows. */
export function peerNotes(runs: readonly PeerRun[]): string[] {
  return runs
    .filter(({ outstanding, contradictions }) => outstanding + contradictions > 0)
    .map(
      ({ profile, name, scene, outstanding, contradictions }) =>
        `${profile}, ${name}, ${scene}: ${outstanding} presses were not shown by the end, ${contradictions} pictures contradicted themselves.`,
    );
}
