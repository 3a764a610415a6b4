import { inject, test } from 'vitest';
import { CHROMIUM, FIREFOX, launchChromium, launchFirefox } from '../../test/support/browser.ts';
import { untilNoSession } from '../support/server-facts.ts';
import { BrowserPlayer } from './browser-player.ts';
import { ForeignPlayer } from './foreign-player.ts';
import { playHalfMinute } from './half-minute.ts';
import { AIORTC, LIBWEBRTC, WEBRTCBIN } from './receiver-programs.ts';

const url = inject('rockpoolUrl');

/** Side by side, a slot each; every codec that any of them decodes is among them. */
test.concurrent.for([
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
    codec: 'vp8',
    ...AIORTC,
    play: () => ForeignPlayer.play(url, AIORTC, 'vp8'),
  },
])(
  '$receiver plays half a minute of $codec and shows every press',
  async (one, { expect, skip }) => {
    skip(!one.isThere(), one.advice);
    const player = await one.play();
    try {
      await playHalfMinute(player);
      expect(await player.codec()).toBe(one.codec);
      await player.leave();
    } finally {
      await player.close();
    }
  },
);

test('no session of theirs is left', () => untilNoSession(url));
