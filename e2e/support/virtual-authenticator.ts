import type { Page } from 'puppeteer-core';

/** Gives a page an authenticator of its own, whose person always says yes (DevTools, WebAuthn domain). */
export async function addVirtualAuthenticator(page: Page): Promise<void> {
  const client = await page.createCDPSession();
  await client.send('WebAuthn.enable');
  await client.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
