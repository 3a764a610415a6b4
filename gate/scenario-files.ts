import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { RockpoolError } from '../protocol/errors.ts';
import { parseJson } from './json-text.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';

/** Those that come along: beside this module, compiled or not. */
const SHIPPED = new URL('./scenarios/', import.meta.url);

/** In the order in which they are measured: the plainest first. */
const ORDER = ['calibration', 'skimmer', 'freedoom', 'web'];

/** The scenarios that come along. */
export async function shippedScenarios(): Promise<Scenario[]> {
  const files = (await readdir(SHIPPED)).filter((file) => file.endsWith('.json'));
  const scenarios = await Promise.all(
    files.map(async (file) => parseScenario(await readFile(new URL(file, SHIPPED), 'utf8'), file)),
  );
  const rank = ({ name }: Scenario) => {
    const index = ORDER.indexOf(name);
    return index < 0 ? ORDER.length : index;
  };
  return scenarios.toSorted((one, other) => rank(one) - rank(other));
}

/**
 * @param asked names of scenarios that come along, and paths of others.
 * @throws RockpoolError `bad-configuration` that says which there are, or what is wrong with a file.
 */
export async function readScenarios(asked: readonly string[]): Promise<Scenario[]> {
  const shipped = await shippedScenarios();
  const scenarios = await Promise.all(asked.map((name) => readScenario(name, shipped)));
  const names = scenarios.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return scenarios;
  throw problem(`Two scenarios are named ${twice}: their figures could not be told apart.`);
}

async function readScenario(asked: string, shipped: readonly Scenario[]): Promise<Scenario> {
  const known = shipped.find(({ name }) => name === asked);
  if (known) return known;
  const names = shipped.map(({ name }) => name).join(', ');
  if (!/[./\\]/.test(asked)) {
    throw problem(`There is no scenario "${asked}": ${names}, or the path of a scenario's file.`);
  }
  let text: string;
  try {
    text = await readFile(asked, 'utf8');
  } catch (cause) {
    throw problem(`There is no scenario's file ${asked}. Those that come along: ${names}.`, cause);
  }
  return parseScenario(text, asked);
}

/** @throws RockpoolError `bad-configuration` with everything that is wrong with it. */
export function parseScenario(text: string, path: string): Scenario {
  const name = basename(path);
  const parsed = scenarioSchema.safeParse(parseJson(text, name));
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path: at, message }) => {
    const where = at.length > 0 ? at.join('.') : 'scenario';
    return `  ${where}: ${message}`;
  });
  throw problem(`${name} is no scenario:\n${lines.join('\n')}`);
}

function problem(message: string, cause?: unknown): RockpoolError {
  return new RockpoolError('bad-configuration', message, { cause });
}
