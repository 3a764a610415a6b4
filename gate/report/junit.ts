import { type CellName, cellKey } from '../cells.ts';
import { FIGURES } from '../figures.ts';
import type { Measurement, Result, Verdict } from '../result.ts';
import { type CellView, cellsOf, cellTitle } from './cells.ts';
import { machineText } from './summary.ts';

/**
 * The result as the XML that CI systems read: a suite for each scenario, network and browser, a case
 * for each budget. What is undecided counts as skipped, what could not be measured as an error.
 */
export function renderJunit(result: Result): string {
  const suites = cellsOf(result).map((cell) => suiteOf(cell, result));
  const sum = (of: keyof Counts) => suites.reduce((all, { counts }) => all + counts[of], 0);
  const attributes = {
    name: 'rockpool bench',
    tests: sum('tests'),
    failures: sum('failures'),
    errors: sum('errors'),
    skipped: sum('skipped'),
    time: seconds(result.measurements),
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    open('testsuites', attributes),
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

function suiteOf(cell: CellView, result: Result): { xml: string; counts: Counts } {
  const isHere = (one: CellName) => cellKey(one) === cellKey(cell);
  const verdicts = result.verdicts.filter(isHere);
  const measurements = result.measurements.filter(isHere);
  const failed = measurements.filter(({ problem }) => problem);
  const of = (outcome: Verdict['outcome']) =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const counts: Counts = {
    tests: verdicts.length + failed.length,
    failures: of('fail'),
    errors: failed.length,
    skipped: of('undecided'),
  };
  const classname = `rockpool.${cell.scenario}.${cell.profile}.${cell.browser}`;
  const xml = [
    open('testsuite', {
      name: cellTitle(cell),
      timestamp: result.startedAt.replace(/(\.\d+)?Z$/, ''),
      hostname: 'localhost',
      ...counts,
      time: seconds(measurements),
    }),
    '<properties>',
    `${open('property', { name: 'machine', value: machineText(result) }, true)}`,
    '</properties>',
    ...verdicts.map((verdict) => caseOf(verdict, classname)),
    ...failed.map((one) => errorOf(one, classname)),
    '</testsuite>',
  ].join('\n');
  return { xml, counts };
}

function caseOf(verdict: Verdict, classname: string): string {
  const title = FIGURES.get(verdict.figure)?.title ?? verdict.figure;
  const name = `${title}: ${verdict.allowed}${verdict.kind === 'limit' ? '' : ` over the ${verdict.kind === 'against' ? 'other side' : 'baseline'}`}`;
  const head = open('testcase', { name, classname, time: '0' });
  const inside = {
    pass: `<system-out>${escapedXml(verdict.why)}</system-out>`,
    fail: `${open('failure', { message: verdict.why, type: verdict.figure })}${escapedXml(verdict.why)}</failure>`,
    undecided: open('skipped', { message: verdict.why }, true),
  }[verdict.outcome];
  return `${head}${inside}</testcase>`;
}

function errorOf({ side, run, problem, durationMs }: Measurement, classname: string): string {
  const head = open('testcase', {
    name: `run ${run} of ${side}`,
    classname,
    time: (durationMs / 1000).toFixed(3),
  });
  const what = problem?.what ?? '';
  const error = open('error', { message: what, type: problem?.code ?? '' });
  return `${head}${error}${escapedXml(what)}</error></testcase>`;
}

function seconds(measurements: readonly Measurement[]): string {
  return (measurements.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000).toFixed(3);
}

function open(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  closed = false,
): string {
  const list = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapedXml(String(value))}"`,
  );
  return `<${name}${list.join('')}${closed ? '/' : ''}>`;
}

/** XML 1.0 §2.2: no reader takes these, escaped or not. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function escapedXml(text: string): string {
  return (
    text
      .replace(FORBIDDEN, '\u{fffd}')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // An attribute's line breaks would be read as spaces (§3.3.3).
      .replaceAll('\n', '&#10;')
      .replaceAll('\r', '&#13;')
      .replaceAll('\t', '&#9;')
  );
}
