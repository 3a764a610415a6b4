import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import express from 'express';
import type { Browser, Page } from 'puppeteer-core';
import type { PixelSubject } from '../../gate/page/pixel-probe.ts';
import { bundlePageScript } from '../support/page-script.ts';
import { until } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import { ownChild, startCalibration } from './calibration-display.ts';
import type { Peer } from './peer.ts';

const XVNC = '/usr/bin/Xtigervnc';
const WEBSOCKIFY = '/usr/bin/websockify';
const NOVNC = '/usr/share/novnc';

/** What to install where {@link VncPeer.isThere} is false. */
export const VNC_ADVICE =
  'there is no TigerVNC with noVNC: apt-get install tigervnc-standalone-server novnc websockify';

/** Isolated like the product's page, so that both read the same clock of 5 µs. */
const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};
/** NoVNC as it comes, over the whole of an empty page. */
const PAGE = `<!doctype html><title>noVNC</title>
<style>html,body,#screen{margin:0;width:100%;height:100%}</style><div id="screen"></div>
<script type="module">
import RFB from '/core/rfb.js';
const rfb = new RFB(document.getElementById('screen'), new URLSearchParams(location.search).get('socket'));
rfb.addEventListener('connect', () => { rfb.focus(); document.title = 'connected'; });
</script>`;

/** A TigerVNC server with the calibration program on it, shown by noVNC through websockify. */
export class VncPeer implements Peer {
  readonly name = 'TigerVNC + noVNC';
  readonly subject: PixelSubject = { numbering: 'count', surface: 'canvas' };
  readonly #browser: Browser;
  readonly #probe: string;
  readonly #build: string;
  readonly #belongings: Belongings;

  private constructor(browser: Browser, probe: string, build: string, belongings: Belongings) {
    this.#browser = browser;
    this.#probe = probe;
    this.#build = build;
    this.#belongings = belongings;
  }

  static isThere(): boolean {
    return [XVNC, WEBSOCKIFY, join(NOVNC, 'core/rfb.js')].every((path) => existsSync(path));
  }

  /** @param build folder that `writeNativeCalibration` wrote. */
  static async open(
    browser: Browser,
    probe: URL,
    build: string,
    belongings: Belongings,
  ): Promise<VncPeer> {
    return new VncPeer(browser, await bundlePageScript(probe), build, belongings);
  }

  run<T>(measure: (page: Page) => Promise<T>): Promise<T> {
    return this.#belongings.within(async (own) => {
      const url = await this.#serve(own);
      const page = await this.#browser.newPage();
      try {
        await page.evaluateOnNewDocument(this.#probe);
        await page.bringToFront();
        await page.goto(url);
        await until('a connection of noVNC', async () => (await page.title()) === 'connected');
        return await measure(page);
      } finally {
        await page.close();
      }
    });
  }

  /** @returns the address of a page that shows the program. */
  async #serve(belongings: Belongings): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'rockpool-bench-'));
    const remove = () => rm(folder, { recursive: true, force: true });
    belongings.add({ close: remove, kill: () => undefined });
    const rfbSocket = join(folder, 'rfb');
    const display = await startXvnc(rfbSocket, belongings);
    await startCalibration(this.#build, { DISPLAY: display, XAUTHORITY: '' }, belongings);
    const port = await startWebsockify(rfbSocket, belongings);
    const socket = encodeURIComponent(`ws://127.0.0.1:${port}`);
    return `${await servePage(belongings)}/?socket=${socket}`;
  }
}

/** @returns the display, as in `DISPLAY`. */
async function startXvnc(rfbSocket: string, belongings: Belongings): Promise<string> {
  const args = ['-displayfd', '3', '-geometry', '1280x720', '-depth', '24', '-nolisten', 'tcp'];
  const rfb = ['-SecurityTypes', 'None', '-rfbport', '-1', '-rfbunixpath', rfbSocket];
  const server = spawn(XVNC, [...args, ...rfb], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  ownChild(server, belongings);
  const [number] = await firstOf(server, server.stdio[3] as Readable, 'Xtigervnc');
  return `:${String(number).trim()}`;
}

/** @returns the port where it takes WebSockets. */
async function startWebsockify(rfbSocket: string, belongings: Belongings): Promise<number> {
  const port = await freePort();
  const args = [`127.0.0.1:${port}`, `--unix-target=${rfbSocket}`];
  ownChild(spawn(WEBSOCKIFY, args, { stdio: 'ignore' }), belongings);
  await until('websockify listening', () => accepts(port));
  return port;
}

async function servePage(belongings: Belongings): Promise<string> {
  const app = express();
  app.use((_request, response, next) => {
    response.set(HEADERS);
    next();
  });
  app.get('/', (_request, response) => {
    response.type('html').send(PAGE);
  });
  app.use(express.static(NOVNC));
  const server = createServer(app);
  const close = () => server.close();
  belongings.add({ close, kill: close });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** @throws Error where the process ends before it says anything. */
async function firstOf(child: ChildProcess, from: Readable, name: string): Promise<unknown[]> {
  const gone = new AbortController();
  child.once('exit', () => gone.abort(new Error(`${name} ended at once.`)));
  return once(from, 'data', { signal: gone.signal });
}

/** One that was free a moment ago: websockify cannot choose by itself. */
async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
