import { describe, expect } from 'vitest';
import { renderHtml } from '../gate/report/html.ts';
import { judgedResult } from '../test/support/gate/judged-result.ts';
import { test } from './support/e2e-test.ts';
import { seriousProblems } from './support/serious-problems.ts';

const report = renderHtml(judgedResult());

describe.each([
  { device: 'on a desktop', width: 1440 },
  { device: 'on a phone of 360 pixels', width: 360 },
])('The report of the gate $device', ({ width }) => {
  test.for(['dark', 'light'])(
    'is as wide as the screen and %s as it is asked to be',
    async (scheme, { browser }) => {
      const page = await browser.newPage();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(request.url()));
      await page.setViewport({ width, height: 800 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      await page.setContent(report);
      const { overflow, ground } = await page.evaluate(() => ({
        overflow: document.documentElement.scrollWidth - window.innerWidth,
        ground: getComputedStyle(document.body).backgroundColor,
      }));
      expect(overflow).toBeLessThanOrEqual(0);
      expect(ground).toBe(scheme === 'dark' ? 'rgb(8, 20, 23)' : 'rgb(255, 255, 255)');
      expect(await seriousProblems({ page })).toEqual([]);
      expect(requests).toEqual([]);
      await page.close();
    },
  );
});

test('The report of the gate leaves nothing folded on paper', async ({ browser }) => {
  const page = await browser.newPage();
  await page.setContent(report);
  const folded = () =>
    page.$$eval('details .multiples', (all) => all.filter((one) => !one.checkVisibility()).length);
  expect(await folded()).toBeGreaterThan(0);
  await page.emulateMediaType('print');
  expect(await folded()).toBe(0);
  await page.close();
});
