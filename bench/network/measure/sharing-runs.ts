import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'puppeteer-core';
import { findFreezes, longestMs } from '../../../gate/freezes.ts';
import type { LinkSample } from '../../../gate/network/link-statistics.ts';
import type { Profile } from '../../../gate/network/profiles.ts';
import type { RelayClient } from '../../../gate/network/relay-client.ts';
import type { StreamSettings } from '../../../protocol/stream-settings.ts';
import { systemClock, systemScheduler } from '../../../renderer/clock.ts';
import type { Rockpool } from '../../support/rig.ts';
import type { Belongings } from '../../support/run-bench.ts';
import { RelayedSession } from '../senders/rockpool-sender.ts';
import { TcpFlow } from '../tcp-flow.ts';
import { settle } from './measure-run.ts';
import { startRelay } from './profile-runs.ts';
import { growth, meanRateBps } from './run-summary.ts';

/** Slow start and the first congestion are over. */
const TCP_SETTLE_MS = 5000;

/** One of several flows through one bottleneck. */
export interface FlowShare {
  readonly name: string;
  readonly bitrateBps: number;
  /** Displayed; undefined for what has no picture. */
  readonly framesPerSecond: number | undefined;
  readonly longestFreezeMs: number | undefined;
}

export interface Sharing {
  readonly flows: readonly FlowShare[];
  readonly link: readonly LinkSample[];
}

export interface SharingPlan {
  readonly browser: Browser;
  readonly rockpool: Rockpool;
  readonly stream: StreamSettings;
  readonly profile: Profile;
  readonly seconds: number;
  readonly seed: number;
}

/** Several sessions through one bottleneck, each filling it if it could. */
export async function measureSessions(
  plan: SharingPlan,
  count: number,
  belongings: Belongings,
): Promise<Sharing> {
  return withSessions(plan, count, belongings, async (relay, sessions) => {
    await relay.markStart();
    const flows = await measureFlows(sessions, plan);
    const { down } = await relay.statistics();
    return { flows, link: down.series };
  });
}

/** One session and one download through one bottleneck. */
export async function measureBesideTcp(
  plan: SharingPlan,
  belongings: Belongings,
): Promise<Sharing> {
  return withSessions(plan, 1, belongings, async (relay, sessions) => {
    const open = (address: { host: string; port: number }) => relay.open(address);
    const tcp = await TcpFlow.start(open, systemClock, systemScheduler);
    try {
      // The download comes later, as it does at home; what both make of it is measured.
      await sleep(TCP_SETTLE_MS);
      await relay.markStart();
      tcp.markStart();
      const [session] = await measureFlows(sessions, plan);
      const throughput = tcp.throughputBps();
      const { down } = await relay.statistics();
      const tcpBps = throughput.reduce((sum, bps) => sum + bps, 0) / throughput.length;
      const both = meanRateBps(down.series);
      const flows: FlowShare[] = [];
      if (session) flows.push({ ...session, bitrateBps: both - tcpBps });
      flows.push({
        name: 'TCP (CUBIC)',
        bitrateBps: tcpBps,
        framesPerSecond: undefined,
        longestFreezeMs: undefined,
      });
      return { flows, link: down.series };
    } finally {
      tcp.close();
    }
  });
}

async function withSessions<T>(
  { browser, rockpool, stream, profile, seed }: SharingPlan,
  count: number,
  belongings: Belongings,
  measure: (relay: RelayClient, sessions: readonly RelayedSession[]) => Promise<T>,
): Promise<T> {
  const relay = await startRelay(profile, seed, belongings);
  const sessions: RelayedSession[] = [];
  try {
    for (let i = 0; i < count; i++) {
      // A player each, in a window each: a page behind another is sent no picture.
      const context = await browser.createBrowserContext();
      const window = { type: 'window' } as const;
      sessions.push(await RelayedSession.open(context, rockpool, stream, relay, window));
    }
    await Promise.all(sessions.map(({ page }) => settle(page)));
    return await measure(relay, sessions);
  } finally {
    for (const session of sessions) await session.close();
    await relay.close();
    await rockpool.spareReady();
  }
}

/** Waits for the time of the measurement. */
async function measureFlows(
  sessions: readonly RelayedSession[],
  { seconds, stream }: SharingPlan,
): Promise<FlowShare[]> {
  await Promise.all(sessions.map(({ page }) => page.evaluate(() => window.networkProbe?.start())));
  await sleep(seconds * 1000);
  return Promise.all(
    sessions.map(async ({ page }, index) => {
      const report = await page.evaluate(() => window.networkProbe?.take());
      if (!report) throw new Error('The page has lost its probe.');
      const { framesMs, durationMs, statistics } = report;
      const spanMs = (statistics.at(-1)?.atMs ?? 0) - (statistics[0]?.atMs ?? 0);
      const bytes = growth(statistics.map(({ bytesReceived }) => bytesReceived));
      return {
        name: `session ${index + 1}`,
        bitrateBps: (bytes * 8000) / spanMs,
        framesPerSecond: (framesMs.length * 1000) / durationMs,
        longestFreezeMs: longestMs(findFreezes(framesMs, durationMs, stream.frameRate)),
      };
    }),
  );
}
