/*
 * The program of a web build's sandbox: serves the build, shows it in a browser, and takes pads from
 * the worker. Everything it imports is Node's or lies beside it, as nothing else is in the sandbox.
 */
import { access, mkdir, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BrowserProcess } from './browser-process.ts';
import { chromiumArguments } from './chromium-arguments.ts';
import { GamePage } from './game-page.ts';
import type { FromLauncher, LauncherSettings, ToLauncher } from './launcher-messages.ts';
import { StaticServer } from './static-server.ts';

/** Chromium maps pictures there, and crashes where they do not fit. */
const MIN_SHARED_MEMORY_BYTES = 256 * 1024 * 1024;
/** Of what is told the worker. */
const MAX_MESSAGE_LENGTH = 2000;

function tell(message: FromLauncher): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

function writeLog(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function hasGpu(): Promise<boolean> {
  const nodes = await Promise.all(
    ['/dev', '/dev/dri'].map((path) => readdir(path).catch(() => [])),
  );
  return nodes.flat().some((name) => /^(?:renderD\d+|nvidiactl)$/.test(name));
}

async function hasSharedMemory(): Promise<boolean> {
  const found = await statfs('/dev/shm').catch(() => undefined);
  return found !== undefined && found.bavail * found.bsize >= MIN_SHARED_MEMORY_BYTES;
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Runs until the page, the browser or the worker ends it. @returns the exit code. */
async function run(settings: LauncherSettings): Promise<number> {
  const { entry, folder, profile } = settings;
  if (!(await isThere(join(folder, entry)))) {
    return fail(`There is no ${entry} in the build: "entry" of rockpool.json names its page.`);
  }
  await mkdir(profile, { recursive: true });
  const server = await StaticServer.open(folder);
  const browser = new BrowserProcess(
    settings.browser,
    chromiumArguments({
      ...settings,
      port: server.port,
      gpu: await hasGpu(),
      sharedMemory: await hasSharedMemory(),
    }),
  );
  let page: GamePage | undefined;
  // The first reason to end is the one that counts: the others follow from it.
  const reason = await new Promise<string | undefined>((end) => {
    browser.exited.then((how) => end(`The browser ended: ${how}. ${browser.tail}`));
    const opened = new GamePage(browser, {
      handleReady: () => tell({ type: 'ready' }),
      handleRumble: tell,
      handleClosed: () => end(undefined),
      handleFailure: end,
      writeLog,
    });
    page = opened;
    opened.open(entry).catch((error: unknown) => end(String(error)));
    followWorker(opened, () => end(undefined));
  });
  await browser.end(async () => page?.closeBrowser());
  page?.close();
  await server.close();
  return reason === undefined ? 0 : fail(reason);
}

/** @param quit called when the worker says so, or is gone. */
function followWorker(page: GamePage, quit: () => void): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const message = JSON.parse(line) as ToLauncher;
    if (message.type === 'quit') quit();
    else page.pads.handle(message);
  });
  lines.on('close', quit);
  process.once('SIGTERM', quit);
  process.once('SIGINT', quit);
}

function fail(message: string): number {
  writeLog(message);
  tell({ type: 'failed', message: message.slice(0, MAX_MESSAGE_LENGTH) });
  return 1;
}

const code = await run(JSON.parse(process.argv[2] ?? '{}') as LauncherSettings);
// What was told last is on its way first: stdout may be a pipe that is full.
process.stdout.write('', () => process.exit(code));
