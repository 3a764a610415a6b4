import type { StudioBrowser } from '../../test/support/studio-browser.ts';
import type { PlayerPage } from './player-page.ts';

/** Opens a page as the person who is signed in with this browser of the studio's. */
export async function visitAs(
  player: PlayerPage,
  { cookie = '', rpId }: StudioBrowser,
  path: string,
): Promise<void> {
  const [name = '', value = ''] = cookie.split('=');
  await player.page.browserContext().setCookie({ name, value, domain: rpId });
  await player.visit(path);
}
