import { encodeInput } from '../../protocol/input-messages.ts';
import { KEY_CODES } from '../../protocol/key-codes.ts';

/** The page of the baseline: one video, keys to the data channel, nothing else. */
class ReceiverPage {
  /** @returns the answer with all candidates. */
  async answer(offerSdp: string): Promise<string> {
    const connection = new RTCPeerConnection();
    const video = document.createElement('video');
    video.muted = true;
    video.autoplay = true;
    document.body.append(video);
    connection.addEventListener('track', ({ track }) => {
      if (track.kind === 'video') video.srcObject = new MediaStream([track]);
    });
    connection.addEventListener('datachannel', ({ channel }) => this.#sendKeys(channel));
    await connection.setRemoteDescription({ type: 'offer', sdp: offerSdp });
    for (const receiver of connection.getReceivers()) receiver.jitterBufferTarget = 0;
    await connection.setLocalDescription();
    await new Promise<void>((resolve) => {
      const check = () => {
        if (connection.iceGatheringState === 'complete') resolve();
      };
      connection.addEventListener('icegatheringstatechange', check);
      check();
    });
    return connection.localDescription?.sdp ?? '';
  }

  #sendKeys(channel: RTCDataChannel): void {
    let seq = 1;
    const handle = (event: KeyboardEvent) => {
      const code = KEY_CODES.find((known) => known === event.code);
      if (code === undefined || event.repeat || channel.readyState !== 'open') return;
      channel.send(encodeInput({ type: 'key', seq: seq++, down: event.type === 'keydown', code }));
    };
    addEventListener('keydown', handle);
    addEventListener('keyup', handle);
  }
}

declare global {
  interface Window {
    receiverPage?: ReceiverPage;
  }
}

window.receiverPage = new ReceiverPage();
