import { readFile } from 'node:fs/promises';
import { RockpoolError } from '../../protocol/errors.ts';

/** What the gate may put into a page: modules of `page/`, which the build makes a script of each. */
export const PAGE_SCRIPTS = [
  'gate-page',
  'pixel-probe',
  'picture-capture',
  'relayed-connection',
  'input-recorder',
  'pad-stand-in',
] as const;
export type PageScript = (typeof PAGE_SCRIPTS)[number];

/** Where the build puts them: sources find those of the last build. */
const BUILT = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/gate/page-scripts/' : '../page-scripts/',
  import.meta.url,
);

const scripts = new Map<PageScript, Promise<string>>();

/** @throws RockpoolError `internal` where nothing was built. */
export function pageScript(name: PageScript): Promise<string> {
  const known = scripts.get(name);
  if (known) return known;
  const script = readFile(new URL(`${name}.js`, BUILT), 'utf8').catch((cause: unknown) => {
    throw new RockpoolError('internal', 'The gate was not built: npm run build.', { cause });
  });
  scripts.set(name, script);
  return script;
}
