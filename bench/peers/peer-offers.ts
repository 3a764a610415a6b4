import { spawnSync } from 'node:child_process';
import type { Browser } from 'puppeteer-core';
import type { PixelSubject } from '../../gate/page/pixel-probe.ts';
import { DEFAULT_RESOLUTION } from '../../protocol/stream-settings.ts';
import { GSTREAMER_ADVICE, GstreamerPeer } from '../capture/gstreamer-peer.ts';
import { NATIVE_CALIBRATION, type NativeGames } from '../capture/native-games.ts';
import { VNC_ADVICE, VncPeer } from '../capture/vnc-peer.ts';
import { ChromiumSender } from '../network/senders/chromium-sender.ts';
import { LibwebrtcSender } from '../network/senders/libwebrtc-sender.ts';
import { RockpoolSender } from '../network/senders/rockpool-sender.ts';
import { NETWORK_PROBE, relayRoute, type Sender } from '../network/senders/sender.ts';
import { MEASURED_STREAM, Rockpool } from '../support/rig.ts';
import type { Belongings } from '../support/run-bench.ts';
import type { Peer, PeerOffer, Scene } from './peer.ts';

const WRTC_ADVICE =
  'there is no libwebrtc for Node: npm install --include=dev (@roamhq/wrtc, which has binaries for Linux, macOS and Windows)';

/** The X program counts presses; the built-in scenes name inputs. */
const COUNTED: PixelSubject = { numbering: 'count' };

function hasWrtc(): boolean {
  const { status } = spawnSync(process.execPath, ['-e', "require('@roamhq/wrtc')"], {
    stdio: 'ignore',
  });
  return status === 0;
}

function relayed(name: string, scene: Scene, subject: PixelSubject, sender: Sender): Peer {
  const run: Peer['run'] = (relay, measure) => sender.run(relay, measure);
  return { name, scene, subject, isRelayed: true, run };
}

/** Ours first, with either scene; then all that it is compared with. */
export function peerOffers(
  browser: Browser,
  games: NativeGames,
  belongings: Belongings,
): readonly PeerOffer[] {
  const { frameRate } = MEASURED_STREAM;
  let rockpool: Promise<Rockpool> | undefined;
  const ours = async (game?: string) => {
    rockpool ??= Rockpool.start(belongings, { ROCKPOOL_GAMES: games.folders });
    return new RockpoolSender(browser, await rockpool, MEASURED_STREAM, game);
  };
  const size = DEFAULT_RESOLUTION;
  return [
    {
      id: 'rockpool',
      missing: () => undefined,
      open: async () => relayed('Rockpool', 'built in', {}, await ours()),
    },
    {
      id: 'libwebrtc',
      missing: () => (hasWrtc() ? undefined : WRTC_ADVICE),
      open: async () => {
        const sender = await LibwebrtcSender.open(browser, belongings, size);
        return relayed('libwebrtc (@roamhq/wrtc)', 'built in', {}, sender);
      },
    },
    {
      id: 'chromium',
      missing: () => undefined,
      open: async () => {
        const sender = await ChromiumSender.open(browser, belongings, size, frameRate);
        return relayed("Chromium's own sender", 'built in', {}, sender);
      },
    },
    {
      id: 'rockpool-native',
      missing: () => undefined,
      open: async () => relayed('Rockpool', 'X program', COUNTED, await ours(NATIVE_CALIBRATION)),
    },
    {
      id: 'gstreamer',
      missing: () => (GstreamerPeer.isThere() ? undefined : GSTREAMER_ADVICE),
      open: async () => {
        const peer = await GstreamerPeer.open(
          browser,
          NETWORK_PROBE,
          games.calibration,
          belongings,
        );
        return {
          name: 'GStreamer webrtcbin + x264enc',
          scene: 'X program',
          subject: peer.subject,
          isRelayed: true,
          run: (relay, measure) => peer.run(measure, relayRoute(relay)),
        };
      },
    },
    {
      id: 'novnc',
      missing: () => (VncPeer.isThere() ? undefined : VNC_ADVICE),
      open: async () => {
        const peer = await VncPeer.open(browser, NETWORK_PROBE, games.calibration, belongings);
        return {
          name: peer.name,
          scene: 'X program',
          subject: peer.subject,
          isRelayed: false,
          run: (_relay, measure) => peer.run(measure),
        };
      },
    },
  ];
}
