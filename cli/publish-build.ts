import { RockpoolError } from '../protocol/errors.ts';
import { gameIdSchema } from '../protocol/ids.ts';
import { ACCESS_TOKEN_PREFIX } from '../protocol/studio-access.ts';
import {
  type BuildDetails,
  type BuildListing,
  channelSchema,
  SETTLED_STATES,
} from '../protocol/studio-builds.ts';
import { archiveDigest, openArchive } from './archive-source.ts';
import { refusal } from './options.ts';
import { ProgressLine } from './progress-line.ts';
import { sendArchive } from './publish-upload.ts';
import { say } from './say.ts';
import { StudioClient } from './studio-client.ts';

/** What is given to `rockpool publish`. */
export interface PublishOptions {
  readonly game?: string | undefined;
  /** To release it on when it is ready; undefined: it is released by a person. */
  readonly channel?: string | undefined;
  /** For the check and the try-out. */
  readonly wait: boolean;
  /** Takes what is proposed for a `rockpool.json` where there is none. */
  readonly acceptProposal: boolean;
  readonly label?: string | undefined;
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly json: boolean;
}

const DEFAULT_URL = 'http://localhost:8080';
const ASK_EVERY_MS = 1_000;
/** A build that waits longer for a machine waits for somebody to add one. */
const WAIT_LIMIT_MS = 30 * 60_000;

/** What is printed with `--json`. */
interface PublishResult {
  readonly game: string;
  readonly build: number;
  readonly state: BuildListing['state'];
  readonly stateDetail: string;
  /** Whether the same archive had been uploaded before. */
  readonly again: boolean;
  readonly channel: string | null;
  readonly problems: readonly string[];
  readonly page: string;
}

/**
 * Uploads a folder or archive as a build, and waits for it, confirms and releases it as told.
 * @returns the exit code: 0 where all that was asked for is done, 1 where the build is not fit for it.
 * @throws RockpoolError where it could not be published.
 */
export async function runPublish(
  path: string,
  options: PublishOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<0 | 1> {
  const { url, token, game, channel } = checkOptions(options, environment);
  const progress = new ProgressLine();
  const source = await openArchive(path);
  const client = await StudioClient.open(url, token, game);
  const sha256 = await archiveDigest(source);
  const known = await client.recognise(sha256);
  const label = options.label ?? '';
  let build: BuildListing;
  if (known) {
    progress.say(`The same archive is build ${known.number} already: nothing is sent.`);
    build = known;
  } else {
    const open = (await client.uploads()).find(({ fingerprint }) => fingerprint === sha256);
    if (open)
      progress.say(`Going on with an upload of which ${open.receivedBytes} bytes are there.`);
    const uploadId = await sendArchive({
      source,
      client,
      fingerprint: sha256,
      uploadId: open?.uploadId,
      onProgress: (sent) => progress.show(sent, source.bytes),
    });
    build = await finish(client, { uploadId, sha256, label });
    progress.say(`It is build ${build.number} of ${game}.`);
  }
  let details = await client.build(build.number);
  if (options.wait || options.acceptProposal || channel !== undefined) {
    details = await follow(client, details, options, progress);
  }
  let released: string | null = null;
  if (channel !== undefined && details.state === 'ready') {
    await client.release(details.number, channel);
    released = channel;
    progress.say(`Released on ${channel}.`);
  }
  tell(resultOf(client, details, known !== null, released), options, progress);
  return isDone(details, options) ? 0 : 1;
}

function checkOptions(
  options: PublishOptions,
  environment: Readonly<Record<string, string | undefined>>,
) {
  const token = options.token ?? environment.ROCKPOOL_TOKEN ?? '';
  if (!token.startsWith(ACCESS_TOKEN_PREFIX)) {
    throw refusal(
      'An access token of the studio is needed: --token or ROCKPOOL_TOKEN. It begins with rp_, and is made on the studio’s page.',
    );
  }
  const game = gameIdSchema.safeParse(options.game);
  if (!game.success) throw refusal('Name the game: --game my-game, as it is called in addresses.');
  const channel = channelSchema.optional().safeParse(options.channel);
  if (!channel.success) {
    throw refusal('A channel is called in lower-case letters, digits and dashes, such as beta.');
  }
  const url = (options.url ?? environment.ROCKPOOL_URL ?? DEFAULT_URL).replace(/\/+$/, '');
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw refusal(`${url} is no address such as https://play.example.org.`);
  }
  return { token, game: game.data, channel: channel.data, url };
}

/** Has an upload that is all there become a build. */
export async function finish(
  client: StudioClient,
  upload: Parameters<StudioClient['finishUpload']>[0],
): Promise<BuildListing> {
  for (;;) {
    const answer = await client.finishUpload(upload);
    if (answer.state === 'accepted') return answer.build;
  }
}

/** Until nothing more happens by itself. */
async function follow(
  client: StudioClient,
  first: BuildDetails,
  { acceptProposal, wait, channel }: PublishOptions,
  progress: ProgressLine,
): Promise<BuildDetails> {
  const untilMs = performance.now() + WAIT_LIMIT_MS;
  let details = first;
  let said = '';
  while (performance.now() < untilMs) {
    if (details.state === 'unconfirmed' && acceptProposal && details.report?.proposal) {
      const { id: _, ...manifest } = details.report.proposal.manifest;
      progress.say(`Taken for ${details.report.proposal.kind}.`);
      await client.confirm(details.number, { manifest });
    } else if (SETTLED_STATES.has(details.state)) return details;
    else if (details.state === 'trying' && !wait && channel === undefined) return details;
    else if (details.stateDetail !== said) {
      said = details.stateDetail;
      progress.say(said);
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    details = await client.build(details.number).catch((thrown: unknown) => {
      // A server that starts anew is asked again.
      if (thrown instanceof RockpoolError && thrown.code === 'timeout') return details;
      throw thrown;
    });
  }
  return details;
}

function isDone({ state }: BuildDetails, { wait, channel, acceptProposal }: PublishOptions) {
  if (wait || channel !== undefined) return state === 'ready';
  if (acceptProposal) return state === 'ready' || state === 'trying';
  return state !== 'refused' && state !== 'failed';
}

function resultOf(
  client: StudioClient,
  { number, state, stateDetail, report, tryOut }: BuildDetails,
  again: boolean,
  channel: string | null,
): PublishResult {
  const problems = [
    ...(report?.problems ?? []).map(({ path, what, remedy }) =>
      [path === undefined ? '' : `${path}:`, what, remedy].filter((part) => part !== '').join(' '),
    ),
    ...(tryOut?.problem ? [tryOut.problem] : []),
  ];
  const { gameId: game, page } = client;
  return { game, build: number, state, stateDetail, again, channel, problems, page };
}

function tell(result: PublishResult, { json }: PublishOptions, progress: ProgressLine): void {
  if (json) {
    say(JSON.stringify(result));
    return;
  }
  for (const problem of result.problems) progress.say(`  ${problem}`);
  say(`Build ${result.build} of ${result.game}: ${result.state}. ${result.stateDetail}`);
  say(result.page);
}
