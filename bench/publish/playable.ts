import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SeededRandom } from '../../gate/network/seeded-random.ts';
import type { BuildList } from '../../protocol/studio-builds.ts';
import { RockpoolProcess } from '../../test/support/rockpool-process.ts';
import { StudioBrowser } from '../../test/support/studio-browser.ts';
import { MANIFEST, noise } from '../builds/sample-build.ts';
import { benchFolder } from '../support/bench-folder.ts';
import { MEASURED_STREAM, openPage, startBrowser } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';

const MIB = 2 ** 20;
const PROBE = new URL('../page/session-probe.ts', import.meta.url);
const GAME = MANIFEST.id;
const GAMES = '/studios/tidal-games/games';

/** When something had come to pass, seconds after the command was begun. */
export interface Playable {
  readonly mib: number;
  /** All of it had arrived, and was a build. */
  readonly uploadedS: number;
  readonly checkedS: number;
  /** It was tried out, which takes sixteen seconds of play, and was released. */
  readonly releasedS: number;
  /** A player's page shows its first frame. */
  readonly playedS: number;
}

/** A page that draws, with so much beside it. */
async function writeBuild(folder: string, mib: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'rockpool.json'), JSON.stringify(MANIFEST));
  await writeFile(
    join(folder, 'index.html'),
    `<!doctype html><title>Sample</title><body style="margin:0;background:#357"><i id="i"
      style="position:absolute;width:9px;height:9px;background:red"></i><script>
      const step = (ms) => { i.style.left = ms / 20 % 300 + 'px'; requestAnimationFrame(step); };
      requestAnimationFrame(step)</script>`,
  );
  const random = new SeededRandom(6);
  const file = await open(join(folder, 'level.pak'), 'w');
  for (let written = 0; written < mib; written++) await file.appendFile(noise(MIB, random));
  await file.close();
}

/**
 * Publishes a build by the command, to a Rockpool with one container of its own, and plays it as whoever
 * opens its link does. A container that has never had it fetches it for the try-out.
 */
export async function measurePlayable(belongings: Belongings, mib: number): Promise<Playable> {
  const folder = join(benchFolder(belongings), 'dist');
  await writeBuild(folder, mib);
  const rockpool = new RockpoolProcess(['up'], {
    ROCKPOOL_PORT: '0',
    ROCKPOOL_DATA: benchFolder(belongings),
    ROCKPOOL_LOG_LEVEL: 'error',
    DATABASE_URL: '',
  });
  belongings.add({ close: () => rockpool.stop(), kill: () => rockpool.kill('SIGKILL') });
  const url = await rockpool.ready();
  const [, link = ''] = await rockpool.printed(/Studio, for its owner, .*: (\S+)/);
  const owner = new StudioBrowser(url);
  await owner.comeIn(link, { name: 'Ada', studio: 'Tidal Games' });
  await owner.must('POST', GAMES, { id: GAME, title: 'Sample' });
  const scopes = ['builds:read', 'builds:write', 'releases:write'];
  const wish = { name: 'Bench', scopes, lifetimeDays: 7 };
  const { token } = await owner.must<{ token: string }>(
    'POST',
    '/studios/tidal-games/tokens',
    wish,
  );
  const browser = await startBrowser(belongings);
  const page = await openPage(browser, PROBE, MEASURED_STREAM);

  const startMs = performance.now();
  const sinceS = () => (performance.now() - startMs) / 1000;
  const words = ['--game', GAME, '--channel', 'live', '--wait', '--url', url, '--json'];
  const command = new RockpoolProcess(['publish', folder, ...words], { ROCKPOOL_TOKEN: token });
  belongings.add({ close: () => command.stop(), kill: () => command.kill('SIGKILL') });
  let isOver = false;
  const exited = command.exited.finally(() => {
    isOver = true;
  });
  let uploadedS: number | undefined;
  let checkedS: number | undefined;
  while (!isOver) {
    const { builds } = await owner.must<BuildList>('GET', `${GAMES}/${GAME}/builds`);
    if (builds.length > 0) uploadedS ??= sinceS();
    if (builds.some(({ state }) => state !== 'checking')) checkedS ??= sinceS();
    await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, 250))]);
  }
  const { code } = await exited;
  if (code !== 0) throw new Error(`rockpool publish exited with ${code}:\n${command.output}`);
  const releasedS = sinceS();
  await page.goto(new URL(`/play/${GAME}`, url).href);
  await page.waitForFunction(() => window.rockpool?.snapshot.firstFrameMs !== undefined, {
    timeout: 60_000,
    polling: 20,
  });
  const playedS = sinceS();
  return {
    mib,
    uploadedS: uploadedS ?? releasedS,
    checkedS: checkedS ?? releasedS,
    releasedS,
    playedS,
  };
}
