import { expect } from 'vitest';
import { channelsSchema } from '../protocol/studio-releases.ts';
import { findBrowser } from '../renderer/web/web-program.ts';
import { describeNative } from './support/describe-native.ts';
import { test as base } from './support/e2e-test.ts';
import { fill } from './support/fill.ts';
import { heldAnswers } from './support/held-answers.ts';
import { overflow } from './support/overflow.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';
import { press } from './support/press.ts';
import { sees } from './support/sees.ts';
import { seriousProblems } from './support/serious-problems.ts';
import { smallPicture } from './support/small-picture.ts';
import {
  GAME,
  LUMAS,
  STUDIO,
  type StudioRockpool,
  withStudioRockpool,
} from './support/studio-rockpool.ts';
import { visitAs } from './support/visit-as.ts';

const test = base.extend<{ readonly rockpool: StudioRockpool }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
  rockpool: [async ({}, use) => withStudioRockpool(use), { scope: 'file' }],
});

const webBrowser = await findBrowser();
const why = webBrowser ? '' : ' (needs Chromium)';
const CHANNELS = `/studios/${STUDIO}/games/${GAME}/channels`;
const PHONE = { width: 390, height: 844, hasTouch: true, isMobile: true };

async function release({ ada }: StudioRockpool, channel: string, buildNumber: number) {
  return channelsSchema.parse(await ada.must('POST', `${CHANNELS}/${channel}`, { buildNumber }));
}

/** Waits until the picture is that of a build. */
async function shows(player: PlayerPage, build: 1 | 2): Promise<void> {
  const luma = async () => {
    const picture = await smallPicture(player);
    return picture.reduce((sum, one) => sum + one, 0) / picture.length;
  };
  const expected = LUMAS[build - 1] ?? 0;
  await expect
    .poll(async () => Math.abs((await luma()) - expected), { interval: 200 })
    .toBeLessThan(40);
  // What the worker says of the game may come after the first picture.
  const title = async () => (await player.snapshot())?.game?.title;
  await expect.poll(title).toBe(`Pond ${build}`);
}

/** Waits until a release has been made, which its form announces in the same words before. */
async function isDone({ page }: PlayerPage, text: string): Promise<void> {
  await page.waitForSelector(`.studio-undo ::-p-text(${text})`);
}

/** Ada's browser at what is released of the game. */
async function atReleases(player: PlayerPage, { ada }: StudioRockpool): Promise<void> {
  await visitAs(player, ada, `/studio/${STUDIO}/games/${GAME}?tab=releases`);
  await sees(player, 'Release a build');
}

describeNative("a studio's release", () => {
  test.skipIf(!webBrowser)(
    `is played by who comes, while who plays keeps their build${why}`,
    async ({ rockpool, newPlayer }) => {
      await release(rockpool, 'live', 1);
      const one = await newPlayer({ stream: SMALL_STREAM });
      await one.visit('/');
      await one.page.locator(`::-p-aria([name="Play Pond 1"][role="link"])`).click();
      await one.streaming();
      await shows(one, 1);
      const sessionId = await one.sessionId();
      await release(rockpool, 'live', 2);
      const two = await newPlayer({ stream: SMALL_STREAM });
      await two.play(GAME);
      await shows(two, 2);
      await two.leave();
      await one.page.reload();
      await one.streaming();
      await shows(one, 1);
      expect(await one.sessionId()).toBe(sessionId);
      await one.leave();
      await rockpool.ada.must('POST', `${CHANNELS}/live/roll-back`, {});
      const three = await newPlayer({ stream: SMALL_STREAM });
      await three.play(GAME);
      await shows(three, 1);
      expect([...one.errors, ...two.errors, ...three.errors]).toEqual([]);
    },
  );

  test.skipIf(!webBrowser)(
    `is made on the page, played by its link, and taken back${why}`,
    async ({ rockpool, newPlayer }) => {
      await release(rockpool, 'live', 1);
      const ada = await newPlayer();
      await atReleases(ada, rockpool);
      const { page } = ada;
      await page.select('.release-choices select', '2');
      await page.select('.release-choices > :nth-child(2) select', '');
      await fill(ada, 'Name of the channel', 'beta');
      await press(ada, 'Release');
      await isDone(ada, 'beta: All players get build 2.');
      const field = await page.waitForSelector('::-p-aria([name="Link to beta"][role="textbox"])');
      const link = (await field?.evaluate((input) => (input as HTMLInputElement).value)) ?? '';
      const player = await newPlayer({ stream: SMALL_STREAM });
      await player.visit(link);
      await player.streaming();
      await shows(player, 2);
      // What everybody plays is asked about once more.
      await page.select('.release-choices select', '2');
      await page.select('.release-choices > :nth-child(2) select', 'live');
      await page.select('.release-choices > :nth-child(3) select', '10');
      await press(ada, 'Release');
      await press(ada, 'Really give 10 % of the players build 2?');
      await isDone(ada, 'live: 10 % of the players get build 2, the others build 1.');
      expect(await seriousProblems(ada)).toEqual([]);
      await press(ada, '25 %');
      await isDone(ada, 'live: 25 % of the players get build 2, the others build 1.');
      const answers = await heldAnswers(ada, (path) => path.endsWith('/channels/live/roll-back'));
      await press(ada, 'Undo');
      await answers.asked;
      // A press on what takes none now would be lost without a word: it is seen that it takes none.
      await page
        .locator('[aria-label="Roll back to build 1 on live"][aria-disabled="true"]')
        .click();
      await answers.release();
      await isDone(ada, 'live: 10 % of the players get build 2, the others build 1.');
      await press(ada, 'Roll back to build 1 on live');
      await press(ada, 'Give live build 1 again? on live');
      await isDone(ada, 'live: All players get build 1.');
      await page.setViewport(PHONE);
      expect(await overflow(ada)).toBe(0);
      expect(await seriousProblems(ada)).toEqual([]);
      expect([...ada.errors, ...player.errors]).toEqual([]);
    },
  );
});
