import { expect } from 'vitest';
import { RockpoolProcess, temporaryFolder } from '../test/support/rockpool-process.ts';
import { test as base, type RockpoolUnderTest } from './support/e2e-test.ts';
import { fill } from './support/fill.ts';
import { overflow } from './support/overflow.ts';
import type { PlayerPage } from './support/player-page.ts';
import { press } from './support/press.ts';
import { sees } from './support/sees.ts';
import { seriousProblems } from './support/serious-problems.ts';
import { addVirtualAuthenticator } from './support/virtual-authenticator.ts';

interface StudiosRockpool extends RockpoolUnderTest {
  /** As it was printed at the first start. */
  readonly signInLink: string;
  /** Runs `rockpool studio sign-in-link` on the same machine. @returns what it printed. */
  readonly signInLinkFor: (person: string) => Promise<string>;
}

/** Studios need no container. */
const test = base.extend<{ readonly rockpool: StudiosRockpool }>({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => {
      const data = temporaryFolder();
      const environment = { ROCKPOOL_PORT: '0', ROCKPOOL_DATA: data.path };
      const rockpool = new RockpoolProcess(['signaling'], environment);
      const url = await rockpool.ready();
      const [, signInLink = ''] = await rockpool.printed(/Studio, for its owner, .*: (\S+)/);
      const signInLinkFor = async (person: string) => {
        const args = ['studio', 'sign-in-link', '--person', person, '--url', url];
        const command = new RockpoolProcess(args, environment);
        await command.exited;
        return command.output;
      };
      await use({ url, pid: rockpool.pid, signInLink, signInLinkFor });
      await rockpool.stop();
      data.remove();
    },
    { scope: 'file' },
  ],
});

const PHONE = { width: 360, height: 740, hasTouch: true, isMobile: true };

/** What stands in a field that is there to be copied. */
async function fieldOf({ page }: PlayerPage, label: string): Promise<string> {
  const field = await page.waitForSelector(`::-p-aria([name="${label}"][role="textbox"])`);
  return (await field?.evaluate((element) => (element as HTMLInputElement).value)) ?? '';
}

/** Says yes to a button that asks once. */
async function confirm(player: PlayerPage, button: string, question: string): Promise<void> {
  await press(player, button);
  await press(player, question);
}

const INVITATION = 'Invitation: for one person, once, within 7 days';

async function invite(owner: PlayerPage, role: string): Promise<string> {
  await owner.page.waitForSelector('.studio-part select');
  await owner.page.select('.studio-part select', role);
  const field = '.studio-copy input';
  const before = await owner.page.$$eval(field, ([one]) => (one as HTMLInputElement)?.value);
  await press(owner, 'Make a link');
  await owner.page.waitForFunction(
    (selector, old) => {
      const link = document.querySelector<HTMLInputElement>(selector)?.value;
      return link !== undefined && link !== old;
    },
    {},
    field,
    before,
  );
  return fieldOf(owner, INVITATION);
}

