import { Distribution } from '../../gate/distribution.ts';
import { figure, type Table } from '../../gate/report/table.ts';
import { LATENCY_STAGES } from '../../protocol/latency-stages.ts';
import { type Agreement, mergeRuns } from './agreement.ts';
import { accountingSamples, latencyOf, type MeasuredSender, pixelSamples } from './press-block.ts';

export function agreementOf({ blocks }: MeasuredSender): Agreement {
  return mergeRuns(
    blocks.map(({ pixels, accounting }) => ({ first: pixels.samples, second: accounting })),
  );
}

export function distributionTable(all: readonly MeasuredSender[]): Table {
  const row = (name: string, values: readonly number[]) => {
    const { count, min, p50, p95, p99, max } = Distribution.of(values).summary();
    return [name, String(count), ...[p50, p95, p99, min, max].map((value) => figure(value))];
  };
  return {
    title: 'Click to photon, milliseconds',
    head: ['sender, way of measuring', 'samples', 'p50', 'p95', 'p99', 'min', 'max'],
    rows: all.flatMap((measured) => {
      const accounting = accountingSamples(measured);
      const rows = [row(`${measured.name}, pixels`, latencyOf(pixelSamples(measured)))];
      if (accounting.length > 0) {
        rows.push(row(`${measured.name}, accounting`, latencyOf(accounting)));
      }
      return rows;
    }),
  };
}

export function stageTable(measured: MeasuredSender): Table {
  const samples = accountingSamples(measured);
  return {
    title: `Where it goes: ${measured.name}, milliseconds`,
    head: ['stage', 'p50', 'p95'],
    rows: LATENCY_STAGES.map((stage) => {
      const { p50, p95 } = Distribution.of(samples.map(({ stages }) => stages[stage])).summary();
      return [stage, figure(p50), figure(p95)];
    }),
  };
}

export function agreementTable(all: readonly MeasuredSender[]): Table {
  return {
    title: 'Pixels minus accounting, per press',
    head: [
      'game',
      'presses',
      'median',
      'largest',
      'beyond a frame',
      'contradictions',
      'one way only',
    ],
    rows: all.map((measured) => {
      const agreement = agreementOf(measured);
      const contradictions = measured.blocks.reduce((n, b) => n + b.pixels.contradictions, 0);
      return [
        measured.name,
        String(agreement.pairs),
        figure(agreement.medianMs, 'ms'),
        figure(agreement.maxAbsMs, 'ms'),
        `${agreement.beyondOneFrame} (${figure((100 * agreement.beyondOneFrame) / agreement.pairs)} %)`,
        String(contradictions),
        `${agreement.onlyFirst} + ${agreement.onlySecond}`,
      ];
    }),
  };
}

/** What reading the pictures cost, and what size they had. */
export function pictureNotes(all: readonly MeasuredSender[]): string[] {
  const readCosts = all.flatMap(({ blocks }) => blocks.flatMap((b) => b.pixels.readCostsMs));
  const pictures = new Set(
    all.flatMap(({ name, blocks }) =>
      blocks.map(({ pixels: p }) => `${name} ${p.width}x${p.height}`),
    ),
  );
  return [
    `Reading a picture took ${figure(Distribution.of(readCosts).percentile(50))} ms (p50) of the page, after the time was taken and only while a press was on its way.`,
    `Pictures as decoded at the end of the blocks: ${[...pictures].join(', ')}.`,
  ];
}
