import wrtc from '@roamhq/wrtc';
import { CHANNELS } from '../../protocol/channels.ts';
import { decodeInput } from '../../protocol/input-messages.ts';
import { systemClock } from '../../renderer/clock.ts';
import { BUILT_IN_GAMES } from '../../renderer/game-catalogue.ts';
import { withBitrates } from './google-bitrates.ts';
import { fromSenderSchema, toSenderSchema } from './sender-messages.ts';

/*
 * What most self-hosted stacks would be without their own sender: the same scene in the same
 * runtime, handed to libwebrtc as pictures. Encoding, pacing, estimation and buffering are
 * libwebrtc's; only its bitrates are raised. The binding refuses every `setParameters` with
 * `InvalidStateError`, so libwebrtc may shrink the picture under load, which is in its favour: the
 * bench prints the size that arrived.
 */

const [width = 1280, height = 720] = process.argv.slice(2).map(Number);
const FRAME_RATE = 60;

const entry = BUILT_IN_GAMES.get('calibration');
if (!entry) throw new Error('there is no calibration game');
const runtime = entry.createRuntime();
const connection = new wrtc.RTCPeerConnection();
const source = new wrtc.nonstandard.RTCVideoSource();
connection.addTrack(source.createTrack());
const input = connection.createDataChannel('input', { ...CHANNELS.input });
input.binaryType = 'arraybuffer';
input.onmessage = ({ data }: { data: ArrayBuffer }) => {
  runtime.handleInput(decodeInput(new Uint8Array(data)), systemClock.nowUs());
};

process.once('disconnect', () => process.exit(0));
process.on('message', async (value) => {
  const { sdp } = toSenderSchema.parse(value);
  await connection.setRemoteDescription({ type: 'answer', sdp: withBitrates(sdp) });
  runtime.setSuspended(false);
});

runtime.setSuspended(true);
await runtime.start(
  { game: entry.info, resolution: { width, height }, frameRate: FRAME_RATE, seed: 1 },
  {
    handleFrame: (frame) => {
      source.onFrame({ width: frame.width, height: frame.height, data: frame.pixels });
      frame.release();
    },
    handleSound: () => undefined,
    handleRumble: () => undefined,
    handleCursor: () => undefined,
    handleOver: () => undefined,
    handleTrouble: () => undefined,
    handleFailure: (error) => {
      throw error;
    },
  },
);
const gathered = new Promise<void>((resolve) => {
  connection.onicegatheringstatechange = () => {
    if (connection.iceGatheringState === 'complete') resolve();
  };
});
await connection.setLocalDescription(await connection.createOffer());
await gathered;
const sdp = connection.localDescription?.sdp ?? '';
process.send?.(fromSenderSchema.parse({ type: 'offer', sdp }));
