import { inject, test } from 'vitest';
import { CHROMIUM, FIREFOX, launchChromium, launchFirefox } from '../../test/support/browser.ts';
import { untilNoSession } from '../support/server-facts.ts';
import { BrowserPlayer } from './browser-player.ts';
import { ForeignPlayer } from './foreign-player.ts';
import { playHalfMinute } from './half-minute.ts';
import { AIORTC, LIBWEBRTC, WEBRTCBIN } from './receiver-programs.ts';

const url = inject('rockpoolUrl');

const RECEIVERS = [
  {
    receiver: 'Chromium',
    codec: 'h264',
    isThere: () => CHROMIUM !== undefined,
    advice: 'There is no Chromium on PATH: apt-get install chromium',
    play: () => BrowserPlayer.play(url, launchChromium, 'h264'),
  },
  {
    receiver: 'Firefox',
    codec: 'vp8',
    isThere: () => FIREFOX !== undefined,
    advice: 'There is no Firefox on PATH: apt-get install firefox-esr',
    play: () => BrowserPlayer.play(url, launchFirefox, 'vp8'),
  },
  {
    receiver: 'libwebrtc in Node',
    codec: 'vp8',
    ...LIBWEBRTC,
    play: () => ForeignPlayer.play(url, LIBWEBRTC, 'vp8'),
  },
  {
    receiver: "GStreamer's webrtcbin",
    codec: 'h264',
    ...WEBRTCBIN,
    play: () => ForeignPlayer.play(url, WEBRTCBIN, 'h264'),
  },
  {
    receiver: 'aiortc',
    codec: 'h264',
    ...AIORTC,
    play: () => ForeignPlayer.play(url, AIORTC, 'h264'),
  },
] as const;

// Side by side, as many as `maxConcurrency` in vite.config.ts allows.
for (const { receiver, codec, isThere, advice, play } of RECEIVERS) {
  const name = `${receiver} plays half a minute of ${codec} and shows every press`;
  test.concurrent(name, async ({ expect, skip }) => {
    skip(!isThere(), advice);
    const player = await play();
    try {
      await playHalfMinute(player);
      expect(await player.codec()).toBe(codec);
      await player.leave();
    } finally {
      await player.close();
    }
  });
}

test('no session of theirs is left', () => untilNoSession(url));
