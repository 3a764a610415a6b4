import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  browserKindOf,
  browserKindSchema,
  browserName,
  browserNameSchema,
} from '../../protocol/browser-kind.ts';

const MOZILLA = 'Mozilla/5.0 (X11; Linux x86_64)';
const WEBKIT = 'AppleWebKit/537.36 (KHTML, like Gecko)';

describe('what a user agent tells of its browser', () => {
  it.each([
    ['chrome 138', `${MOZILLA} ${WEBKIT} Chrome/138.0.0.0 Safari/537.36`],
    ['chrome 156', `${MOZILLA} ${WEBKIT} HeadlessChrome/156.0.0.0 Safari/537.36`],
    [
      'chrome 138',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0.7204.53 Mobile/15E148 Safari/604.1',
    ],
    ['edge 138', `${MOZILLA} ${WEBKIT} Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0`],
    ['opera 120', `${MOZILLA} ${WEBKIT} Chrome/135.0.0.0 Safari/537.36 OPR/120.0.0.0`],
    [
      'samsung 28',
      `${MOZILLA} ${WEBKIT} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    ],
    ['firefox 153', 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0'],
    [
      'safari 18',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
    ],
    [
      'safari 18',
      'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
    ],
    ['other', 'curl/8.14.1'],
    ['other', ''],
    ['chrome', `${MOZILLA} ${WEBKIT} Chrome/99999999.0.0.0 Safari/537.36`],
  ])('%s', (name, userAgent) => {
    expect(browserName(browserKindOf(userAgent))).toBe(name);
  });

  it('is bounded, whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (noise) => {
        for (const userAgent of [noise, `Chrome/${noise}`, `Firefox/${noise}`]) {
          const kind = browserKindOf(userAgent);
          expect(browserKindSchema.parse(kind)).toEqual(kind);
          expect(browserNameSchema.safeParse(browserName(kind)).success).toBe(true);
        }
      }),
    );
  });
});
