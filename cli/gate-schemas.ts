import { resultJsonSchema } from '../gate/result.ts';
import { scenarioJsonSchema } from '../gate/scenario.ts';
import { budgetsJsonSchema } from '../gate/verdict/budgets.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { say } from './say.ts';

const SCHEMAS: ReadonlyMap<string, () => unknown> = new Map([
  ['budgets', budgetsJsonSchema],
  ['result', resultJsonSchema],
  ['scenario', scenarioJsonSchema],
]);

/**
 * What editors and other programs check the files of the gate by.
 * @throws RockpoolError `bad-configuration` for what has no schema.
 */
export function sayGateSchema(what: string): void {
  const schema = SCHEMAS.get(what);
  if (!schema) {
    const known = [...SCHEMAS.keys()].join(', ');
    throw new RockpoolError(
      'bad-configuration',
      `There is no schema of "${what}": ${known}, or nothing for rockpool.json.`,
    );
  }
  say(JSON.stringify(schema(), undefined, 2));
}
