import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { BENCH_USAGE } from '../../cli/bench.ts';
import { METRICS } from '../../gate/metrics.ts';
import { PROFILE_NAMES } from '../../gate/network-names.ts';
import { COMMENT_MARK } from '../../gate/report/pull-request-comment.ts';
import { shippedScenarios } from '../../gate/scenario-files.ts';
import { parseBudgets } from '../../gate/verdict/budgets.ts';

/** Nothing here runs on a CI system: what the recipes say is held against the program, and tried. */

const ROOT = join(import.meta.dirname, '../..');
const CI = join(ROOT, 'deploy/ci');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Options of `rockpool bench`, as it tells them itself. */
const OPTIONS = new Set(BENCH_USAGE.match(/(?<=^ {2})--[a-z]+/gm));

const stepSchema = z.object({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  shell: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  run: z.string().optional(),
});

const action = z
  .object({
    inputs: z.record(z.string(), z.strictObject({ description: z.string(), default: z.string() })),
    outputs: z.record(z.string(), z.object({ description: z.string(), value: z.string() })),
    runs: z.object({ using: z.literal('composite'), steps: z.array(stepSchema) }),
  })
  .parse(parse(read('deploy/ci/github-action/action.yml')));

function step(name: string) {
  const found = action.runs.steps.find((one) => one.name === name);
  if (!found?.run) throw new Error(`no step ${name}`);
  return { run: found.run, env: found.env ?? {} };
}

describe('The action for GitHub', () => {
  const text = read('deploy/ci/github-action/action.yml');

  it('uses every input it has, and none that it has not', () => {
    const used = new Set([...text.matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(action.inputs).sort());
  });

  it('gives inputs to scripts as variables, so that no input is read as a command', () => {
    for (const { run = '' } of action.runs.steps) expect(run).not.toContain('${{');
  });

  it('says of each script by which shell it runs, and each is one', () => {
    for (const { run, shell } of action.runs.steps) {
      if (run === undefined) continue;
      expect(shell).toBe('bash');
      execFileSync('bash', ['-n'], { input: run });
    }
  });

  it('knows the options of rockpool bench, and the comment by its mark', () => {
    const options = [...step('Play').run.matchAll(/option (--[a-z]+)/g)].map(
      ([, option]) => option,
    );
    expect(options.length).toBeGreaterThan(5);
    for (const option of options) expect(OPTIONS).toContain(option);
    expect(step('Tell').run).toContain(`startswith("${COMMENT_MARK}")`);
  });

  it('tells and keeps what was measured whatever came of it, and judges last', () => {
    const { steps } = action.runs;
    const always = steps.filter((one) => one.if === 'always()');
    expect(always.map(({ name, uses }) => name ?? uses)).toEqual([
      'Tell',
      'actions/upload-artifact@v4',
    ]);
    expect(steps.at(-1)?.run).toBe('exit "$CODE"');
  });

  describe('as it plays', () => {
    let folder = '';
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'rockpool-recipe-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    /** Runs the step with a program in place of node that notes what it was asked, and exits so. */
    function play(inputs: Readonly<Record<string, string>>, exitCode: number) {
      const node = join(folder, 'node');
      writeFileSync(
        node,
        `#!/bin/bash\nprintf '%s\\n' "$@" > "${folder}/asked"\necho "$ROCKPOOL_GAMES" > "${folder}/games"\nexit ${exitCode}\n`,
      );
      chmodSync(node, 0o755);
      const { run, env } = step('Play');
      execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
        env: {
          PATH: `${folder}${delimiter}${process.env.PATH}`,
          ...Object.fromEntries(Object.keys(env).map((name) => [name, ''])),
          ...inputs,
          GITHUB_ACTION_PATH: join(CI, 'github-action'),
          GITHUB_OUTPUT: join(folder, 'output'),
        },
      });
      const noted = (file: string) => readFileSync(join(folder, file), 'utf8').trim();
      return {
        asked: noted('asked').split('\n'),
        games: noted('games'),
        output: noted('output'),
      };
    }

    it('asks for what was given, each line an option of its own, and for nothing else', () => {
      const { asked, games } = play(
        {
          GATE_SCENARIO: 'skimmer\ntests/a scenario.json\n',
          GATE_AGAINST: '$(touch nothing)',
          GATE_GAMES: 'builds',
        },
        0,
      );
      const [program = '', ...options] = asked;
      expect(existsSync(program)).toBe(true);
      expect(options).toEqual([
        '--against',
        '$(touch nothing)',
        '--scenario',
        'skimmer',
        '--scenario',
        'tests/a scenario.json',
      ]);
      expect(games).toBe('builds');
    });

    it.each([0, 1, 2])('passes on that the gate ended with %d', (code) => {
      expect(play({}, code).output).toBe(`exit-code=${code}`);
    });
  });
});

