import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BrowserPool } from '../gate/browser/browser-pool.ts';
import { findBrowser } from '../gate/browser/gate-browser.ts';
import { cellsOf, nameOf } from '../gate/cells.ts';
import { GateProblem } from '../gate/gate-problem.ts';
import { describeMachine } from '../gate/machine/describe-machine.ts';
import { PROFILE_NAMES } from '../gate/network-names.ts';
import type { DrawSource } from '../gate/quality/picture-quality.ts';
import { renderHtml } from '../gate/report/html.ts';
import { renderJunit } from '../gate/report/junit.ts';
import { renderPullRequestComment } from '../gate/report/pull-request-comment.ts';
import { renderTerminal } from '../gate/report/terminal.ts';
import { type BrowserName, browserNameSchema, parseResult, type Result } from '../gate/result.ts';
import { exitCodeOf, type GateRequest, runGate } from '../gate/run-gate.ts';
import { readScenarios, shippedScenarios } from '../gate/scenario-files.ts';
import { GateTargets } from '../gate/target/gate-targets.ts';
import { type BudgetFile, parseBudgets } from '../gate/verdict/budgets.ts';
import { runsFor } from '../gate/verdict/questions.ts';
import type { Environment } from '../protocol/environment.ts';
import type { RockpoolError } from '../protocol/errors.ts';
import { sceneLuma } from '../renderer/calibration/scene-picture.ts';
import { makeRoomFor, numberOf, oneOf, orUsage, refusal, STOP_SIGNALS } from './options.ts';
import { say } from './say.ts';

export const BENCH_USAGE = `Usage: rockpool bench [OPTION…]

Plays games in a real browser over defined networks and tells how they were.

  --url URL             plays a Rockpool that is running; one of its own is started otherwise
  --scenario NAME       what is played: one that comes along, or the path of a scenario's file;
                        may be said several times, as may the next two
  --profile NAME        the network: ${PROFILE_NAMES.join(', ')}
  --browser NAME        chromium or firefox
  --seconds N           of each run, in place of what the scenario says
  --runs N              of everything; 1, or with budgets as many as these need to fail at all
  --against REF|URL     compares with another Rockpool: an address, or a ref of the git repository
                        in this folder, which is built for it; REF..REF builds and compares two
  --baseline FILE       compares with an earlier result, as --json wrote it
  --budgets FILE        what is allowed; rockpool.bench.json where that is there
  --json FILE           writes the result for programs
  --junit FILE          … for CI systems
  --html FILE           … as a page by itself
  --markdown FILE       … as a comment for a pull request
  --list                says what there is to be played

Exits with 0 where every budget holds, 1 where one fails, 2 where something could not be measured:
what was measured is written all the same.
`;

const DEFAULT_BUDGETS = 'rockpool.bench.json';

/** This command, as a child is to start it. */
const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './rockpool.ts' : './rockpool.js', import.meta.url),
);

type Values = ReturnType<typeof readArguments>;

