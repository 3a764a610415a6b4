import { networkInterfaces } from 'node:os';
import { type PeerConfig, RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters } from 'werift';
import { PLAYOUT_DELAY_URI } from '../../protocol/channels.ts';
import { RockpoolError } from '../../protocol/errors.ts';
import type { VideoCodec } from '../../protocol/stream-settings.ts';
import type { PeerOptions } from './peer.ts';
import { MID_URI, TRANSPORT_CC_URI } from './rtp-packet.ts';

const VIDEO_PAYLOAD_TYPE = 96;
const RTX_PAYLOAD_TYPE = 97;
const OPUS_PAYLOAD_TYPE = 111;

const VIDEO_FEEDBACK = [
  { type: 'nack' },
  { type: 'nack', parameter: 'pli' },
  { type: 'ccm', parameter: 'fir' },
  { type: 'transport-cc' },
];

const LOOPBACK = '127.0.0.1';

function videoCodec(codec: VideoCodec): RTCRtpCodecParameters {
  return new RTCRtpCodecParameters({
    mimeType: codec === 'h264' ? 'video/H264' : 'video/VP8',
    clockRate: 90_000,
    payloadType: VIDEO_PAYLOAD_TYPE,
    rtcpFeedback: VIDEO_FEEDBACK,
    // Constrained baseline, level 4.2: 1080p60 (RFC 6184 §8.1).
    ...(codec === 'h264' && {
      parameters: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e02a',
    }),
  });
}

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
    codecs: {
      video: [
        videoCodec(options.codec),
        new RTCRtpCodecParameters({
          mimeType: 'video/rtx',
          clockRate: 90_000,
          payloadType: RTX_PAYLOAD_TYPE,
          parameters: `apt=${VIDEO_PAYLOAD_TYPE}`,
        }),
      ],
      audio: [
        new RTCRtpCodecParameters({
          mimeType: 'audio/opus',
          clockRate: 48_000,
          channels: 2,
          payloadType: OPUS_PAYLOAD_TYPE,
          rtcpFeedback: [{ type: 'transport-cc' }],
          parameters: 'minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1',
        }),
      ],
    },
    headerExtensions: { audio: [mid, transportCc], video: [mid, transportCc, playoutDelay] },
    bundlePolicy: 'max-bundle',
    iceServers: options.iceServers.map(({ urls, username, credential }) => ({
      urls: [...urls],
      ...(username !== undefined && { username }),
      ...(credential !== undefined && { credential }),
    })),
    ...(portRange && { icePortRange: [portRange[0], portRange[1]] }),
    ...addressing(options),
  };
}
