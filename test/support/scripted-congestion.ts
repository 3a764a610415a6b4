import type {
  CongestionControl,
  ProbeCluster,
  ReceiverReport,
  TransportReport,
} from '../../server/transport/congestion/congestion-control.ts';

/** Congestion control that says what a test wrote into it, and remembers what it heard. */
export class ScriptedCongestion implements CongestionControl {
  targetBitrateBps = 5_000_000;
  pacingBitrateBps = 12_500_000;
  windowBytes = Number.POSITIVE_INFINITY;
  rttMs: number | undefined;
  fractionLost = 0;
  ceilingBps: number | undefined;
  /** Handed out one at each tick. */
  readonly probes: ProbeCluster[] = [];
  readonly sent: { bytes: number; nowUs: number; reported: boolean }[] = [];
  /** Copies: a report holds only until the next. */
  readonly reports: TransportReport[] = [];
  readonly receiverReports: ReceiverReport[] = [];
  readonly estimatesBps: number[] = [];
  readonly tickedUs: number[] = [];

  setCeiling(bitrateBps: number): void {
    this.ceilingBps = bitrateBps;
  }

  handleSent(bytes: number, nowUs: number, reported: boolean): void {
    this.sent.push({ bytes, nowUs, reported });
  }

  handleReport(report: TransportReport): void {
    this.reports.push({ ...report, packets: report.packets.map((packet) => ({ ...packet })) });
  }

  handleReceiverReport(report: ReceiverReport): void {
    this.receiverReports.push(report);
  }

  handleReceiverEstimate(bitrateBps: number): void {
    this.estimatesBps.push(bitrateBps);
  }

  tick(nowUs: number): ProbeCluster | undefined {
    this.tickedUs.push(nowUs);
    return this.probes.shift();
  }
}
