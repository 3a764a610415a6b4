import type { Readable, Writable } from 'node:stream';
import { GAME_HOST } from './chromium-arguments.ts';
import { type DevtoolsEvent, DevtoolsPipe, fieldsOf, textOf } from './devtools-pipe.ts';
import { PadFeed } from './pad-feed.ts';
import { guardPage } from './page-guard.ts';
import { PageLog } from './page-log.ts';
import { type FromPage, installPads } from './page-pads.ts';
import { RateBudget } from './rate-budget.ts';

const ORIGIN = `http://${GAME_HOST}`;
/** Function that every frame of the page begins with, and does not keep. */
const BINDING = 'rockpool';
const PAD_HUB = 'rockpool.pads';
/** Rumble that changes faster is not felt. */
const RUMBLES_PER_SECOND = 60;

/** Its first line: tsx marks functions with this one, which the page does not have. */
const PAGE_SCRIPT = `(() => {
  const __name = (it) => it;
  const bound = window.${BINDING};
  delete window.${BINDING};
  const send = (message) => bound(JSON.stringify(message));
  (${guardPage.toString()})(send);
  (${installPads.toString()})(${JSON.stringify(PAD_HUB)}, send);
})();`;

export interface GamePageListener {
  /** The page was read and its scripts have run; comes once. */
  handleReady(): void;
  handleRumble(rumble: Extract<FromPage, { readonly type: 'rumble' }>): void;
  /** The page closed itself, or its window was. */
  handleClosed(): void;
  /** The page cannot go on. */
  handleFailure(message: string): void;
  writeLog(line: string): void;
}

export interface BrowserStreams {
  readonly toBrowser: Writable;
  readonly fromBrowser: Readable;
}

/** The one page of a browser, held to the build it came from. */
export class GamePage {
  readonly pads: PadFeed;
  readonly #pipe: DevtoolsPipe;
  readonly #listener: GamePageListener;
  readonly #log: PageLog;
  readonly #rumbles: RateBudget;
  #targetId = '';
  #sessionId = '';
  #mainFrameId = '';
  #ready = false;

