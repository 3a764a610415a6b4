#!/usr/bin/env node
import { parseArgs } from 'node:util';
import type { Environment } from '../protocol/environment.ts';
import { RockpoolError } from '../protocol/errors.ts';
import { readOneBuild, sayManifestSchema } from './build-checks.ts';
import type { TokenOptions } from './join-token-commands.ts';
import { runUntilStopped } from './lifecycle.ts';
import { orUsage } from './options.ts';

const USAGE = `Usage: rockpool COMMAND

  up                      signaling and one container on this machine
  signaling               the control plane alone
  container --join URL --token TOKEN
                          one container that joins the pool at URL
  run FOLDER              plays the build in FOLDER at once
      --watch             starts it anew when a file of it changes
      --open              opens its page in a browser
  check PATH              says what is in a folder or archive, what is wrong with it, and what its
                          rockpool.json might be; exits with 0 where it can be played as it is,
                          1 where something is to be done, 2 where nothing could be checked
      --json              prints a report for programs instead, a line for each build
      --write             writes the rockpool.json that is proposed
  publish PATH --game ID  uploads a folder or archive as a build of a studio's game; exits with 0 where
                          that worked, 1 where the build is not fit for it, 2 where it could not be
                          published; the token of the studio: --token or ROCKPOOL_TOKEN
      --channel NAME      waits until it is ready, and releases it there
      --wait              waits until it is checked and tried out
      --accept-proposal   takes what is proposed where it has no rockpool.json
      --label TEXT        such as a revision
      --url URL           where Rockpool is; ROCKPOOL_URL, http://localhost:8080
      --json              prints the result for programs
  schema [WHAT]           prints the JSON Schema of rockpool.json, or of bench's files: budgets,
                          result or scenario
  token issue --name NAME a join token for a machine of somebody's, beside that of the pool
      --expires 30d       from then on no machine joins with it
      --once              for the machine alone that joins with it first
  token list              the tokens issued, and the machines that joined with them
  token revoke ID         ends it, and the connections of machines that joined with it
      --url URL           where signaling is, if not where this machine's settings say
  bench                   plays games in a real browser over defined networks and tells how they
                          were, or which budget failed: rockpool bench --help
  record --game GAME      records what you do in a game as a scenario of bench: --help says more
  studio sign-in-link     prints a link that lets somebody into the studio, once
      --person NAME       whom, where there are several; --url as above

Settings come from the environment: see docs/configuration.md.
`;

const LOOKING: ReadonlySet<string> = new Set(['check', 'publish', 'bench', 'record']);

/** @throws RockpoolError `bad-configuration` for an option that there is not, or one without its value. */
function readArguments() {
  const parse = () =>
    parseArgs({
      allowPositionals: true,
      options: {
        join: { type: 'string' },
        token: { type: 'string' },
        watch: { type: 'boolean', default: false },
        open: { type: 'boolean', default: false },
        name: { type: 'string' },
        expires: { type: 'string' },
        once: { type: 'boolean', default: false },
        url: { type: 'string' },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        person: { type: 'string' },
        game: { type: 'string' },
        channel: { type: 'string' },
        wait: { type: 'boolean', default: false },
        'accept-proposal': { type: 'boolean', default: false },
        label: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  return orUsage(USAGE, parse);
}

/** Commands with options of their own, each told the exit code by what it does. */
const OWN_OPTIONS: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  bench: async (args) => {
    const { runBench } = await import('./bench.ts');
    return runBench(args, process.env);
  },
  record: async (args) => {
    const { runRecord } = await import('./record.ts');
    return runRecord(args);
  },
};

/** Reads the command line; what it says about joining goes into the environment it stands for. */
async function main(): Promise<void> {
  const [first = '', ...rest] = process.argv.slice(2);
  const own = OWN_OPTIONS[first];
  if (own) {
    process.exitCode = await own(rest);
    return;
  }
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
  // What a command does not need is not loaded: a check is over in a moment.
  switch (command) {
    case 'up': {
      const { startUp } = await import('./commands.ts');
      return runUntilStopped((...stopping) => startUp(environment, ...stopping));
    }
    case 'signaling': {
      const { startSignalingCommand } = await import('./commands.ts');
      return runUntilStopped(() => startSignalingCommand(environment));
    }
    case 'container': {
      const { startContainerCommand } = await import('./commands.ts');
      return runUntilStopped((...stopping) => startContainerCommand(environment, ...stopping));
    }
    case 'run': {
      const build = await readOneBuild(folderOf(positionals));
      const { startRun } = await import('./run-build.ts');
      const { watch, open } = values;
      return runUntilStopped((...stopping) =>
        startRun(build, { watch, open }, environment, ...stopping),
      );
    }
    case 'check': {
      const { runCheck } = await import('./check-build.ts');
      const { json, write } = values;
      process.exitCode = await runCheck(folderOf(positionals), { json, write });
      return;
    }
    case 'publish': {
      const { runPublish } = await import('./publish-build.ts');
      const options = { ...values, acceptProposal: values['accept-proposal'] };
      process.exitCode = await runPublish(folderOf(positionals), options, process.env);
      return;
    }
    case 'schema': {
      const [, what] = positionals;
      if (what === undefined) return sayManifestSchema();
      const { sayGateSchema } = await import('./gate-schemas.ts');
      return sayGateSchema(what);
    }
    case 'token':
      return manageTokens(positionals, environment, values);
    case 'studio': {
      if (positionals[1] !== 'sign-in-link') break;
      const { saySignInLink } = await import('./studio-sign-in-link.ts');
      return saySignInLink(environment, values);
    }
    default:
      break;
  }
  throw new RockpoolError(
    'bad-configuration',
    `There is no command "${positionals.join(' ')}".\n\n${USAGE}`,
  );
}

async function manageTokens(
  [, verb, tokenId]: readonly string[],
  environment: Environment,
  options: TokenOptions,
): Promise<void> {
  const { issueToken, listTokens, revokeToken } = await import('./join-token-commands.ts');
  if (verb === 'issue') return issueToken(environment, options);
  if (verb === 'list') return listTokens(environment, options);
  if (verb === 'revoke') return revokeToken(environment, tokenId, options);
  throw new RockpoolError(
    'bad-configuration',
    `rockpool token takes issue, list or revoke.\n\n${USAGE}`,
  );
}

function folderOf([command, folder]: readonly string[]): string {
  if (folder !== undefined) return folder;
  throw new RockpoolError(
    'bad-configuration',
    `rockpool ${command} needs the folder of a build.\n\n${USAGE}`,
  );
}

main().catch((error: unknown) => {
  // A RockpoolError is a sentence for the person at the terminal; anything else is a defect.
  console.error(error instanceof RockpoolError ? error.message : error);
  // What looks and finds something wrong exits with 1; what could not look, with 2.
  process.exit(LOOKING.has(process.argv[2] ?? '') ? 2 : 1);
});
