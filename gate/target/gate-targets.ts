import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../protocol/environment.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { Target } from '../measure/measure-run.ts';
import { pause } from '../pause.ts';
import type { PlayedSide } from '../run-gate.ts';
import { currentCommit, GitRef } from './git-ref.ts';
import { OwnRockpool, type RockpoolProgram, rootOf } from './own-rockpool.ts';
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

const IS_ADDRESS = /^https?:/;

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
    const { other, judged } = sidesOf(against, url);
    const given = url === undefined ? undefined : await deployed(url);
    const theirs = other === undefined ? undefined : await this.#find(other);
    const ours = judged === undefined ? given : await this.#find(judged);
    const b = ours ? await this.#start(ours, tell, signal) : await this.#own(tell, signal);
    return { ...(theirs && { a: await this.#start(theirs, tell, signal) }), b };
  }

  async close(): Promise<void> {
    for (let one = this.#open.pop(); one; one = this.#open.pop()) await one.close();
  }

  /** At once, without waiting: this process is about to exit. */
  kill(): void {
    for (let one = this.#open.pop(); one; one = this.#open.pop()) one.kill();
  }

  async #find(what: string): Promise<PlayedSide | GitRef> {
    return IS_ADDRESS.test(what)
      ? deployed(what)
      : GitRef.find(what, process.cwd(), this.#environment);
  }

  async #start(
    found: PlayedSide | GitRef,
    tell: (line: string) => void,
    signal: AbortSignal,
  ): Promise<PlayedSide> {
    return found instanceof GitRef ? this.#built(found, tell, signal) : found;
  }

  async #own(tell: (line: string) => void, signal: AbortSignal): Promise<PlayedSide> {
    tell('Starting a Rockpool to play on; it measures this machine first…');
    const target = await OwnRockpool.start(
      this.#program,
      withExamples(this.#environment, rootOf(this.#program)),
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
    this.#open.push(ref);
    const { program, environment } = await ref.build(this.#program, tell, signal);
    tell(`Starting ${ref.name}…`);
    const target = await OwnRockpool.start(
      program,
      withExamples(environment, rootOf(program)),
      signal,
    );
    this.#open.push(target);
    await checkRockpool(target.url, ref.name);
    return { target, judged: { name: ref.name, commit: ref.commit } };
  }
}

/** What is compared with, and what is judged where that is said with it: two refs, as git has them. */
function sidesOf(
  against: string | undefined,
  url: string | undefined,
): { readonly other?: string; readonly judged?: string } {
  if (against === undefined) return {};
  const [, other, judged] = IS_ADDRESS.test(against) ? [] : (/^(.+)\.\.(.+)$/.exec(against) ?? []);
  if (other === undefined || judged === undefined) return { other: against };
  if (url === undefined) return { other, judged };
  throw new RockpoolError(
    'bad-configuration',
    `--against ${against} names both sides, so there is nothing for --url ${url} to be. Leave one out.`,
  );
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
