import {
  DEFAULT_INSIGHT_DAYS,
  type INSIGHT_DAYS,
  type InsightQuery,
} from '../../protocol/studio-insight.ts';

/** What of a game's sessions is looked at. */
export interface InsightWish {
  readonly days: (typeof INSIGHT_DAYS)[number];
  readonly build?: InsightQuery['build'];
  readonly against?: InsightQuery['against'];
  readonly region?: InsightQuery['region'];
  readonly browser?: InsightQuery['browser'];
  readonly channel?: InsightQuery['channel'];
}

export const FIRST_WISH: InsightWish = { days: DEFAULT_INSIGHT_DAYS };

/** The same as a query, `?` included; what is not wished for is left out. */
export function insightWords(wish: InsightWish): string {
  const words = new URLSearchParams();
  for (const name of ['days', 'build', 'against', 'region', 'browser', 'channel'] as const) {
    const value = wish[name];
    if (value !== undefined) words.set(name, String(value));
  }
  return `?${words}`;
}
