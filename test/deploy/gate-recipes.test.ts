import { execFileSync, spawnSync } from 'node:child_process';
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

/** https://docs.github.com/actions: what a step of a composite action may have, and the action itself. */
const stepSchema = z.strictObject({
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
  .strictObject({
    name: z.string(),
    description: z.string(),
    inputs: z.record(z.string(), z.strictObject({ description: z.string(), default: z.string() })),
    outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
    runs: z.strictObject({ using: z.literal('composite'), steps: z.array(stepSchema) }),
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
        output: noted('output').split('\n'),
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
      expect(play({}, code).output).toContain(`exit-code=${code}`);
      const { run } = step('Judge');
      expect(spawnSync('bash', ['-c', run], { env: { CODE: String(code) } }).status).toBe(code);
    });

    it('names the artifact by what an artifact may be named', () => {
      const { output } = play({ GATE_REPORTS: 'out/latency: main' }, 0);
      expect(output).toContain('artifact=out-latency--main');
    });

    /** Runs the step with a program in place of gh that notes what it was asked. */
    function tell(variables: Readonly<Record<string, string>>, github: string) {
      const gh = join(folder, 'gh');
      writeFileSync(gh, `#!/bin/bash\necho "$*" >> "${folder}/asked"\n${github}\n`);
      chmodSync(gh, 0o755);
      const summary = join(folder, 'summary');
      const { run } = step('Tell');
      const said = execFileSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
        env: {
          PATH: `${folder}${delimiter}${process.env.PATH}`,
          COMMENT: 'true',
          PULL_REQUEST: '7',
          COMMENTS: 'repos/a/b/issues/7/comments',
          REPORT: join(folder, 'comment.md'),
          GITHUB_STEP_SUMMARY: summary,
          ...variables,
        },
        encoding: 'utf8',
      });
      const noted = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
      return { said, summary: noted(summary), asked: noted(join(folder, 'asked')) };
    }
    const report = () => writeFileSync(join(folder, 'comment.md'), `${COMMENT_MARK}\nslower\n`);

    it('replaces the comment of the run before, and writes one where there is none', () => {
      report();
      const old = 'https://api.github.com/repos/a/b/issues/comments/3';
      const replaced = tell({}, `[ "$2" != --paginate ] || echo ${old}`);
      expect(replaced.summary).toContain('slower');
      expect(replaced.asked).toContain(`--method PATCH ${old} -F body=@${folder}/comment.md`);
      const first = tell({}, ':');
      expect(first.asked).toContain('--method POST repos/a/b/issues/7/comments');
    });

    it('writes the summary alone where there is no pull request, no wish or no right to comment', () => {
      report();
      expect(tell({ PULL_REQUEST: '' }, ':')).toMatchObject({ asked: '', said: '' });
      expect(tell({ COMMENT: 'false' }, ':')).toMatchObject({ asked: '', said: '' });
      expect(tell({}, 'exit 1').said).toContain('::notice::No comment was written');
    });

    it('has nothing to tell where nothing was measured', () => {
      expect(tell({}, ':')).toEqual({ said: '', summary: '', asked: '' });
    });
  });
});

describe('The template for GitLab', () => {
  const job = z
    .strictObject({
      '.rockpool-gate': z.strictObject({
        image: z.string(),
        variables: z.record(z.string(), z.string()),
        rules: z.array(z.strictObject({ if: z.string() })),
        script: z.array(z.string()),
        artifacts: z.strictObject({
          when: z.literal('always'),
          // https://docs.gitlab.com/ci/yaml: with it, paths have no variables, and folders end with a slash.
          expose_as: z.string().regex(/^[\w -]{1,100}$/),
          paths: z.array(z.string().regex(/^[^$]+\/$/)),
          reports: z.strictObject({ junit: z.string() }),
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

  it('clones what was named, and asks for what was given', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rockpool-recipe-'));
    try {
      for (const program of ['git', 'node']) {
        const path = join(folder, program);
        writeFileSync(path, `#!/bin/bash\necho "${program} $*" >> "${folder}/asked"\n`);
        chmodSync(path, 0o755);
      }
      execFileSync(
        'bash',
        ['--noprofile', '--norc', '-eo', 'pipefail', '-c', job.script.join('\n')],
        {
          env: {
            PATH: `${folder}${delimiter}${process.env.PATH}`,
            ...job.variables,
            GATE_SOURCE: 'https://example.org/rockpool.git',
            GATE_OPTIONS: '--scenario bench/a.json --against 0123',
          },
        },
      );
      expect(readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n')).toEqual([
        'git clone --quiet --depth 1 --branch main https://example.org/rockpool.git /opt/rockpool',
        'node /opt/rockpool/deploy/ci/gate.mjs --scenario bench/a.json --against 0123',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
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