  constructor(browser: BrowserStreams, listener: GamePageListener) {
    const nowMs = () => performance.now();
    this.#listener = listener;
    this.#log = new PageLog((line) => listener.writeLog(line), nowMs);
    this.#rumbles = new RateBudget(RUMBLES_PER_SECOND, nowMs);
    this.#pipe = new DevtoolsPipe(browser.toBrowser, browser.fromBrowser, (event) =>
      this.#handleEvent(event),
    );
    const hub = `globalThis[Symbol.for(${JSON.stringify(PAD_HUB)})]`;
    this.pads = new PadFeed((messages) =>
      this.#ofPage('Runtime.evaluate', {
        expression: `${hub}?.(${JSON.stringify(messages)})`,
      }),
    );
  }

  /**
   * Takes the browser's first window over and opens the build's page in it.
   * @param entry page of the build, relative.
   * @throws Error where the browser does not do its part.
   */
  async open(entry: string): Promise<void> {
    await this.#takeOver();
    await Promise.all([
      this.#ofPage('Page.enable'),
      this.#ofPage('Runtime.enable'),
      this.#ofPage('Log.enable'),
      this.#ofPage('Inspector.enable'),
      this.#ofPage('Runtime.addBinding', { name: BINDING }),
      this.#ofPage('Page.addScriptToEvaluateOnNewDocument', { source: PAGE_SCRIPT }),
      this.#ofPage('Fetch.enable', { patterns: [{ urlPattern: '*', resourceType: 'Document' }] }),
      this.#pipe.call('Browser.setDownloadBehavior', { behavior: 'deny' }),
      this.#pipe.call('Target.setAutoAttach', {
        autoAttach: true,
        waitForDebuggerOnStart: true,
        flatten: true,
        filter: [{ type: 'page' }],
      }),
    ]);
    const path = entry.split('/').map(encodeURIComponent).join('/');
    const { frameId, errorText } = await this.#ofPage('Page.navigate', {
      url: `${ORIGIN}/${path}`,
    });
    this.#mainFrameId = textOf(frameId);
    if (errorText) this.#listener.handleFailure(`The page did not load: ${textOf(errorText)}.`);
  }

  /** Ends the browser as its last window's closing would: what the page stored is written. */
  async closeBrowser(): Promise<void> {
    await this.#pipe.call('Browser.close');
  }

  close(): void {
    this.#pipe.close();
  }

  async #takeOver(): Promise<void> {
    const found = new Promise<string>((resolve) => {
      this.#handleTarget = resolve;
    });
    await this.#pipe.call('Target.setDiscoverTargets', { discover: true });
    this.#targetId = await found;
    const { sessionId } = await this.#pipe.call('Target.attachToTarget', {
      targetId: this.#targetId,
      flatten: true,
    });
    this.#sessionId = textOf(sessionId);
  }

  #handleTarget: (targetId: string) => void = () => undefined;

  #ofPage(method: string, params: Readonly<Record<string, unknown>> = {}) {
    return this.#pipe.call(method, params, this.#sessionId);
  }

  #handleEvent(event: DevtoolsEvent): void {
    if (event.sessionId === undefined) this.#handleBrowserEvent(event);
    else if (event.sessionId === this.#sessionId) this.#handlePageEvent(event);
  }

  #handleBrowserEvent({ method, params }: DevtoolsEvent): void {
    if (method === 'Target.targetDestroyed' && params.targetId === this.#targetId) {
      this.#listener.handleClosed();
    }
    const target = fieldsOf(params.targetInfo);
    if (target.type !== 'page') return;
    if (method === 'Target.targetCreated' && !this.#targetId) {
      this.#handleTarget(textOf(target.targetId));
    }
    if (method === 'Target.attachedToTarget' && target.targetId !== this.#targetId) {
      this.#listener.writeLog(`A window of ${textOf(target.url) || 'a page'} was closed.`);
      this.#forget(this.#pipe.call('Target.closeTarget', { targetId: target.targetId }));
    }
  }

  #handlePageEvent(event: DevtoolsEvent): void {
    const { method, params } = event;
    switch (method) {
      case 'Page.domContentEventFired':
        if (this.#ready || !this.#mainFrameId) return;
        this.#ready = true;
        // There is nothing to go back to.
        this.#forget(this.#ofPage('Page.resetNavigationHistory'));
        this.#listener.handleReady();
        return;
      case 'Runtime.bindingCalled':
        this.#handleBinding(textOf(params.payload));
        return;
      case 'Fetch.requestPaused':
        this.#judgeDocument(textOf(params.requestId), textOf(fieldsOf(params.request).url));
        return;
      case 'Inspector.targetCrashed':
        this.#listener.handleFailure(
          'The page crashed. Most pages that do have used up their memory: see limits.memoryMib.',
        );
        return;
      default:
        this.#log.handleEvent(event);
    }
  }

  /** A page that is not the build's is not gone to: the one there stays. */
  #judgeDocument(requestId: string, url: string): void {
    if (url === ORIGIN || url.startsWith(`${ORIGIN}/`)) {
      this.#forget(this.#ofPage('Fetch.continueRequest', { requestId }));
      return;
    }
    this.#listener.writeLog(`The page may not go to ${url}.`);
    this.#forget(this.#ofPage('Fetch.failRequest', { requestId, errorReason: 'Aborted' }));
  }

  /** The page is the build's: nothing it says is trusted. */
  #handleBinding(payload: string): void {
    const message = parsePageMessage(payload);
    if (message?.type === 'new-page') this.pads.handleNewPage();
    else if (message?.type === 'closed') this.#listener.handleClosed();
    else if (message && this.#rumbles.take()) this.#listener.handleRumble(message);
  }

  /** For what the page may be gone before. */
  #forget(call: Promise<unknown>): void {
    call.catch((error: unknown) => this.#listener.writeLog(String(error)));
  }
}

/** Undefined for anything that `installPads` does not say. */
function parsePageMessage(payload: string): FromPage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const { type, pad, strong, weak, durationMs } = fieldsOf(value);
  if (type === 'new-page' || type === 'closed') return { type };
  if (type !== 'rumble' || !isBetween(pad, 3) || !Number.isInteger(pad)) return undefined;
  if (!isBetween(strong, 1) || !isBetween(weak, 1) || !isBetween(durationMs, 5000))
    return undefined;
  return { type, pad, strong, weak, durationMs };
}

function isBetween(value: unknown, max: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= max;
}
