import { describe, expect } from 'vitest';
import { poolReportSchema } from '../protocol/pool-report.ts';
import { test } from './support/e2e-test.ts';
import { type PlayerPage, SMALL_STREAM } from './support/player-page.ts';

/** Follows a link of the head of the page, as a person does. */
async function goTo({ page }: PlayerPage, name: string): Promise<void> {
  const link = await page.waitForSelector(`::-p-aria([name="${name}"][role="link"])`);
  await link?.click();
}

async function machineNames(url: string): Promise<string[]> {
  const report = poolReportSchema.parse(await (await fetch(`${url}/api/pool`)).json());
  return report.regions.flatMap(({ containers }) => containers.map(({ name }) => name));
}

/** What the totals say, by name. */
function totals({ page }: PlayerPage): Promise<Record<string, string>> {
  return page.$$eval('.totals > div', (entries) =>
    Object.fromEntries(
      entries.map((entry) => [
        entry.querySelector('dt')?.textContent ?? '',
        entry.querySelector('dd')?.textContent ?? '',
      ]),
    ),
  );
}

describe('the pool', () => {
  test('shows the machines, and a game as soon as it is played', async ({
    newPlayer,
    rockpool,
  }) => {
    const visitor = await newPlayer();
    await visitor.visit('/');
    await goTo(visitor, 'Pool');
    await visitor.page.waitForSelector('.machine');
    const names = await visitor.page.$$eval('.machine h3', (all) => all.map((h) => h.textContent));
    expect(names).toEqual(await machineNames(rockpool.url));
    expect(await totals(visitor)).toMatchObject({
      Machines: '1',
      'Games being played': '0',
      'Players waiting': '0',
    });
    expect(await visitor.page.$$eval('.machine tbody tr', (rows) => rows.length)).toBeGreaterThan(
      0,
    );

    const player = await newPlayer({ stream: SMALL_STREAM });
    await player.play('calibration');
    await visitor.page.bringToFront();
    await visitor.page.waitForSelector('::-p-text(1 game being played)');
    expect(await totals(visitor)).toMatchObject({ 'Games being played': '1' });
    expect(visitor.errors).toEqual([]);
  });

  test('opens the encoders of a machine by arrow keys and Enter, and leads back by Escape', async ({
    newPlayer,
  }) => {
    const player = await newPlayer();
    await player.visit('/pool');
    await player.page.waitForSelector('.machine');
    await player.page.keyboard.press('ArrowDown');
    expect(await player.focusedText()).toMatch(/encoder/);
    await player.page.keyboard.press('Enter');
    await player.page.waitForSelector('.machine table', { visible: true });
    await player.page.keyboard.press('Escape');
    await player.page.waitForFunction(() => location.pathname === '/');
  });

  test('says so where the server is not there, and how to try again', async ({ newPlayer }) => {
    const player = await newPlayer();
    await player.page.setRequestInterception(true);
    let away = true;
    player.page.on('request', (request) => {
      if (away && request.url().endsWith('/api/pool')) request.abort();
      else request.continue();
    });
    await player.visit('/pool');
    await player.page.waitForSelector('::-p-text(The pool cannot be seen)');
    away = false;
    await player.page.click('::-p-aria(Try again)');
    await player.page.waitForSelector('.machine');
  });
});

test('the game page tells why it is on this machine, and gives the keyboard back', async ({
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.play('calibration');
  const { containerName = '' } = (await player.snapshot()) ?? {};
  await player.page.$eval('[aria-label="Why this machine?"]', (control) =>
    (control as HTMLElement).click(),
  );
  await player.page.waitForSelector('dialog[open] details[open]');
  const text = await player.page.$eval('dialog[open]', (dialog) => dialog.textContent ?? '');
  expect(text).toContain(`${containerName} was the only machine in the pool.`);
  for (const words of ['Path', 'Load', 'yours', 'You did not have to wait', 'Weights, version']) {
    expect(text).toContain(words);
  }

  // While it is read, keys do not play.
  const sent = (await player.sentInputs()).length;
  await player.page.keyboard.press('KeyX');
  await player.page.keyboard.press('Escape');
  await player.streaming();
  expect(await player.sentInputs()).toHaveLength(sent);
  await player.flip(() => player.page.keyboard.press('KeyX'));
  expect(player.errors).toEqual([]);
});

test('a game that was played is in the history, how it was, and a way to play it again', async ({
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.visit('/');
  await goTo(player, 'History');
  await player.page.waitForSelector('::-p-text(Nothing has been played yet)');

  await player.play('calibration');
  const { containerName = '' } = (await player.snapshot()) ?? {};
  await player.flip(() => player.page.keyboard.press('KeyX'));
  // What is measured by now is told when the game is left.
  await player.page.waitForFunction(() => {
    const { latency, stream } = window.rockpool?.snapshot ?? {};
    return (latency?.total.count ?? 0) > 0 && (stream?.framesPerSecond ?? 0) > 0;
  });
  await player.leave();
  await goTo(player, 'History');
  const row = await player.page.waitForSelector('.played');
  const text = (await row?.evaluate((element) => element.textContent)) ?? '';
  for (const words of ['Calibration', 'just now', containerName, 'You left the game', 'ms p95']) {
    expect(text).toContain(words);
  }
  expect(await player.page.$$('.played')).toHaveLength(1);

  await player.page.click('::-p-aria(Play Calibration again)');
  await player.streaming();
  expect(new URL(player.page.url()).pathname).toBe('/play/calibration');
  await player.page.$eval('[aria-label="Leave the game"]', (control) =>
    (control as HTMLElement).click(),
  );
  // Back to where it was opened from.
  await player.page.waitForFunction(
    () => location.pathname === '/history' && document.querySelectorAll('.played').length === 2,
  );
  expect(player.errors).toEqual([]);
});
