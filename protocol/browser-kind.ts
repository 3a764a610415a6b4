import { z } from 'zod';

export const BROWSER_FAMILIES = [
  'chrome',
  'edge',
  'firefox',
  'safari',
  'opera',
  'samsung',
  'other',
] as const;

/** What plays, as its page says: coarse enough that many share it. */
export const browserKindSchema = z.strictObject({
  family: z.enum(BROWSER_FAMILIES),
  /** Major version; 0 where it is not known. */
  major: z.int().min(0).max(999),
});
export type BrowserKind = z.infer<typeof browserKindSchema>;

/** As it is kept and filtered by: "chrome 138", "other". */
export const browserNameSchema = z
  .string()
  .max(20)
  .regex(new RegExp(`^(?:${BROWSER_FAMILIES.join('|')})(?: [1-9]\\d{0,2})?$`), 'a browser');

export function browserName({ family, major }: BrowserKind): string {
  return major === 0 ? family : `${family} ${major}`;
}

/**
 * Names in user agents, the telling ones first: whoever builds on Chromium says Chrome as well, and all
 * but Firefox say Safari.
 */
const TELLS: readonly (readonly [BrowserKind['family'], RegExp])[] = [
  ['edge', /\bEdg(?:A|iOS)?\/(\d+)/],
  ['opera', /\bOPR\/(\d+)/],
  ['samsung', /\bSamsungBrowser\/(\d+)/],
  ['firefox', /\b(?:Firefox|FxiOS)\/(\d+)/],
  ['chrome', /\b(?:HeadlessChrome|Chrome|CriOS)\/(\d+)/],
  ['safari', /\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//],
];

/** What a user agent (RFC 9110 §10.1.5) tells of its browser. */
export function browserKindOf(userAgent: string): BrowserKind {
  for (const [family, tell] of TELLS) {
    const major = Number(tell.exec(userAgent)?.[1] ?? Number.NaN);
    if (Number.isInteger(major)) return { family, major: major <= 999 ? major : 0 };
  }
  return { family: 'other', major: 0 };
}
