import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PROFILES } from '../../../gate/network/profiles.ts';
import { RESULTS_FOLDER, readResults } from '../../support/results.ts';
import { runRecordSchema } from '../measure/run-record.ts';
import { renderPage } from './page.ts';

/** What was measured of networks, in the order of the page. */
const SHOWN = ['network', 'network-fairness', 'network-playout', 'soak', 'transport'];

const STYLES = [
  new URL('../../../client/styles/tokens.css', import.meta.url),
  new URL('./page.css', import.meta.url),
];

const dataSchema = z.object({ records: z.array(runRecordSchema) });

/** Shows everything kept in `bench/results/` about networks. @returns the page's path. */
export async function writeNetworkReport(): Promise<string> {
  const all = await readResults();
  const results = SHOWN.flatMap((name) => all.filter(({ bench }) => bench === name));
  const compared = results.find(({ bench }) => bench === 'network');
  const { records } = compared ? dataSchema.parse(compared.data) : { records: [] };
  const css = await Promise.all(STYLES.map((style) => readFile(style, 'utf8')));
  const path = join(RESULTS_FOLDER, 'network.html');
  await writeFile(path, renderPage({ results, records, profiles: PROFILES, css: css.join('\n') }));
  return path;
}
