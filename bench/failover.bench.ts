import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { Browser, Page } from 'puppeteer-core';
import { type ContainerProcess, RockpoolApart } from '../e2e/support/rockpool-apart.ts';
import { RockpoolNodes } from '../e2e/support/rockpool-nodes.ts';
import { Distribution } from '../gate/distribution.ts';
import { figure } from '../gate/report/table.ts';
import { killNode, type NodeKill } from './signaling/node-kills.ts';
import { publish } from './support/results.ts';
import {
  MEASURED_STREAM,
  openLibrary,
  openPage,
  play,
  requireBuild,
  startBrowser,
} from './support/rig.ts';
import { type Belongings, runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * The container under a running game is killed (SIGKILL): how long until the page knows that nothing
 * comes any more, and how long from then until it shows the game that goes on elsewhere? Signaling, two
 * containers and the browser share one machine.
 */

const SESSION_PROBE = new URL('./page/session-probe.ts', import.meta.url);
const GAME = 'calibration';
const POLL_MS = 10;
const LIMIT_MS = 30_000;

/** Milliseconds since 1970, as page and bench share one clock. */
interface Failover {
  readonly interruptedMs: number;
  readonly pictureMs: number;
}

/** Watches the page from before the kill until the game goes on. */
function watchFailover(page: Page): Promise<Failover> {
  return page.evaluate(
    (pollMs, limitMs) =>
      new Promise<Failover>((resolve, reject) => {
        const session = window.rockpool?.snapshot.sessionId;
        const { timeOrigin } = performance;
        let interruptedMs: number | undefined;
        let frames = 0;
        const startMs = performance.now();
        const timer = setInterval(() => {
          const { state, sessionId } = window.rockpool?.snapshot ?? {};
          const shown = window.sessionProbe?.frames ?? [];
          if (state?.name !== 'streaming') interruptedMs ??= performance.now();
          // Pictures of the session before may still come while the next is looked for.
          if (sessionId === session) frames = shown.length;
          const picture = shown[frames];
          if (interruptedMs !== undefined && state?.name === 'streaming' && picture) {
            clearInterval(timer);
            resolve({
              interruptedMs: timeOrigin + interruptedMs,
              pictureMs: timeOrigin + picture.shownMs,
            });
          } else if (performance.now() - startMs > limitMs) {
            clearInterval(timer);
            reject(new Error(`no other machine in ${limitMs} ms: ${JSON.stringify(state)}`));
          }
        }, pollMs);
      }),
    POLL_MS,
    LIMIT_MS,
  );
}

/** With `--node`: a signaling node is killed instead, that of the container first. */
async function killNodes(belongings: Belongings, browser: Browser, kills: number): Promise<void> {
  const pool = await RockpoolNodes.start(2);
  belongings.add({ close: () => pool.stop(), kill: () => void pool.stop() });
  await pool.addContainer('container');
  // The page is on the other one.
  pool.balancer.nodes = [...pool.balancer.nodes].reverse();
  const page = await openPage(browser, SESSION_PROBE, MEASURED_STREAM);
  await openLibrary(page, pool.balancer.url, GAME);
  await play(page, GAME);
  const results: NodeKill[] = [];
  for (let kill = 0; kill < kills; kill++) {
    const result = await killNode(pool, kill, page, GAME);
    results.push(result);
    console.log(
      `${kill + 1} of ${kills}: paired after ${figure(result.pairedMs, 'ms')}, longest gap ${figure(result.longestGapMs, 'ms')}`,
    );
    await pool.addNode();
  }
  const paired = Distribution.of(results.map(({ pairedMs }) => pairedMs)).summary();
  const gap = Distribution.of(results.map(({ longestGapMs }) => longestGapMs)).summary();
  await publish('failover-node', {
    tables: [
      targetTable('Failover of a signaling node: targets', [
        {
          what: 'from the kill to a new pairing, longest',
          measured: paired.max,
          limit: 2_000,
          unit: 'ms',
        },
        { what: 'longest gap of a running game', measured: gap.max, limit: 500, unit: 'ms' },
      ]),
    ],
    notes: [
      `Two nodes with Redis and Postgres behind a balancer, one container, ${kills} kills, of which the first hits the node of the container and the others that of everybody. A newcomer connects and asks again until there is a game. Load average at the end: ${loadavg()[0]?.toFixed(1)}.`,
    ],
    data: { results },
  });
}

await runBench(async (belongings) => {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '8' },
      node: { type: 'boolean', default: false },
    },
  });
  requireBuild();
  const kills = Number(values.kills);
  const browser = await startBrowser(belongings);
  if (values.node) return killNodes(belongings, browser, kills);
  const apart = await RockpoolApart.start();
  belongings.add({ close: () => apart.stop(), kill: () => void apart.stop() });
  const containers = new Map<string, ContainerProcess>();
  const add = async (name: string) => containers.set(name, await apart.addContainer(name));
  await add('container 0');
  const page = await openPage(browser, SESSION_PROBE, MEASURED_STREAM);
  await openLibrary(page, apart.url, GAME);
  await play(page, GAME);
  const detectedMs: number[] = [];
  const backMs: number[] = [];
  for (let kill = 1; kill <= kills; kill++) {
    await add(`container ${kill}`);
    const playedOn = await page.evaluate(() => window.rockpool?.snapshot.containerName ?? '');
    const victim = containers.get(playedOn);
    if (!victim) throw new Error(`The game is on "${playedOn}", which was not started here.`);
    const watched = watchFailover(page);
    const killedMs = performance.timeOrigin + performance.now();
    victim.kill('SIGKILL');
    const { interruptedMs, pictureMs } = await watched;
    detectedMs.push(interruptedMs - killedMs);
    backMs.push(pictureMs - interruptedMs);
    console.log(
      `${kill} of ${kills}: known after ${figure(interruptedMs - killedMs, 'ms')}, picture ${figure(pictureMs - interruptedMs, 'ms')} later`,
    );
    await victim.exited;
  }
  const detection = Distribution.of(detectedMs).summary();
  const back = Distribution.of(backMs).summary();
  await publish('failover', {
    tables: [
      targetTable('Failover: targets', [
        {
          what: 'from the kill to its detection, longest',
          measured: detection.max,
          limit: 2_000,
          unit: 'ms',
        },
        {
          what: 'from detection to the picture, longest',
          measured: back.max,
          limit: 3_000,
          unit: 'ms',
        },
      ]),
      {
        title: `${kills} containers killed under a game`,
        head: ['', 'least', 'p50', 'most'],
        rows: [
          [
            'detection',
            ...[detection.min, detection.p50, detection.max].map((ms) => figure(ms, 'ms')),
          ],
          ['picture back', ...[back.min, back.p50, back.max].map((ms) => figure(ms, 'ms'))],
        ],
      },
    ],
    notes: [
      'Detection: the page leaves the state `streaming`. The container that takes the game over has just been started, and has a warm worker.',
    ],
    data: { detectedMs, backMs },
  });
});
