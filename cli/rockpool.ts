#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { RockpoolError } from '../protocol/errors.ts';
import { startContainerCommand, startSignalingCommand, startUp } from './commands.ts';
import { runUntilStopped } from './lifecycle.ts';

const USAGE = `Usage: rockpool COMMAND

  up                      signaling and one container on this machine
  signaling               the control plane alone
  container --join URL --token TOKEN
                          one container that joins the pool at URL

Settings come from the environment: see docs/configuration.md.
`;

/** @throws RockpoolError `bad-configuration` for an option that there is not, or one without its value. */
function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        join: { type: 'string' },
        token: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new RockpoolError('bad-configuration', `${problem}\n\n${USAGE}`, { cause });
  }
}

/** Reads the command line; what it says about joining goes into the environment it stands for. */
async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const command = positionals[0];
  if (values.help || command === undefined) {
    process.stdout.write(USAGE);
    process.exitCode = values.help ? 0 : 1;
    return;
  }
  const environment = {
    ...process.env,
    ...(values.join ? { ROCKPOOL_SIGNALING_URL: values.join } : {}),
    ...(values.token ? { ROCKPOOL_JOIN_TOKEN: values.token } : {}),
  };
  if (command === 'up') await runUntilStopped((...stopping) => startUp(environment, ...stopping));
  else if (command === 'signaling') await runUntilStopped(() => startSignalingCommand(environment));
  else if (command === 'container') {
    await runUntilStopped((...stopping) => startContainerCommand(environment, ...stopping));
  } else {
    throw new RockpoolError('bad-configuration', `There is no command "${command}".\n\n${USAGE}`);
  }
}

main().catch((error: unknown) => {
  // A RockpoolError is a sentence for the person at the terminal; anything else is a defect.
  console.error(error instanceof RockpoolError ? error.message : error);
  process.exit(1);
});
