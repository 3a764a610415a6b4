import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { recordScenario } from '../gate/record/record-scenario.ts';
import { browserNameSchema } from '../gate/result.ts';
import { gameIdSchema } from '../protocol/ids.ts';
import { makeRoomFor, numberOf, oneOf, orUsage, refusal, STOP_SIGNALS } from './options.ts';
import { say } from './say.ts';

const RECORD_USAGE = `Usage: rockpool record --url URL --game GAME [OPTION…]

Opens a game in a browser and notes what you do in it, as a scenario that rockpool bench replays.
Close the window, or press Ctrl+C here, when it is enough.

  --url URL        where Rockpool runs
  --game GAME      what is played, by its id
  --out FILE       the scenario's file; GAME.scenario.json where left out
  --browser NAME   chromium or firefox; chromium where left out
  --seconds N      ends it by itself after so long
  --headless       shows no window: for a game that a program plays
`;

/** @throws RockpoolError `bad-configuration` for an option that there is not, or one without its value. */
function readArguments(args: readonly string[]) {
  const one = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const parse = () =>
    parseArgs({
      args: [...args],
      options: {
        url: one,
        game: one,
        out: one,
        browser: one,
        seconds: one,
        headless: flag,
        help: { ...flag, short: 'h' },
      },
    });
  return orUsage(RECORD_USAGE, parse).values;
}

/**
 * `rockpool record`.
 * @returns the exit code.
 * @throws RockpoolError for what cannot be recorded: the exit code is 2 then.
 */
export async function runRecord(args: readonly string[]): Promise<0> {
  const { url, game, out, browser = 'chromium', seconds, headless, help } = readArguments(args);
  if (help) {
    process.stdout.write(RECORD_USAGE);
    return 0;
  }
  if (url === undefined || game === undefined) {
    throw refusal(`rockpool record needs --url and --game.\n\n${RECORD_USAGE}`);
  }
  if (!gameIdSchema.safeParse(game).success) throw refusal(`--game ${game} is no id of a game.`);
  const name = oneOf(browserNameSchema.options, browser, '--browser');
  const limitS = numberOf(seconds, '--seconds', 1, 3600);
  const path = out ?? `${game}.scenario.json`;
  await makeRoomFor(path);
  const abort = new AbortController();
  // A process that a signal ends takes no browser along; one that exits does.
  const stop = () => {
    if (abort.signal.aborted) process.exit(2);
    abort.abort();
  };
  for (const signal of STOP_SIGNALS) process.on(signal, stop);
  try {
    const { scenario, untold } = await recordScenario(
      { url, game, browser: name, visible: !headless, seconds: limitS },
      say,
      abort.signal,
    );
    await writeFile(path, `${JSON.stringify(scenario, undefined, 2)}\n`).catch((cause: unknown) => {
      throw refusal(`${path} cannot be written.`, cause);
    });
    for (const device of untold) say(`Not noted, because no browser can replay it: ${device}.`);
    const count = scenario.input.kind === 'recorded' ? scenario.input.events.length : 0;
    say(
      `Wrote ${path}: ${count} events. Play it: rockpool bench --url ${url} --scenario ./${path}`,
    );
    return 0;
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, stop);
  }
}
