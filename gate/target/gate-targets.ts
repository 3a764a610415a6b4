import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Environment } from '../../protocol/environment.ts';
import type { Target } from '../measure/measure-run.ts';
import { pause } from '../pause.ts';
import type { PlayedSide } from '../run-gate.ts';
import { currentCommit, GitRef } from './git-ref.ts';
import { OwnRockpool, type RockpoolProgram } from './own-rockpool.ts';
import { checkRockpool, parseAddress } from './rockpool-address.ts';

/** What a person says of what is to be played. */
export interface TargetChoice {
  readonly url?: string | undefined;
  readonly against?: string | undefined;
}

interface Belonging {
  close(): Promise<void>;
  kill(): void;
}

/** A session's end is told and done by then, as far as anybody from outside can know. */
const DEPLOYED_REST_MS = 1000;

/** What a gate plays, and all that was started for it. */
export class GateTargets {
  readonly #program: RockpoolProgram;
  readonly #environment: Environment;
  readonly #open: Belonging[] = [];

  /** @param program this command, of which the Rockpools of the gate's own are made. */
  constructor(program: RockpoolProgram, environment: Environment) {
    this.#program = program;
    this.#environment = environment;
  }

  /**
   * @param tell gets a line for what takes long.
   * @throws RockpoolError where an address is none of a Rockpool, a ref is none, or nothing starts.
   */
  async open(
    { url, against }: TargetChoice,
    tell: (line: string) => void,
    signal: AbortSignal,
  ): Promise<{ a?: PlayedSide; b: PlayedSide }> {
    // What may be refused at once is, before anything is built or measured.
    const given = url === undefined ? undefined : await deployed(url);
    const other = against === undefined ? undefined : await this.#other(against);
    const b = given ?? (await this.#own(tell, signal));
    if (other instanceof GitRef) return { a: await this.#built(other, tell, signal), b };
    return { ...(other && { a: other }), b };
  }

  async close(): Promise<void> {
    for (let one = this.#open.pop(); one; one = this.#open.pop()) await one.close();
  }

  /** At once, without waiting: this process is about to exit. */
  kill(): void {
    for (let one = this.#open.pop(); one; one = this.#open.pop()) one.kill();
  }

  async #other(against: string): Promise<PlayedSide | GitRef> {
    return /^https?:/.test(against)
      ? deployed(against)
      : GitRef.find(against, process.cwd(), this.#environment);
  }

  async #own(tell: (line: string) => void, signal: AbortSignal): Promise<PlayedSide> {
    tell('Starting a Rockpool to play on; it measures this machine first…');
    const target = await OwnRockpool.start(
      this.#program,
      withExamples(this.#environment, dirname(dirname(dirname(this.#program.path)))),
      signal,
    );
    this.#open.push(target);
    const commit = await currentCommit(process.cwd());
    return { target, judged: { name: 'this Rockpool', ...(commit && { commit }) } };
  }

  async #built(
    ref: GitRef,
    tell: (line: string) => void,
    signal: AbortSignal,
  ): Promise<PlayedSide> {
    tell(`Building ${ref.name} (${ref.commit.slice(0, 10)}) to compare with…`);
    this.#open.push(ref);
    const { program, environment } = await ref.build(this.#program, signal);
    tell(`Starting ${ref.name}…`);
    const target = await OwnRockpool.start(
      program,
      withExamples(environment, dirname(dirname(dirname(program.path)))),
      signal,
    );
    this.#open.push(target);
    await checkRockpool(target.url);
    return { target, judged: { name: ref.name, commit: ref.commit } };
  }
}

/** The builds that come along are there to be played; whoever names folders gets those alone. */
function withExamples(environment: Environment, root: string): Environment {
  const examples = join(root, 'examples');
  if (environment.ROCKPOOL_GAMES !== undefined || !existsSync(examples)) return environment;
  return { ...environment, ROCKPOOL_GAMES: examples };
}

async function deployed(address: string): Promise<PlayedSide> {
  const url = parseAddress(address);
  await checkRockpool(url);
  const target: Target = {
    url,
    workers: async () => [],
    rest: (signal) => pause(DEPLOYED_REST_MS, signal),
  };
  return { target, judged: { name: url.origin, url: url.origin } };
}
