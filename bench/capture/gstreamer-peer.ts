import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import { z } from 'zod';
import type { PixelSubject } from '../../gate/page/pixel-probe.ts';
import { type Offerer, Receiver, type SdpRoute } from '../baseline/receiver.ts';
import { MEASURED_STREAM } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import {
  type DisplayEnvironment,
  openCalibrationDisplay,
  ownChild,
} from './calibration-display.ts';
import { GSTREAMER } from './capture-report.ts';
import type { Peer } from './peer.ts';
import { withCandidates } from './sdp-candidates.ts';

/** Debian's own: one that comes before it on PATH has none of Debian's packages. */
const PYTHON = '/usr/bin/python3';
const SENDER = fileURLToPath(new URL('./gstreamer_sender.py', import.meta.url));
/** Where its language of messages is. */
const MODULES = fileURLToPath(new URL('../../e2e/interop', import.meta.url));

const ELEMENTS = ['webrtcbin', 'nicesrc', 'ximagesrc', 'x264enc', 'rtph264pay'];
const CHECK = `
import ctypes, gi
ctypes.CDLL("libX11.so.6"); ctypes.CDLL("libXtst.so.6")
gi.require_version("GstWebRTC", "1.0"); gi.require_version("Nice", "0.1")
from gi.repository import Gst
Gst.init()
assert all(map(Gst.ElementFactory.find, ${JSON.stringify(ELEMENTS)}))
`;

/** What to install where {@link GstreamerPeer.isThere} is false. */
export const GSTREAMER_ADVICE =
  'there is no GStreamer that captures X: apt-get install python3-gi libxtst6 gir1.2-gst-plugins-bad-1.0 gir1.2-nice-0.1 gstreamer1.0-nice gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly';

const offerSchema = z.strictObject({
  type: z.literal('offer'),
  sdp: z.string().min(1),
  candidates: z.array(z.string()),
});

/** A display captured, encoded and sent by GStreamer, in a process of its own. */
export class GstreamerPeer implements Peer {
  readonly name = GSTREAMER;
  readonly subject: PixelSubject = { numbering: 'count' };
  readonly #receiver: Receiver;
  readonly #build: string;
  readonly #belongings: Belongings;

  private constructor(receiver: Receiver, build: string, belongings: Belongings) {
    this.#receiver = receiver;
    this.#build = build;
    this.#belongings = belongings;
  }

  static isThere(): boolean {
    return spawnSync(PYTHON, ['-c', CHECK], { stdio: 'ignore' }).status === 0;
  }

  /** @param build folder that `writeNativeCalibration` wrote. */
  static async open(
    browser: Browser,
    probe: URL,
    build: string,
    belongings: Belongings,
  ): Promise<GstreamerPeer> {
    return new GstreamerPeer(await Receiver.open(browser, probe, belongings), build, belongings);
  }

  /** @param route leads the stream somewhere else than straight to the page. */
  run<T>(measure: (page: Page) => Promise<T>, route?: SdpRoute): Promise<T> {
    return this.#belongings.within(async (own) => {
      const { environment } = await openCalibrationDisplay(this.#build, own);
      return this.#receiver.watch(offererOf(startSender(environment, own)), measure, route);
    });
  }
}

function startSender(display: DisplayEnvironment, belongings: Belongings): ChildProcess {
  const { maxBitrateBps, frameRate } = MEASURED_STREAM;
  const args = ['-B', SENDER, String(maxBitrateBps / 1000), String(frameRate)];
  const child = spawn(PYTHON, args, {
    env: { ...process.env, ...display, PYTHONPATH: MODULES },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  ownChild(child, belongings);
  return child;
}

function offererOf(child: ChildProcess): Offerer {
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('The GStreamer sender has no pipes.');
  const gone = new AbortController();
  child.once('exit', () => gone.abort(new Error('The GStreamer sender ended.')));
  const said = once(createInterface({ input: stdout }), 'line', { signal: gone.signal });
  return {
    async offer() {
      const [line] = await said;
      const { sdp, candidates } = offerSchema.parse(JSON.parse(String(line)));
      return withCandidates(sdp, candidates);
    },
    async accept(sdp) {
      stdin.write(`${JSON.stringify({ type: 'answer', sdp })}\n`);
    },
  };
}
