import { describe, expect, it } from 'vitest';
import { renderJunit } from '../../../gate/report/junit.ts';
import { judgedResult } from '../../support/gate/judged-result.ts';
import { readXml, type XmlElement } from '../../support/gate/xml-reader.ts';

function all(element: XmlElement, name: string): XmlElement[] {
  return [
    ...(element.name === name ? [element] : []),
    ...element.children.flatMap((child) => all(child, name)),
  ];
}

const result = judgedResult();

describe('renderJunit', () => {
  const xml = readXml(renderJunit(result));

  it('has a case for each verdict, in a suite for each cell, and counts them right', () => {
    expect(xml.name).toBe('testsuites');
    const suites = all(xml, 'testsuite');
    expect(suites.map(({ attributes }) => attributes.name)).toEqual([
      'skimmer over lan, Chromium',
      'skimmer over wifi, Chromium',
    ]);
    for (const counted of [xml, ...suites]) {
      const of = (name: string) => String(all(counted, name).length);
      expect(counted.attributes).toMatchObject({
        tests: of('testcase'),
        failures: of('failure'),
        errors: of('error'),
        skipped: of('skipped'),
      });
    }
    expect(all(xml, 'testcase')).toHaveLength(result.verdicts.length);
  });

  it('says of each failure why', () => {
    const failures = all(xml, 'failure');
    const failed = result.verdicts.filter(({ outcome }) => outcome === 'fail');
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.map(({ text }) => text)).toEqual(failed.map(({ why }) => why));
    expect(failures.map(({ attributes }) => attributes.message)).toEqual(
      failed.map(({ why }) => why),
    );
  });

  it('reports a run that could not be used as an error', () => {
    const [first, ...others] = result.measurements;
    if (!first) throw new Error('no measurement');
    const problem = { code: 'no-picture', what: 'The game showed no picture.' };
    const broken = { ...result, measurements: [{ ...first, problem }, ...others] };
    const [error, ...more] = all(readXml(renderJunit(broken)), 'error');
    expect(more).toEqual([]);
    expect(error).toMatchObject({ attributes: { type: 'no-picture' }, text: problem.what });
  });

  it('escapes whatever names and sentences hold', () => {
    const nasty = '<b a="1">&amp; ]]> \u0000\u001b[31m \ud800 line\nbreak \u{1f3ae}';
    const verdicts = result.verdicts.map((one) => ({
      ...one,
      why: nasty,
      outcome: 'fail' as const,
    }));
    const [failure] = all(readXml(renderJunit({ ...result, verdicts })), 'failure');
    expect(failure?.text).toBe('<b a="1">&amp; ]]> \ufffd\ufffd[31m \ufffd line\nbreak \u{1f3ae}');
  });
});