describe('The template for GitLab', () => {
  const job = z
    .object({
      '.rockpool-gate': z.object({
        image: z.string(),
        variables: z.record(z.string(), z.string()),
        rules: z.array(z.object({ if: z.string() })),
        script: z.array(z.string()),
        artifacts: z.object({
          when: z.literal('always'),
          expose_as: z.string(),
          paths: z.array(z.string()),
          reports: z.object({ junit: z.string() }),
        }),
      }),
    })
    .parse(parse(read('deploy/ci/gitlab.yml')))['.rockpool-gate'];

  it('names every variable that its script uses', () => {
    const used = [...job.script.join('\n').matchAll(/\$\{?([A-Z_]+)/g)].map(
      ([, name = '']) => name,
    );
    expect([...new Set(used)].every((name) => name in job.variables)).toBe(true);
  });

  it('starts a program that there is, and keeps what it leaves', () => {
    const program = /\/opt\/rockpool\/(\S+)/.exec(job.script.at(-1) ?? '')?.[1] ?? '';
    expect(existsSync(join(ROOT, program))).toBe(true);
    const { GATE_REPORTS: reports = '' } = job.variables;
    expect(job.artifacts.paths).toEqual([`${reports}/`]);
    expect(job.artifacts.reports.junit).toBe(`${reports}/junit.xml`);
    expect(read('deploy/ci/gate.mjs')).toContain(`'${reports}'`);
  });

  it('says what to set where the sources of Rockpool are not named', () => {
    const refuse = () => execFileSync('bash', ['-c', job.script[0] ?? ''], { stdio: 'pipe' });
    expect(refuse).toThrow('Set GATE_SOURCE');
  });
});

describe('docs/ci.md', () => {
  const page = read('docs/ci.md');
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language, text = '']) => ({
    language,
    text,
  }));

  it('has commands with options that there are', () => {
    const commands = [...page.matchAll(/(?:rockpool bench|gate\.mjs)((?: [^\n`]+)?)/g)];
    expect(commands.length).toBeGreaterThan(3);
    for (const [, rest = ''] of commands) {
      for (const option of rest.match(/--[a-z]+/g) ?? []) expect(OPTIONS).toContain(option);
    }
  });

  it('tells every option', () => {
    for (const option of OPTIONS) expect(page).toContain(option);
  });

  it('tells every metric', () => {
    for (const name of Object.keys(METRICS)) expect(page).toContain(`\`${name}\``);
  });

  it('names benches that there are', () => {
    const names = [...page.matchAll(/npm run bench -- ([a-z-]+)/g)].map(([, name = '']) => name);
    for (const name of names) {
      expect(existsSync(join(ROOT, 'bench', `${name}.bench.ts`)), name).toBe(true);
    }
  });

  it('has budgets that are accepted as they stand', async () => {
    const known = {
      scenarios: (await shippedScenarios()).map(({ name }) => name),
      profiles: PROFILE_NAMES,
    };
    const files = blocks.filter(
      ({ language, text }) => language === 'json' && text.includes('"budgets"'),
    );
    expect(files.length).toBeGreaterThan(0);
    for (const { text } of files) parseBudgets(text, 'docs/ci.md', known);
  });

  it('has workflows that give the action inputs that it has', () => {
    const workflows = blocks.filter(({ text }) => text.includes('deploy/ci/github-action'));
    expect(workflows.length).toBeGreaterThan(0);
    for (const { text } of workflows) {
      const given = z
        .object({ jobs: z.record(z.string(), z.object({ steps: z.array(stepSchema) })) })
        .parse(parse(text));
      for (const { uses = '', with: inputs = {} } of Object.values(given.jobs).flatMap(
        ({ steps }) => steps,
      )) {
        if (!uses.includes('deploy/ci/github-action')) continue;
        for (const name of Object.keys(inputs)) expect(action.inputs).toHaveProperty([name]);
      }
    }
  });

  it('leads only to files that there are', () => {
    for (const [, target = ''] of page.matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(existsSync(join(ROOT, 'docs', target)), target).toBe(true);
    }
  });
});
