import { Distribution } from '../../gate/distribution.ts';
import { figure, type Table } from '../../gate/report/table.ts';
import { latencyOf, type MeasuredSender, pixelSamples } from '../support/press-block.ts';
import type { ProcessRole } from '../support/process-roles.ts';
import type { Target } from '../support/target.ts';
import type { GrabCost } from './grab-cost.ts';
import type { IdleCost } from './idle-cost.ts';
import type { PacketTime } from './packet-time.ts';

/** Milliseconds, where nothing else is said. */
const LIMITS = {
  packetP95: 12,
  grabAndConvertP95: 4,
  photonP50: 40,
  /** Of GStreamer's. */
  photonShare: 0.6,
  /** Percent of a core. */
  idle: 3,
  startP50: 2500,
};

/** As the peer names itself. */
export const GSTREAMER = 'GStreamer';

/** What was measured; undefined where it was not asked for, or this machine cannot. */
export interface CaptureFindings {
  readonly packet?: PacketTime;
  readonly grab?: GrabCost;
  readonly senders?: readonly MeasuredSender[];
  readonly idle?: IdleCost;
  readonly startsMs?: readonly number[];
}

function sums(first: readonly number[], second: readonly number[]): number[] {
  return first.map((value, index) => value + (second[index] ?? 0));
}

function photonP50(sender: MeasuredSender | undefined): number {
  if (!sender) return Number.NaN;
  return Distribution.of(latencyOf(pixelSamples(sender))).percentile(50);
}

export function captureTargets(findings: CaptureFindings): Target[] {
  const { packet, grab, senders, idle, startsMs } = findings;
  const targets: Target[] = [];
  const add = (what: string, measured: number, limit: number, unit: string) =>
    targets.push({ what, measured, limit, unit });
  if (packet) {
    const all = Distribution.of(sums(packet.grabMs, packet.encodeMs));
    add('damage to encoded packet p95', all.percentile(95), LIMITS.packetP95, 'ms');
  }
  if (grab) {
    const p95 = Distribution.of(grab.grabMs).percentile(95);
    add('grab and convert p95', p95, LIMITS.grabAndConvertP95, 'ms');
  }
  if (senders) {
    const [ours, ...peers] = senders;
    add(`${ours?.name} p50`, photonP50(ours), LIMITS.photonP50, 'ms');
    const other = peers.find(({ name }) => name === GSTREAMER);
    const what = `${ours?.name} p50 / ${GSTREAMER} p50`;
    if (other) add(what, photonP50(ours) / photonP50(other), LIMITS.photonShare, '');
  }
  if (idle) {
    const { percent } = idle;
    const measured = (percent.get('worker') ?? 0) + (percent.get('display') ?? 0);
    add('worker and display, nothing drawn', measured, LIMITS.idle, '% of a core');
  }
  if (startsMs) {
    const measured = Distribution.of(startsMs).percentile(50);
    add('Freedoom, Play to first frame, p50', measured, LIMITS.startP50, 'ms');
  }
  return targets;
}

function distributionRow(what: string, values: readonly number[]): string[] {
  const { count, p50, p95, p99, max } = Distribution.of(values).summary();
  return [what, String(count), ...[p50, p95, p99, max].map((value) => figure(value))];
}

const DISTRIBUTION_HEAD = ['count', 'p50', 'p95', 'p99', 'max'];

/** From the first news of a change to the encoder's last byte, in a session and by parts. */
export function stepsTable({ packet, grab, startsMs }: CaptureFindings): Table {
  const rows: string[][] = [];
  if (packet) {
    const { grabMs, encodeMs } = packet;
    rows.push(
      distributionRow('in a session: damage to packet', sums(grabMs, encodeMs)),
      distributionRow('  damage to pixels', grabMs),
      distributionRow('  pixels to packet', encodeMs),
    );
  }
  if (grab) rows.push(distributionRow('by itself: grab and convert', grab.grabMs));
  if (startsMs) rows.push(distributionRow('Freedoom, Play to first frame', startsMs));
  return { title: 'Native games, milliseconds', head: ['', ...DISTRIBUTION_HEAD], rows };
}

const ROLES: readonly ProcessRole[] = ['worker', 'display', 'sound', 'program'];

export function idleTable({ percent }: IdleCost): Table {
  return {
    title: 'A session in which nothing is drawn',
    head: ['', '% of a core'],
    rows: ROLES.map((role) => [role, figure(percent.get(role) ?? 0)]),
  };
}
