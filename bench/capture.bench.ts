import { parseArgs } from 'node:util';
import type { Browser } from 'puppeteer-core';
import type { PixelReport } from '../gate/page/pixel-probe.ts';
import { figure } from '../gate/report/table.ts';
import { openCalibrationDisplay } from './capture/calibration-display.ts';
import {
  type CaptureFindings,
  captureTargets,
  idleTable,
  stepsTable,
} from './capture/capture-report.ts';
import { measureStarts } from './capture/game-starts.ts';
import { measureGrabCost } from './capture/grab-cost.ts';
import { GSTREAMER_ADVICE, GstreamerPeer } from './capture/gstreamer-peer.ts';
import { measureIdleCost } from './capture/idle-cost.ts';
import {
  FREEDOOM,
  NATIVE_CALIBRATION,
  NATIVE_STILL,
  type NativeGames,
  requireNativeGames,
  writeNativeGames,
} from './capture/native-games.ts';
import { measurePacketTime } from './capture/packet-time.ts';
import type { Peer } from './capture/peer.ts';
import { measureInTurns, PIXEL_PROBE } from './capture/photon-turns.ts';
import { VNC_ADVICE, VncPeer } from './capture/vnc-peer.ts';
import { chosenParts } from './support/chosen-parts.ts';
import {
  agreementTable,
  distributionTable,
  pictureNotes,
  stageTable,
} from './support/latency-tables.ts';
import { publish } from './support/results.ts';
import { MEASURED_STREAM, Rockpool, requireBuild, startBrowser } from './support/rig.ts';
import { type Belongings, runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * Native games: how soon a picture of an X display is encoded and seen, beside others that stream
 * the same program; what a still one costs; how soon a real game is there.
 */

const PARTS = ['grab', 'packet', 'photon', 'idle', 'start'] as const;
type Part = (typeof PARTS)[number];

const FREEDOOM_ADVICE =
  'this machine does not offer it: apt-get install chocolate-doom freedoom, and see examples/freedoom.';

interface Plan {
  readonly parts: ReadonlySet<Part>;
  readonly samples: number;
  readonly seconds: number;
  readonly starts: number;
  readonly withPeers: boolean;
}

function readPlan(): Plan {
  const { values } = parseArgs({
    options: {
      parts: { type: 'string', default: PARTS.join(',') },
      samples: { type: 'string', default: '150' },
      seconds: { type: 'string', default: '15' },
      starts: { type: 'string', default: '10' },
      'no-peers': { type: 'boolean', default: false },
    },
  });
  return {
    parts: chosenParts(values.parts, PARTS),
    samples: Number(values.samples),
    seconds: Number(values.seconds),
    starts: Number(values.starts),
    withPeers: !values['no-peers'],
  };
}

async function openPeers(
  browser: Browser,
  { calibration }: NativeGames,
  belongings: Belongings,
  notes: string[],
): Promise<Peer[]> {
  const peers: Peer[] = [];
  if (GstreamerPeer.isThere()) {
    peers.push(await GstreamerPeer.open(browser, PIXEL_PROBE, calibration, belongings));
  } else notes.push(`SKIPPED GStreamer: ${GSTREAMER_ADVICE}`);
  if (VncPeer.isThere()) {
    peers.push(await VncPeer.open(browser, PIXEL_PROBE, calibration, belongings));
  } else notes.push(`SKIPPED TigerVNC + noVNC: ${VNC_ADVICE}`);
  return peers;
}

/** All that the plan asks for and this machine can; what it cannot goes into the notes. */
async function measure(
  { parts, samples, seconds, starts, withPeers }: Plan,
  belongings: Belongings,
  notes: string[],
): Promise<CaptureFindings> {
  const games = await writeNativeGames(belongings);
  let findings: CaptureFindings = {};
  // By itself: before there is anything else to take its processor.
  if (parts.has('grab')) {
    console.log('grab and convert…');
    const grab = await belongings.within(async (own) => {
      const { environment } = await openCalibrationDisplay(games.calibration, own);
      return measureGrabCost(environment, seconds * MEASURED_STREAM.frameRate);
    });
    findings = { ...findings, grab };
  }
  const inSessions = PARTS.filter((part) => part !== 'grab' && parts.has(part));
  if (inSessions.length === 0) return findings;
  const browser = await startBrowser(belongings);
  const rockpool = await Rockpool.start(belongings, { ROCKPOOL_GAMES: games.folders });
  await requireNativeGames(rockpool);
  if (parts.has('packet')) {
    console.log(`${NATIVE_CALIBRATION}: damage to packet…`);
    const packet = await measurePacketTime(browser, rockpool, NATIVE_CALIBRATION, seconds);
    findings = { ...findings, packet };
  }
  if (parts.has('photon')) {
    const peers = withPeers ? await openPeers(browser, games, belongings, notes) : [];
    const senders = await measureInTurns(browser, rockpool, NATIVE_CALIBRATION, peers, samples);
    findings = { ...findings, senders };
  }
  if (parts.has('idle')) {
    console.log(`${NATIVE_STILL}: nothing drawn…`);
    const idle = await measureIdleCost(browser, rockpool, NATIVE_STILL, seconds);
    findings = { ...findings, idle };
  }
  const hasFreedoom = (await rockpool.freeSlots()).has(FREEDOOM);
  if (parts.has('start') && hasFreedoom) {
    console.log(`${FREEDOOM}: ${starts} starts…`);
    const startsMs = await measureStarts(browser, rockpool, FREEDOOM, starts);
    findings = { ...findings, startsMs };
  } else if (parts.has('start')) notes.push(`SKIPPED ${FREEDOOM}: ${FREEDOOM_ADVICE}`);
  return findings;
}

function findingNotes({ senders, idle, packet }: CaptureFindings): string[] {
  const notes: string[] = [];
  if (packet) {
    const rate = figure(packet.grabMs.length / packet.seconds);
    notes.push(`Damage to packet: ${rate} frames a second over ${figure(packet.seconds)} s.`);
  }
  if (senders) {
    const lost = senders.map(({ name, blocks }) => {
      const sum = (count: (pixels: PixelReport) => number) =>
        blocks.reduce((total, { pixels }) => total + count(pixels), 0);
      return `${name} ${sum((p) => p.contradictions)} and ${sum((p) => p.outstanding)}`;
    });
    notes.push(`Contradictions, and presses never seen: ${lost.join('; ')}.`);
    notes.push(...pictureNotes(senders));
  }
  if (idle) {
    notes.push(`Nothing drawn: ${idle.framesShown} frames shown in ${figure(idle.seconds)} s.`);
  }
  return notes;
}

await runBench(async (belongings) => {
  const plan = readPlan();
  requireBuild();
  const notes: string[] = [];
  const findings = await measure(plan, belongings, notes);
  const { senders, idle } = findings;
  const [ours] = senders ?? [];
  await publish('capture', {
    tables: [
      targetTable('Native games: targets', captureTargets(findings)),
      stepsTable(findings),
      ...(senders ? [distributionTable(senders)] : []),
      ...(ours ? [stageTable(ours), agreementTable([ours])] : []),
      ...(idle ? [idleTable(idle)] : []),
    ],
    notes: [...notes, ...findingNotes(findings)],
    data: { ...findings, ...(idle && { idle: { ...idle, percent: [...idle.percent] } }) },
  });
});
