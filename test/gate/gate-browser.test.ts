import { expect, it } from 'vitest';
import { findBrowser } from '../../gate/browser/gate-browser.ts';

it('says what to install where a browser is missing', () => {
  for (const name of ['chromium', 'firefox'] as const) {
    expect(() => findBrowser(name, '/nowhere:')).toThrow(
      expect.objectContaining({
        code: 'missing-package',
        message: expect.stringMatching(/Install it, on Debian with: apt-get install /),
      }),
    );
  }
});
