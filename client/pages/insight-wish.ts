import { DEFAULT_INSIGHT_DAYS, type InsightQuery } from '../../protocol/studio-insight.ts';

/** What of a game's sessions is looked at. */
export type InsightWish = Readonly<InsightQuery>;

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
