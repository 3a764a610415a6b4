import type { BrowserName, Result } from '../result.ts';

type Circumstances = Pick<Result, 'machine' | 'versions'>;

/** `Chromium 140.0.7339.80` and `Chromium 140.0.7339.127` measure alike; 141 may not. */
function majorOf(version: string | undefined): string {
  return /^[^.]*/.exec(version ?? '')?.[0] || 'none';
}

/** Why figures of one cannot be held against the other: what differs, in words; undefined where nothing does. */
export function mismatch(
  now: Circumstances,
  then: Circumstances,
  browser: BrowserName,
): string | undefined {
  const pairs: readonly (readonly [string, string])[] = [
    [
      `${then.machine.cores} × ${then.machine.model}`,
      `${now.machine.cores} × ${now.machine.model}`,
    ],
    [majorOf(then.versions.browsers[browser]), majorOf(now.versions.browsers[browser])],
  ];
  const differ = pairs.filter(([before, after]) => before !== after);
  if (differ.length === 0) return undefined;
  return differ.map(([before, after]) => `${before}, and this is ${after}`).join('; ');
}
