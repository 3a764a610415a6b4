import { createInterface } from 'node:readline';
import wrtc from '@roamhq/wrtc';
import type { FromReceiver, ToReceiver } from './receiver-messages.ts';

/*
 * A program that answers an offer with libwebrtc and tells of each decoded picture, in the language
 * of receiver-messages.ts.
 */

/** Wide enough for four pixels in a cell of the calibration strip, and small to tell of. */
const KEPT_WIDTH = 128;

const connection = new wrtc.RTCPeerConnection();
const channels = new Map<string, RTCDataChannel>();

function say(message: FromReceiver): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** @param luma of a picture without padding between its rows. */
function sayPicture(luma: Uint8Array, width: number, height: number): void {
  const step = Math.max(1, Math.floor(width / KEPT_WIDTH));
  const kept = { width: Math.ceil(width / step), height: Math.ceil(height / step) };
  const pixels = Buffer.alloc(kept.width * kept.height);
  for (let i = 0; i < pixels.length; i++) {
    const y = Math.floor(i / kept.width) * step;
    pixels[i] = luma[y * width + (i % kept.width) * step] ?? 0;
  }
  say({ type: 'picture', ...kept, lumaBase64: pixels.toString('base64') });
}

connection.onicecandidate = ({ candidate }) => {
  if (!candidate?.candidate) return;
  const { sdpMid, sdpMLineIndex } = candidate;
  say({ type: 'candidate', candidate: candidate.candidate, sdpMid, sdpMLineIndex });
};
connection.ontrack = ({ track }) => {
  if (track.kind !== 'video') return;
  const sink = new wrtc.nonstandard.RTCVideoSink(track);
  sink.onframe = ({ frame }: { frame: wrtc.nonstandard.RTCVideoFrame }) =>
    sayPicture(frame.data, frame.width, frame.height);
};
connection.ondatachannel = ({ channel }) => {
  channels.set(channel.label, channel);
  channel.onmessage = ({ data }) => {
    if (typeof data === 'string') say({ type: 'text', channel: channel.label, text: data });
  };
  const tell = () => say({ type: 'open', channel: channel.label });
  if (channel.readyState === 'open') tell();
  else channel.onopen = tell;
};

async function handle(message: ToReceiver): Promise<void> {
  switch (message.type) {
    case 'offer': {
      await connection.setRemoteDescription({ type: 'offer', sdp: message.sdp });
      const answer = await connection.createAnswer();
      await connection.setLocalDescription(answer);
      say({ type: 'answer', sdp: answer.sdp ?? '' });
      break;
    }
    case 'candidate':
      await connection.addIceCandidate(message);
      break;
    case 'send':
      channels.get(message.channel)?.send(Buffer.from(message.base64, 'base64'));
      break;
    case 'send-text':
      channels.get(message.channel)?.send(message.text);
      break;
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  await handle(JSON.parse(line));
}
connection.close();
process.exit(0);
