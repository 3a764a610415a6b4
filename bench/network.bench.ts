import { parseArgs } from 'node:util';
import type { Browser } from 'puppeteer-core';
import { PROFILES, type Profile, roundTripMs } from '../gate/network/profiles.ts';
import { figure } from '../gate/report/table.ts';
import type { Resolution, StreamSettings } from '../protocol/stream-settings.ts';
import { profileTargets } from './network/measure/network-targets.ts';
import { measureProfiles, type ProfileRuns, type RunPlan } from './network/measure/profile-runs.ts';
import {
  fairnessTarget,
  playoutTable,
  runTable,
  sharingTable,
  starvingTargets,
} from './network/measure/result-tables.ts';
import type { RunRecord, SenderName } from './network/measure/run-record.ts';
import { type RunSummary, summarize } from './network/measure/run-summary.ts';
import { measureBesideTcp, measureSessions } from './network/measure/sharing-runs.ts';
import { writeNetworkReport } from './network/report/write-report.ts';
import { ChromiumSender } from './network/senders/chromium-sender.ts';
import { LibwebrtcSender } from './network/senders/libwebrtc-sender.ts';
import { RockpoolSender } from './network/senders/rockpool-sender.ts';
import type { Sender } from './network/senders/sender.ts';
import { DISTURBED_SHARE } from './support/machine.ts';
import { publish } from './support/results.ts';
import { MEASURED_STREAM, Rockpool, requireBuild, sizeNamed, startBrowser } from './support/rig.ts';
import { Belongings, runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * What bad networks make of a stream: a relay stands in for them, between a real sender and a real
 * browser, and the pixels tell. Rockpool beside libwebrtc's and Chromium's own sender.
 */

/** `shared` is for several flows and says nothing of one. */
const DEFAULT_PROFILES = [...PROFILES.keys()].filter((name) => name !== 'shared').join(',');
const SHARED_PROFILE = 'shared';
const SESSIONS_SHARING = 3;
/** Three encoders and three decoders have to keep up with 60 frames a second on two cores. */
const SHARING_SIZE = { width: 512, height: 288 };
/** Least and most milliseconds a browser may hold a picture back. */
const PLAYOUT_SETTINGS = ['0-0', '0-100'];

interface Options {
  readonly profiles: readonly Profile[];
  readonly senders: readonly string[];
  readonly seconds: number;
  readonly seed: number;
  /** Of the picture, and of the page that shows it: nobody's picture is enlarged. */
  readonly size: Resolution;
}

function readOptions(values: Record<'profiles' | 'senders' | 'seconds' | 'seed' | 'size', string>) {
  const names = (list: string) => list.split(',').filter((name) => name !== '');
  const profiles = names(values.profiles).map((name) => {
    const profile = PROFILES.get(name);
    if (!profile)
      throw new Error(`There is no profile ${name}: ${[...PROFILES.keys()].join(', ')}`);
    return profile;
  });
  const size = sizeNamed(values.size);
  const { seconds, seed } = values;
  const senders = names(values.senders);
  return { profiles, senders, seconds: Number(seconds), seed: Number(seed), size };
}

async function openSenders(
  browser: Browser,
  { senders, size }: Options,
  belongings: Belongings,
): Promise<Sender[]> {
  const open: Record<SenderName, () => Promise<Sender>> = {
    rockpool: async () =>
      new RockpoolSender(browser, await Rockpool.start(belongings), streamOf(size)),
    libwebrtc: () => LibwebrtcSender.open(browser, belongings, size),
    chromium: () => ChromiumSender.open(browser, belongings, size, MEASURED_STREAM.frameRate),
  };
  const isKnown = (name: string): name is SenderName => Object.hasOwn(open, name);
  const opened: Sender[] = [];
  for (const name of senders) {
    if (!isKnown(name)) throw new Error(`There is no sender ${name}.`);
    opened.push(await open[name]());
  }
  return opened;
}

function streamOf(resolution: Resolution): StreamSettings {
  return { ...MEASURED_STREAM, resolution };
}

function planOf({ profiles, seconds, seed }: Options, senders: readonly Sender[]): RunPlan {
  return { profiles, senders, seconds, seed, frameRate: MEASURED_STREAM.frameRate };
}

function targetsOf(profiles: readonly Profile[], records: readonly RunRecord[]) {
  return profiles.flatMap((profile) => {
    const runs = records.filter((record) => record.profile === profile.name);
    const ours = runs.find(({ sender }) => sender === 'rockpool');
    if (!ours) return [];
    return profileTargets({
      profile: profile.name,
      roundTripMs: roundTripMs(profile),
      ours: summarize(ours),
      link: ours.link,
      baselines: runs.filter((run) => run !== ours).map(summarize),
    });
  });
}

function runNotes({ records, repeated, failures }: ProfileRuns): string[] {
  const codecs = new Set(records.map(({ sender, codec }) => `${sender} ${codec}`));
  const outstanding = records.filter((record) => record.outstanding > 0);
  const contradictions = records.reduce((sum, record) => sum + record.contradictions, 0);
  return [
    `Codecs: ${[...codecs].join(', ')}.`,
    `Pictures whose marks contradict each other: ${contradictions}.`,
    ...(repeated > 0
      ? [
          `Measured again, as others on the host had taken more than ${figure(100 * DISTURBED_SHARE, '%')}: ${repeated} runs.`,
        ]
      : []),
    ...outstanding.map(
      ({ profile, sender, outstanding: count }) =>
        `${profile}, ${sender}: ${count} presses were not shown by the end and have no latency.`,
    ),
    ...failures.map((failure) => `BROKEN: ${failure}`),
  ];
}

async function compareSenders(options: Options, belongings: Belongings) {
  const browser = await startBrowser(belongings, options.size);
  const senders = await openSenders(browser, options, belongings);
  const runs = await measureProfiles(planOf(options, senders), belongings);
  const summaries = runs.records.map(summarize);
  const roundTripOf = (name: string) => {
    const profile = PROFILES.get(name);
    return profile ? roundTripMs(profile) : Number.NaN;
  };
  await publish('network', {
    tables: [
      targetTable('Bad networks: targets', targetsOf(options.profiles, runs.records)),
      runTable(summaries, roundTripOf),
    ],
    notes: [
      'Delays, jitter and loss are those of each direction. A round trip is that of the empty network.',
      'Stolen is what the host of this machine gave to others of all processors’ time meanwhile.',
      'Frozen time is what pictures stood still beyond one frame interval, in freezes; a freeze is measured from frame to frame.',
      ...runNotes(runs),
    ],
    data: runs,
  });
}

async function comparePlayout(options: Options, belongings: Belongings) {
  const browser = await startBrowser(belongings, options.size);
  const runs: { setting: string; summary: RunSummary }[] = [];
  const notes: string[] = [];
  for (const setting of PLAYOUT_SETTINGS) {
    console.log(`Playout delay ${setting}`);
    const own = new Belongings();
    belongings.add({ close: () => own.close(), kill: () => own.kill() });
    const rockpool = await Rockpool.start(own, { ROCKPOOL_PLAYOUT_DELAY_MS: setting });
    const sender = new RockpoolSender(browser, rockpool, streamOf(options.size));
    const { records, failures } = await measureProfiles(planOf(options, [sender]), own);
    runs.push(...records.map((record) => ({ setting, summary: summarize(record) })));
    notes.push(...failures.map((failure) => `BROKEN: playout delay ${setting}, ${failure}`));
    await own.close();
  }
  const byProfile = options.profiles.flatMap(({ name }) =>
    runs.filter(({ summary }) => summary.profile === name),
  );
  await publish('network-playout', { tables: [playoutTable(byProfile)], notes, data: runs });
}

async function measureSharing(options: Options, belongings: Belongings) {
  const profile = PROFILES.get(SHARED_PROFILE);
  if (!profile) throw new Error(`There is no profile ${SHARED_PROFILE}.`);
  const own = new Belongings();
  belongings.add({ close: () => own.close(), kill: () => own.kill() });
  const rockpool = await Rockpool.start(own, { ROCKPOOL_SLOTS: String(SESSIONS_SHARING) });
  const { seconds, seed } = options;
  const browser = await startBrowser(belongings, SHARING_SIZE);
  const stream = streamOf(SHARING_SIZE);
  const plan = { browser, rockpool, stream, profile, seconds, seed };
  console.log(`${SESSIONS_SHARING} sessions on one bottleneck, ${seconds} s`);
  const sessions = await measureSessions(plan, SESSIONS_SHARING, own);
  console.log(`One session beside one TCP flow, ${seconds} s`);
  const besideTcp = await measureBesideTcp(plan, own);
  await own.close();
  await publish('network-fairness', {
    tables: [
      targetTable('Sharing a network: targets', [
        fairnessTarget(sessions),
        ...starvingTargets(besideTcp),
      ]),
      sharingTable(`${SESSIONS_SHARING} sessions on one bottleneck`, sessions),
      sharingTable('One session beside one TCP flow', besideTcp),
    ],
    notes: [
      `${figure((profile.down.rate[0]?.bitrateBps ?? 0) / 1e6)} Mbit/s, round trip ${roundTripMs(profile)} ms; ${seconds} s after everyone had settled; the scene at its busiest, ${SHARING_SIZE.width}x${SHARING_SIZE.height} at ${stream.frameRate} frames a second: three encoders and three decoders share the machine.`,
    ],
    data: { sessions, besideTcp },
  });
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      profiles: { type: 'string', default: DEFAULT_PROFILES },
      senders: { type: 'string', default: 'rockpool,libwebrtc,chromium' },
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      size: { type: 'string', default: '1280x720' },
      fairness: { type: 'boolean', default: false },
      playout: { type: 'boolean', default: false },
      report: { type: 'boolean', default: false },
    },
  });
  const options = readOptions(values);
  // Each flag measures its own part alone: the whole takes most of an hour.
  const parts = [
    ...(values.playout ? [comparePlayout] : []),
    ...(values.fairness ? [measureSharing] : []),
  ];
  if (parts.length === 0 && !values.report) parts.push(compareSenders);
  if (parts.length > 0) {
    requireBuild();
    for (const part of parts) await belongings.within((own) => part(options, own));
  }
  console.log(`Report: ${await writeNetworkReport()}`);
});
