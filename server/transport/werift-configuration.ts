import { networkInterfaces } from 'node:os';
import { type PeerConfig, RTCRtpHeaderExtensionParameters } from 'werift';
import { PLAYOUT_DELAY_URI } from '../../protocol/channels.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import { audioCodecs, videoCodecs } from './offered-codecs.ts';
import type { PeerOptions } from './peer.ts';
import { MID_URI, TRANSPORT_CC_URI } from './rtp-packet.ts';

const LOOPBACK = '127.0.0.1';

function hasNetwork(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some((address) => !address.internal),
  );
}

/** Which addresses become ICE candidates. */
function addressing(options: PeerOptions): Partial<PeerConfig> {
  if (options.loopbackOnly) {
    return {
      iceUseIpv4: false,
      iceUseIpv6: false,
      iceAdditionalHostAddresses: [LOOPBACK],
      iceInterfaceAddresses: { udp4: LOOPBACK },
    };
  }
  // werift leaves loopback out; a machine without any network can still play its own games.
  const extra = hasNetwork() ? options.extraAddresses : [...options.extraAddresses, LOOPBACK];
  return { iceAdditionalHostAddresses: [...extra] };
}

/** @throws RockpoolError `bad-configuration` where the port range has fewer than two ports. */
export function weriftConfiguration(options: PeerOptions): Partial<PeerConfig> {
  const { portRange } = options;
  if (portRange && portRange[0] >= portRange[1]) {
    throw new RockpoolError(
      'bad-configuration',
      'The range of UDP ports needs at least two ports.',
    );
  }
  // The same objects for both kinds: werift numbers them, and bundled sections must agree on ids.
  const mid = new RTCRtpHeaderExtensionParameters({ uri: MID_URI });
  const transportCc = new RTCRtpHeaderExtensionParameters({ uri: TRANSPORT_CC_URI });
  const playoutDelay = new RTCRtpHeaderExtensionParameters({ uri: PLAYOUT_DELAY_URI });
  return {
    codecs: { video: videoCodecs(options.codecs), audio: audioCodecs() },
    headerExtensions: { audio: [mid, transportCc], video: [mid, transportCc, playoutDelay] },
    bundlePolicy: 'max-bundle',
    iceServers: options.iceServers.map(({ urls, username, credential }) => ({
      urls: [...urls],
      ...(username !== undefined && { username }),
      ...(credential !== undefined && { credential }),
    })),
    ...(options.relayOnly && { iceTransportPolicy: 'relay' as const }),
    ...(portRange && { icePortRange: [portRange[0], portRange[1]] }),
    ...addressing(options),
  };
}
