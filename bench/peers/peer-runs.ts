import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'puppeteer-core';
import { Distribution } from '../../gate/distribution.ts';
import type { Profile } from '../../gate/network/profiles.ts';
import { Progress } from '../../gate/progress.ts';
import { systemClock } from '../../renderer/clock.ts';
import { LINGER_MS, measureRun, RHYTHM, SETTLE_MS } from '../network/measure/measure-run.ts';
import { startRelay } from '../network/measure/profile-runs.ts';
import { figuresOf } from '../network/measure/run-summary.ts';
import { pressKeys } from '../support/key-presses.ts';
import { latencyOf } from '../support/press-block.ts';
import { MEASURED_STREAM } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import type { Peer, Scene } from './peer.ts';

/** One peer over one network; NaN for what it does not tell. */
export interface PeerRun {
  readonly profile: string;
  readonly name: string;
  readonly scene: Scene;
  readonly codec: string;
  readonly presses: number;
  readonly latencyP50Ms: number;
  readonly latencyP95Ms: number;
  readonly framesPerSecond: number;
  /** Of the time, 0 to 1. */
  readonly frozenShare: number;
  readonly longestFreezeMs: number;
  readonly deliveredBps: number;
  /** Pixels. */
  readonly meanFrameWidth: number;
  readonly outstanding: number;
  readonly contradictions: number;
}

export interface PeerPlan {
  readonly profiles: readonly Profile[];
  readonly seconds: number;
  readonly seed: number;
}

/** Whose profile is no more than this machine's loopback. */
const STRAIGHT = 'lan';
/** A key that no scene takes for anything but a press. */
const FIRST_KEY = 'KeyF';
/** Until a picture is there, and until everything has ended. */
const AROUND_A_RUN_S = 12;

/** By turns, one at a time; one that breaks is told of and left out. */
export async function measurePeers(
  peers: readonly Peer[],
  { profiles, seconds, seed }: PeerPlan,
  belongings: Belongings,
): Promise<{ readonly runs: readonly PeerRun[]; readonly failures: readonly string[] }> {
  const plan = profiles.flatMap((profile) =>
    peers
      .filter(({ isRelayed }) => isRelayed || profile.name === STRAIGHT)
      .map((peer) => ({ profile, peer })),
  );
  const guessS = seconds + SETTLE_MS / 1000 + AROUND_A_RUN_S;
  const progress = new Progress(plan.length, guessS, systemClock);
  const runs: PeerRun[] = [];
  const failures: string[] = [];
  for (const { profile, peer } of plan) {
    const what = `${profile.name}, ${peer.name}, ${peer.scene}`;
    console.log(progress.next(what));
    try {
      const relay = await startRelay(profile, seed, belongings);
      try {
        const { name, scene, subject } = peer;
        const figures = await peer.run(relay, async (page) => {
          if (!peer.isRelayed) return measureCanvas(page, peer, seconds);
          const scenery = { subject, firstKey: FIRST_KEY } as const;
          const measured = await measureRun(page, relay, seconds, scenery);
          const { frameRate } = MEASURED_STREAM;
          const { codec, outstanding, contradictions } = measured;
          return { ...figuresOf({ ...measured, frameRate }), codec, outstanding, contradictions };
        });
        runs.push({ profile: profile.name, name, scene, ...figures });
      } finally {
        await relay.close();
      }
    } catch (error) {
      console.error(error);
      failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { runs, failures };
}

/** What is no video tells nothing of its frames: the presses are all there is. */
async function measureCanvas(
  page: Page,
  { subject }: Peer,
  seconds: number,
): Promise<Omit<PeerRun, 'profile' | 'name' | 'scene'>> {
  await sleep(SETTLE_MS);
  await page.evaluate((followed) => window.pixelProbe?.start(followed), subject);
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) await pressKeys(page, 1, RHYTHM);
  await sleep(LINGER_MS);
  const pixels = await page.evaluate(() => window.pixelProbe?.take());
  if (!pixels) throw new Error('The page has lost its probe.');
  const { count, p50, p95 } = Distribution.of(latencyOf(pixels.samples)).summary();
  return {
    codec: 'no video',
    presses: count,
    latencyP50Ms: p50,
    latencyP95Ms: p95,
    framesPerSecond: Number.NaN,
    frozenShare: Number.NaN,
    longestFreezeMs: Number.NaN,
    deliveredBps: Number.NaN,
    meanFrameWidth: pixels.width,
    outstanding: pixels.outstanding,
    contradictions: pixels.contradictions,
  };
}
