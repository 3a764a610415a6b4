import { describe, expect, it } from 'vitest';
import type { PeerRun } from '../../bench/peers/peer-runs.ts';
import { peerNotes, peerTable } from '../../bench/peers/peer-table.ts';

const RUN: PeerRun = {
  profile: 'wifi',
  name: 'GStreamer webrtcbin + x264enc',
  scene: 'X program',
  codec: 'video/H264',
  presses: 70,
  latencyP50Ms: 81.25,
  latencyP95Ms: 140,
  framesPerSecond: 59.4,
  frozenShare: 0.012,
  longestFreezeMs: 210,
  deliveredBps: 9_500_000,
  meanFrameWidth: 1279.7,
  outstanding: 0,
  contradictions: 0,
};

describe('the table of peers', () => {
  it('names network, sender and who draws, and has everything in its unit', () => {
    expect(peerTable([RUN]).rows).toEqual([
      [
        'wifi, GStreamer webrtcbin + x264enc',
        'X program',
        'H264',
        '70',
        '81.3',
        '140',
        '59.4',
        '1.20',
        '210',
        '9.50',
        '1280',
      ],
    ]);
  });

  it('leaves out what a peer does not tell, and never makes it a zero', () => {
    const [row] = peerTable([
      { ...RUN, framesPerSecond: Number.NaN, deliveredBps: Number.NaN, frozenShare: Number.NaN },
    ]).rows;
    expect(row?.filter((cell) => cell === '–')).toHaveLength(3);
  });

  it('is read with a note on each run that lost presses', () => {
    expect(peerNotes([RUN])).toEqual([]);
    const [note] = peerNotes([{ ...RUN, outstanding: 2 }]);
    expect(note).toContain('wifi, GStreamer webrtcbin + x264enc, X program: 2 presses');
  });
});
