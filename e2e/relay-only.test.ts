import { expect } from 'vitest';
import { test as withPlayers } from './support/e2e-test.ts';
import { withOwnRockpool } from './support/own-rockpool.ts';
import { SMALL_STREAM } from './support/player-page.ts';
import { TurnServer } from './support/turn-server.ts';

const test = withPlayers.extend({
  rockpool: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the dependencies from the pattern.
    async ({}, use) => {
      const turn = await TurnServer.start();
      const relayed = {
        ROCKPOOL_TURN_URLS: turn.url,
        ROCKPOOL_TURN_SECRET: turn.secret,
        ROCKPOOL_RELAY_ONLY: 'true',
      };
      await withOwnRockpool(relayed, (url, { pid }) => use({ url, pid }));
      await turn.stop();
    },
    { scope: 'file' },
  ],
});

test('players and machines who may meet at a relay only do so, and learn no other address', async ({
  newPlayer,
}) => {
  const player = await newPlayer({ stream: SMALL_STREAM });
  await player.page.evaluateOnNewDocument(() => {
    const { RTCPeerConnection: Original } = window;
    window.RTCPeerConnection = class extends Original {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        Object.assign(window, { opened: this });
      }
    };
  });
  await player.play('calibration');
  await player.flip(() => player.page.keyboard.press('KeyX'));

  const { pairs, offer } = await player.page.evaluate(async () => {
    const connection = Reflect.get(window, 'opened') as RTCPeerConnection;
    const stats = [...(await connection.getStats()).values()];
    const typeOf = (id: string) => stats.find((one) => one.id === id)?.candidateType;
    const nominated = stats.filter((one) => one.type === 'candidate-pair' && one.nominated);
    return {
      pairs: nominated.map((pair) => [
        typeOf(pair.localCandidateId),
        typeOf(pair.remoteCandidateId),
      ]),
      offer: connection.remoteDescription?.sdp ?? '',
    };
  });
  expect(pairs).toEqual([['relay', 'relay']]);
  expect(offer).not.toMatch(/typ (host|srflx)/);
});