/** @throws RockpoolError `bad-configuration` for an option that there is not, or one without its value. */
function readArguments(args: readonly string[]) {
  const several = { type: 'string', multiple: true } as const;
  const one = { type: 'string' } as const;
  const parse = () =>
    parseArgs({
      args: [...args],
      options: {
        url: one,
        scenario: several,
        profile: several,
        browser: several,
        seconds: one,
        runs: one,
        against: one,
        baseline: one,
        budgets: one,
        json: one,
        junit: one,
        html: one,
        markdown: one,
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  return orUsage(BENCH_USAGE, parse).values;
}

/**
 * `rockpool bench`.
 * @param args after the command's name.
 * @returns the exit code.
 * @throws RockpoolError for what cannot be measured as asked: the exit code is 2 then.
 */
export async function runBench(
  args: readonly string[],
  environment: Environment,
): Promise<0 | 1 | 2> {
  const values = readArguments(args);
  if (values.help) {
    process.stdout.write(BENCH_USAGE);
    return 0;
  }
  if (values.list) {
    await sayList();
    return 0;
  }
  const asked = await readRequest(values);
  // Ctrl+C: what was measured is written, and what was started ends with this.
  const abort = new AbortController();
  const stop = () => {
    if (abort.signal.aborted) process.exit(2);
    console.error('Stopping: a second Ctrl+C writes nothing.');
    abort.abort();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  const browsers = new BrowserPool();
  const targets = new GateTargets({ execArgv: process.execArgv, path: PROGRAM }, environment);
  const kill = () => {
    browsers.kill();
    targets.kill();
  };
  process.once('exit', kill);
  try {
    const sides = await targets.open(values, say, abort.signal);
    const request: GateRequest = { ...asked, sides, command: commandOf(args) };
    const result = await runGate(request, {
      browsers,
      tell: say,
      drawSource,
      signal: abort.signal,
    });
    say(`\n${renderTerminal(result, asked.baseline).trimEnd()}`);
    await write(values, result, asked.baseline);
    return exitCodeOf(result, asked.budgets, abort.signal.aborted);
  } catch (error) {
    if (!(error instanceof GateProblem)) throw error;
    console.error(error.message);
    return 2;
  } finally {
    await browsers.close();
    await targets.close();
    process.off('exit', kill);
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}

/** The gate knows no game; what a game draws is for its folder to say. */
const drawSource: DrawSource = ({ nonce, frameNumber, inputSeq }, bright, size) =>
  sceneLuma(nonce, { frameNumber, inputSeq, bright }, size);

async function sayList(): Promise<void> {
  for (const { name, title, seconds, profiles, browsers } of await shippedScenarios()) {
    say(`${name.padEnd(14)}${title}`);
    say(`${''.padEnd(14)}${seconds} s over ${profiles.join(', ')} in ${browsers.join(', ')}`);
  }
  say(`\nNetworks: ${PROFILE_NAMES.join(', ')}`);
}

/** Everything that can be wrong is found before anything is started. */
async function readRequest(values: Values): Promise<Omit<GateRequest, 'sides' | 'command'>> {
  const machine = await describeMachine();
  const named = values.scenario !== undefined;
  const scenarios = named ? await readScenarios(values.scenario ?? []) : await shippedScenarios();
  const profiles = values.profile?.map((name) => oneOf(PROFILE_NAMES, name, '--profile'));
  const browsers = values.browser?.map((name) =>
    oneOf(browserNameSchema.options, name, '--browser'),
  );
  const seconds = numberOf(values.seconds, '--seconds', 1, 3600);
  const cells = cellsOf(scenarios, { profiles, browsers });
  for (const browser of new Set<BrowserName>(cells.map((cell) => cell.browser)))
    findBrowser(browser);
  const known = {
    scenarios: scenarios.map(({ name }) => name),
    profiles: [...new Set(cells.map(({ profile }) => profile))],
  };
  const budgetsFile = values.budgets ?? (existsSync(DEFAULT_BUDGETS) ? DEFAULT_BUDGETS : undefined);
  const budgets = budgetsFile === undefined ? undefined : await readBudgets(budgetsFile, known);
  const baseline =
    values.baseline === undefined
      ? undefined
      : parseResult(await readText(values.baseline), basename(values.baseline));
  const comparable = { baseline: baseline !== undefined, against: values.against !== undefined };
  const enough = budgets ? runsFor(budgets, cells.map(nameOf), comparable) : 1;
  const runs = numberOf(values.runs, '--runs', 1, 1000) ?? enough;
  if (!Number.isInteger(runs)) throw refusal('--runs takes a whole number.');
  for (const path of [values.json, values.junit, values.html, values.markdown]) {
    if (path !== undefined) await makeRoomFor(path);
  }
  return {
    machine,
    scenarios,
    named,
    profiles,
    browsers,
    seconds,
    runs,
    budgets,
    baseline,
    asked: {
      ...(values.url !== undefined && { url: values.url }),
      ...(values.against !== undefined && { against: values.against }),
      ...(values.baseline !== undefined && { baseline: values.baseline }),
      ...(budgetsFile !== undefined && { budgets: budgetsFile }),
    },
  };
}

/** Budgets may be for more than is played this time: the names of all scenarios are known. */
async function readBudgets(
  path: string,
  played: { readonly scenarios: readonly string[]; readonly profiles: readonly string[] },
): Promise<BudgetFile> {
  const shipped = (await shippedScenarios()).map(({ name }) => name);
  return parseBudgets(await readText(path), basename(path), {
    scenarios: [...new Set([...played.scenarios, ...shipped])],
    profiles: PROFILE_NAMES,
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw refusal(`${path} cannot be read.`, cause);
  }
}

/** @throws RockpoolError where one cannot be written; the others are all the same. */
async function write(values: Values, result: Result, baseline: Result | undefined): Promise<void> {
  const files = [
    [values.json, () => `${JSON.stringify(result, undefined, 2)}\n`],
    [values.junit, () => renderJunit(result)],
    [values.html, () => renderHtml(result, baseline)],
    [values.markdown, () => renderPullRequestComment(result, baseline)],
  ] as const;
  let problem: RockpoolError | undefined;
  for (const [path, render] of files) {
    if (path === undefined) continue;
    await writeFile(path, render()).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      problem ??= refusal(`${path} cannot be written: ${why}`, cause);
    });
  }
  if (problem) throw problem;
}

/** As somebody would type it again. */
function commandOf(args: readonly string[]): string {
  const quoted = args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : JSON.stringify(arg)));
  return ['rockpool bench', ...quoted].join(' ');
}
