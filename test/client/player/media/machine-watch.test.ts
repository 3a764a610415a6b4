import { describe, expect, it } from 'vitest';
import { MachineWatch } from '../../../../client/player/media/machine-watch.ts';
import type { StreamSnapshot } from '../../../../client/player/player-snapshot.ts';

const NETWORK = {
  estimateBps: 20e6,
  fractionLost: 0,
  rttMs: 20,
  pacerQueueMs: 1,
  repairFraction: 0,
  skippedFrames: 0,
};

const FINE: StreamSnapshot = {
  codec: 'h264',
  encoder: 'libx264',
  resolution: { width: 1280, height: 720 },
  frameRate: 60,
  targetBitrateBps: 10e6,
  sent: { width: 1280, height: 720, frameRate: 60 },
  framesPerSecond: 60,
  bitrateBps: 8e6,
  jitterBufferMs: 1,
  packetsLost: 0,
  freezes: 0,
  droppedFrames: 0,
  network: NETWORK,
  workerLoopDelayP99Ms: 2,
  machineKeepsUp: true,
  staysBecause: undefined,
  recoveries: 0,
};
const STRAINED: StreamSnapshot = { ...FINE, machineKeepsUp: false, framesPerSecond: 30 };

/** When it asked, in seconds, of so many seconds of this. */
function askedAt(seconds: number, at: (second: number) => StreamSnapshot): number[] {
  const watch = new MachineWatch();
  const asked: number[] = [];
  for (let quarter = 0; quarter < 4 * seconds; quarter++) {
    const second = quarter / 4;
    if (watch.handleStream(second * 1000, at(second))) asked.push(second);
  }
  return asked;
}

describe('the look for another machine', () => {
  it('begins when worker and picture agree for a while, and again a minute later', () => {
    expect(askedAt(130, () => STRAINED)).toEqual([3, 63, 123]);
  });

  it('begins where the picture freezes, though most of it comes', () => {
    const freezing = (second: number) => ({
      ...STRAINED,
      framesPerSecond: 58,
      freezes: Math.floor(second / 4),
    });
    expect(askedAt(12, freezing)).toEqual([7]);
  });

  it.each([
    ['the worker says nothing', { machineKeepsUp: true }],
    ['the player sees nothing', { framesPerSecond: 58 }],
    ['packets get lost', { network: { ...NETWORK, fractionLost: 0.05 } }],
    ['packets queue up', { network: { ...NETWORK, pacerQueueMs: 200 } }],
    ['the network is not known', { network: undefined }],
  ])('does not begin where %s', (_why, change) => {
    expect(askedAt(30, () => ({ ...STRAINED, ...change }))).toEqual([]);
  });

  it('does not begin while frames are left out for the sake of the network', () => {
    const skipping = (second: number) => ({
      ...STRAINED,
      network: { ...NETWORK, skippedFrames: Math.floor(second) },
    });
    expect(askedAt(30, skipping)).toEqual([]);
  });

  it('does not begin for a moment', () => {
    expect(askedAt(30, (second) => (second % 4 < 2 ? STRAINED : FINE))).toEqual([]);
  });
});
