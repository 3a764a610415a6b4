import { join } from 'node:path';
import { expect } from 'vitest';
import { writeNativeCalibration } from '../test/support/native-calibration/native-calibration-build.ts';
import { temporaryFolder } from '../test/support/rockpool-process.ts';
import {
  MISSING_LIBRARY,
  MISSING_PACKAGE,
  removeProgram,
  writeBrokenBuilds,
} from './support/broken-builds.ts';
import { describeNative } from './support/describe-native.ts';
import { type RockpoolUnderTest, test as withPlayers } from './support/e2e-test.ts';
import { NATIVE_CALIBRATION } from './support/native-builds.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';
import { health } from './support/server-facts.ts';

/** For the native game that is played here, too, on a busy machine. */
const WINDOW_SECONDS = 30;

const test = withPlayers
  .extend<{ readonly games: string }>({
    /** Folder of the builds. */
    games: [
      // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
      async ({}, use) => {
        const games = temporaryFolder();
        await writeBrokenBuilds(games.path);
        await writeNativeCalibration(join(games.path, NATIVE_CALIBRATION));
        await use(games.path);
        games.remove();
      },
      { scope: 'file' },
    ],
  })
  .extend<{ readonly rockpool: RockpoolUnderTest }>({
    rockpool: [
      async ({ games }, use) =>
        withOwnRockpool(
          {
            ROCKPOOL_SLOTS: '8',
            ROCKPOOL_GAMES: games,
            ROCKPOOL_INSTALL_PACKAGES: 'false',
            ROCKPOOL_WINDOW_SECONDS: String(WINDOW_SECONDS),
          },
          (url, { pid }) => use({ url, pid }),
        ),
      { scope: 'file' },
    ],
  });

/** What a player reads who wanted to play a game and saw none. */
interface Outcome {
  readonly title: string;
  readonly body: string;
  /** What was printed, behind a line that opens it; undefined where there is nothing. */
  readonly printed: string | undefined;
}

async function outcomeOf(player: PlayerPage, gameId: string): Promise<Outcome> {
  await player.visit(`/play/${gameId}`);
  await player.page.waitForSelector('[role="alert"] h2');
  return player.page.$eval('[role="alert"]', (panel) => ({
    title: panel.querySelector('h2')?.textContent ?? '',
    body: panel.querySelector('p')?.textContent ?? '',
    printed: panel.querySelector('pre')?.textContent ?? undefined,
  }));
}

const COULD_NOT_GO_ON = 'The game could not go on';
const NOT_SET_UP = 'This game is not set up here yet';

/** What is read of each build. */
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  vanished: {
    title: COULD_NOT_GO_ON,
    body: expect.stringContaining('The build has no file "game"'),
    printed: undefined,
  },
  foreign: {
    title: COULD_NOT_GO_ON,
    body: expect.stringMatching(
      /^"game" is a program for (arm64|x64), and this machine is (arm64|x64)/,
    ),
    printed: undefined,
  },
  incomplete: {
    title: NOT_SET_UP,
    body: expect.stringContaining(`The game needs ${MISSING_LIBRARY}, which this machine does not`),
    printed: undefined,
  },
  unprepared: {
    title: NOT_SET_UP,
    body: expect.stringContaining(MISSING_PACKAGE),
    printed: expect.stringContaining(`apt-get install --no-install-recommends ${MISSING_PACKAGE}`),
  },
  brief: {
    title: COULD_NOT_GO_ON,
    body: 'The game ended without having shown a window.',
    printed: expect.stringContaining('Nothing to do.'),
  },
  windowless: {
    title: COULD_NOT_GO_ON,
    body: `The game has shown no window after ${WINDOW_SECONDS} seconds.`,
    printed: 'Waiting for a friend.',
  },
};

describeNative('a build', () => {
  test('that shows nothing says why, each in its own words', async ({
    newPlayer,
    rockpool,
    games,
  }) => {
    await removeProgram(games, 'vanished');
    // It takes a while until this one is given up: the others have their turns meanwhile.
    const patient = await newPlayer();
    const last = outcomeOf(patient, 'windowless');
    const player = await newPlayer();
    const outcomes: Record<string, Outcome> = {};
    for (const id of Object.keys(OUTCOMES)) {
      outcomes[id] = await (id === 'windowless' ? last : outcomeOf(player, id));
    }
    expect(outcomes).toEqual(OUTCOMES);
    expect(await health(rockpool.url)).toBe(200);
  });

  test.for([
    ['starts processes without end', 'fork-bomb', /kept starting more than its 32 processes/],
    ['takes memory without end', 'memory-eater', /took more than its 64 MiB of memory/],
  ] as const)(
    'that %s is stopped, and others are played as before',
    async ([, id, reason], { newPlayer, rockpool }) => {
      const bystander = await newPlayer({ stream: SMALL_STREAM });
      await bystander.play(NATIVE_CALIBRATION);
      const { nonce } = await bystander.mark();

      const player = await newPlayer();
      const { title, body } = await outcomeOf(player, id);
      expect(title).toBe(COULD_NOT_GO_ON);
      expect(body).toMatch(reason);
      expect(await health(rockpool.url)).toBe(200);
      await bystander.flip(() => bystander.page.keyboard.press('KeyX'));
      expect((await bystander.mark()).nonce).toBe(nonce);

      await player.visit(`/play/${NATIVE_CALIBRATION}`);
      await player.streaming();
      await player.flip(() => player.page.keyboard.press('KeyX'));
    },
  );
});