/** What the operator's command prints for somebody. */
async function linkFor(rockpool: StudiosRockpool, person: string): Promise<string> {
  return /(http:\S+#\S+)/.exec(await rockpool.signInLinkFor(person))?.[1] ?? '';
}

test('an owner comes in by the printed link, and back by passkey; a developer by invitation, a viewer to look', async ({
  newPlayer,
  rockpool,
}) => {
  const owner = await newPlayer();
  await addVirtualAuthenticator(owner.page);
  await owner.visit(rockpool.signInLink);
  await sees(owner, 'Welcome to your Rockpool');
  // Neither the address bar nor the history of this browser keeps the code.
  expect(owner.page.url()).toBe(`${rockpool.url}/studio`);
  expect(await seriousProblems(owner)).toEqual([]);
  await fill(owner, 'Your name', 'Ada');
  await fill(owner, 'Name of the studio', 'Tidal Games');
  await press(owner, 'Begin');
  await sees(owner, 'You have none');
  expect(owner.page.url()).toBe(`${rockpool.url}/studio/tidal-games`);

  await press(owner, 'Add a passkey');
  await fill(owner, 'Name, to know it by', 'Laptop');
  await press(owner, 'Go on');
  await sees(owner, 'Laptop');
  await press(owner, 'Rename Laptop');
  await fill(owner, 'A new name for Laptop', 'Old laptop');
  await press(owner, 'Save');
  await owner.page.waitForSelector('::-p-aria([name="Rename Old laptop"][role="button"])');
  await press(owner, 'Sign out');
  await press(owner, 'Sign in with a passkey');
  await sees(owner, 'Tidal Games');
  await sees(owner, 'Members');

  const developer = await newPlayer({ viewport: PHONE });
  await developer.visit(await invite(owner, 'developer'));
  await sees(developer, 'Join Tidal Games');
  await fill(developer, 'Your name', 'Bob');
  await press(developer, 'Join');
  await sees(developer, 'developer');
  expect(await overflow(developer)).toBe(0);
  expect(await seriousProblems(developer)).toEqual([]);

  await press(developer, 'New token');
  await fill(developer, 'What it is for', 'CI');
  expect(await seriousProblems(developer)).toEqual([]);
  await press(developer, 'Make the token');
  const token = await fieldOf(developer, 'The token');
  expect(token).toMatch(/^rp_/);
  expect(await overflow(developer)).toBe(0);
  await press(developer, 'Done');
  const session = async () => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${rockpool.url}/api/studio/session`, { headers })).json();
  };
  expect(await session()).toMatchObject({ signedIn: true, name: 'Bob' });
  await developer.page.reload();
  await sees(developer, 'last used');
  await confirm(developer, 'Revoke CI', 'Really revoke? CI');
  await sees(developer, 'There is none yet');
  expect(await session()).toEqual({ signedIn: false });

  const viewer = await newPlayer();
  await viewer.visit(await invite(owner, 'viewer'));
  await fill(viewer, 'Your name', 'Vera');
  await press(viewer, 'Join');
  await sees(viewer, 'viewer');
  await viewer.page.waitForSelector('::-p-aria([name="Leave the studio"][role="button"])');
  const offered = await viewer.page.$$eval('main button', (buttons) =>
    buttons.map((button) => button.getAttribute('aria-label') ?? button.textContent),
  );
  expect(offered).toEqual([
    'Leave the studio',
    'Sign out',
    'Add a passkey',
    'Sign out everywhere on all devices',
  ]);
  const wish = { name: 'Mine', scopes: ['builds:read'], lifetimeDays: null };
  const refused = await viewer.page.evaluate(async (body) => {
    const response = await fetch('/api/studio/studios/tidal-games/tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.status;
  }, wish);
  expect(refused).toBe(403);

  // The owner removes them, and takes it back.
  await owner.page.reload();
  await press(owner, 'Remove Vera');
  await sees(owner, 'Vera is not in the studio any more');
  await press(owner, 'Undo');
  await owner.page.waitForSelector('::-p-aria([name="Remove Vera"][role="button"])');
  for (const deed of ['put Vera back', 'revoked the access token CI', 'joined as developer']) {
    await sees(owner, deed);
  }
  expect(await seriousProblems(owner)).toEqual([]);
  expect(owner.errors).toEqual([]);
  expect(developer.errors).toEqual([]);
});

test('a code of the operator lets somebody in once, and a wrong one says what to do', async ({
  newPlayer,
  rockpool,
}) => {
  const link = await linkFor(rockpool, 'ada');
  const owner = await newPlayer({ viewport: PHONE });
  await owner.visit('/studio');
  await sees(owner, 'Sign in to your studio');
  expect(await overflow(owner)).toBe(0);
  expect(await seriousProblems(owner)).toEqual([]);
  await owner.page.locator('::-p-text(I have a code)').click();
  await fill(owner, 'Code or link', 'AAAAA-AAAAA');
  await press(owner, 'Go on');
  await sees(owner, 'This code does not work');
  await press(owner, 'Back');
  await owner.page.locator('::-p-text(I have a code)').click();
  await fill(owner, 'Code or link', link);
  await press(owner, 'Go on');
  await sees(owner, 'Sign in as Ada');
  await press(owner, 'Sign in');
  await sees(owner, 'Members');
  expect(await overflow(owner)).toBe(0);

  const thief = await newPlayer();
  await thief.visit(link);
  await sees(thief, 'used already');
  expect(await rockpool.signInLinkFor('Nobody')).toContain('Nobody here is called Nobody');
});

test('a browser that is signed out elsewhere sees where to sign in, and nothing else', async ({
  newPlayer,
  rockpool,
}) => {
  const [one, other] = [await newPlayer(), await newPlayer()];
  for (const each of [one, other]) {
    await each.visit(await linkFor(rockpool, 'ada'));
    await press(each, 'Sign in');
    await sees(each, 'Members');
  }
  await confirm(one, 'Sign out everywhere on all devices', 'Really everywhere? on all devices');
  await sees(one, 'Sign in to your studio');
  await press(other, 'Make a link');
  await sees(other, 'Sign in to your studio');
});

test('an owner renames a studio, begins another, and goes from one to the other', async ({
  newPlayer,
  rockpool,
}) => {
  const owner = await newPlayer({ viewport: PHONE });
  await owner.visit(await linkFor(rockpool, 'ada'));
  await press(owner, 'Sign in');
  await sees(owner, 'Members');
  await press(owner, 'Rename');
  await fill(owner, 'Name', 'Tidal Works');
  expect(await seriousProblems(owner)).toEqual([]);
  await owner.page.keyboard.press('Enter');
  await sees(owner, 'renamed the studio: Tidal Games → Tidal Works');
  // Its address stays.
  expect(owner.page.url()).toBe(`${rockpool.url}/studio/tidal-games`);

  await press(owner, 'New studio');
  await fill(owner, 'Name of the studio', 'Second Wave');
  await owner.page.keyboard.press('Enter');
  await sees(owner, 'began the studio Second Wave');
  expect(owner.page.url()).toBe(`${rockpool.url}/studio/second-wave`);
  expect(await overflow(owner)).toBe(0);
  await owner.page.locator('::-p-aria([name="Tidal Works"][role="link"])').click();
  await sees(owner, 'renamed the studio');
  expect(owner.page.url()).toBe(`${rockpool.url}/studio/tidal-games`);

  await owner.visit('/studio/nowhere');
  await sees(owner, 'You are not in this studio');
});
