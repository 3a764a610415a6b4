import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditAnswerSchema } from '../../../protocol/studio-messages.ts';
import { type Channels, channelsSchema } from '../../../protocol/studio-releases.ts';
import { releaseRecord } from '../../support/game-records.ts';
import { SignalingFixture } from '../../support/signaling-fixture.ts';
import type { StudioBrowser } from '../../support/studio-browser.ts';
import { invitedTo, StudioGames, signedInOwner } from '../../support/studio-games.ts';

let fixture: SignalingFixture;
let ada: StudioBrowser;
let games: StudioGames;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
  ada = await signedInOwner(fixture);
  games = new StudioGames(fixture.store.studio);
  const studio = await fixture.store.studio.studioBySlug('tidal-games');
  await games.game('tide', studio);
});
afterEach(() => fixture.close());

const CHANNELS = '/studios/tidal-games/games/tide/channels';
const release = (by: StudioBrowser, channel: string, buildNumber: number, percent?: number) =>
  by.must<Channels>('POST', `${CHANNELS}/${channel}`, {
    buildNumber,
    ...(percent !== undefined && { percent }),
  });
const rollBack = (by: StudioBrowser, channel: string, releaseId?: string) =>
  by.must<Channels>('POST', `${CHANNELS}/${channel}/roll-back`, releaseId ? { releaseId } : {});
const told = ({ channels }: Channels) =>
  channels.map(({ channel, releases: [now] }) => [
    channel,
    now?.build.number,
    now?.percent,
    now?.before?.number ?? null,
  ]);

describe('releases', () => {
  it('begin with nothing, and the builds that may be released', async () => {
    await games.build('tide', { label: 'a1b2c3' });
    await games.build('tide', { state: 'failed' });
    const answer = channelsSchema.parse(await ada.must('GET', CHANNELS));
    expect(answer.channels).toEqual([]);
    expect(answer.ready).toEqual([{ number: 1, label: 'a1b2c3' }]);
  });

  it('are made, rolled out in steps, rolled back, and told with who and when', async () => {
    await games.build('tide');
    await games.build('tide');
    expect(told(await release(ada, 'live', 1))).toEqual([['live', 1, 100, null]]);
    fixture.wallClockMs += 60_000;
    expect(told(await release(ada, 'live', 2, 10))).toEqual([['live', 2, 10, 1]]);
    expect(told(await release(ada, 'live', 2, 50))).toEqual([['live', 2, 50, 1]]);
    const answer = channelsSchema.parse(await ada.must('GET', CHANNELS));
    const [live] = answer.channels;
    expect(live?.releases).toMatchObject([
      { percent: 50, byName: 'Ada', atMs: 1_800_000_060_000 },
      { percent: 10, byName: 'Ada', atMs: 1_800_000_060_000 },
      { percent: 100, byName: 'Ada', atMs: 1_800_000_000_000 },
    ]);
    expect(live?.rollBackTo).toMatchObject({ build: { number: 1 }, percent: 100 });
    expect(told(await rollBack(ada, 'live'))).toEqual([['live', 1, 100, null]]);
    // And back to a certain one: the state it was in.
    expect(told(await rollBack(ada, 'live', live?.releases[1]?.releaseId))).toEqual([
      ['live', 2, 10, 1],
    ]);
  });

  it('are of one channel each, the live one first', async () => {
    await games.build('tide');
    await games.build('tide');
    await release(ada, 'beta', 2);
    await release(ada, 'alpha', 1);
    expect(told(await release(ada, 'live', 1))).toEqual([
      ['live', 1, 100, null],
      ['alpha', 1, 100, null],
      ['beta', 2, 100, null],
    ]);
  });

  it('are of builds that are ready, of games that are there, and to players there are', async () => {
    await games.build('tide');
    await games.build('tide', { state: 'trying', stateDetail: 'It waits for a machine.' });
    const post = (path: string, body: object) => ada.refused('POST', path, body);
    expect(await post(`${CHANNELS}/live`, { buildNumber: 2 })).toMatchObject({
      status: 409,
      message: 'Build 2 may not be released: It waits for a machine.',
    });
    expect(await post(`${CHANNELS}/live`, { buildNumber: 9 })).toMatchObject({ status: 404 });
    expect(await post(`${CHANNELS}/live`, { buildNumber: 1, percent: 10 })).toMatchObject({
      status: 409,
      message: expect.stringContaining('release build 1 to all of them'),
    });
    expect(await post(`${CHANNELS}/live`, { buildNumber: 1, percent: 101 })).toMatchObject({
      status: 400,
    });
    expect(await post(`${CHANNELS}/Live!`, { buildNumber: 1 })).toMatchObject({ status: 400 });
    const other = '/studios/tidal-games/games/wave/channels/live';
    expect(await post(other, { buildNumber: 1 })).toMatchObject({ status: 404 });
    await games.game('wave');
    expect(await post(other, { buildNumber: 1 })).toMatchObject({ status: 404 });
    expect(await post(`${CHANNELS}/live/roll-back`, {})).toMatchObject({ status: 409 });
    await release(ada, 'live', 1);
    expect(await post(`${CHANNELS}/live`, { buildNumber: 1, percent: 5 })).toMatchObject({
      status: 409,
      message: expect.stringContaining('All players of "live" get build 1 already'),
    });
    expect(await post(`${CHANNELS}/live/roll-back`, {})).toMatchObject({ status: 409 });
    expect(told(channelsSchema.parse(await ada.must('GET', CHANNELS)))).toEqual([
      ['live', 1, 100, null],
    ]);
  });

  it('are on top of what the channel has, however often others were made since', async () => {
    const live = await games.build('tide');
    await release(ada, 'live', 1);
    const nightly = await games.build('tide');
    await fixture.store.studio.transact(async (records) => {
      for (let night = 0; night < 1_000; night++) {
        const buildId = night % 2 === 0 ? live.buildId : nightly.buildId;
        await records.games.addRelease(releaseRecord('tide', buildId, { channel: 'nightly' }));
      }
    });
    expect(told(await release(ada, 'live', 2, 10))).toEqual([
      ['live', 2, 10, 1],
      ['nightly', 2, 100, null],
    ]);
  });

  it('are made once, however often they are asked for', async () => {
    await games.build('tide');
    await release(ada, 'live', 1);
    const { channels } = await release(ada, 'live', 1);
    expect(channels[0]?.releases).toHaveLength(1);
  });

  it('are for who may: a viewer sees them', async () => {
    await games.build('tide');
    const vic = await invitedTo(fixture, ada, 'Vic', 'viewer');
    expect(await vic.refused('POST', `${CHANNELS}/live`, { buildNumber: 1 })).toMatchObject({
      status: 403,
      message: 'As viewer you may not change what is released. Ask an owner of the studio.',
    });
    expect(await vic.refused('POST', `${CHANNELS}/live/roll-back`, {})).toMatchObject({
      status: 403,
    });
    expect(told(channelsSchema.parse(await vic.must('GET', CHANNELS)))).toEqual([]);
    const dev = await invitedTo(fixture, ada, 'Dev', 'developer');
    expect(told(await release(dev, 'live', 1))).toEqual([['live', 1, 100, null]]);
  });

  it('are in the log', async () => {
    await games.build('tide');
    await games.build('tide');
    await release(ada, 'live', 1);
    await release(ada, 'live', 2, 25);
    await rollBack(ada, 'live');
    const log = auditAnswerSchema.parse(
      await ada.must('GET', '/studios/tidal-games/audit?group=games'),
    );
    expect(log.entries.map(({ action, detail }) => [action, detail])).toEqual([
      ['release.rolled-back', 'live: build 1 to 100 %'],
      ['release.made', 'live: build 2 to 25 %, the others build 1'],
      ['release.made', 'live: build 1 to 100 %'],
    ]);
  });

  it('of two at once both count, the later one on top of the other', async () => {
    await games.build('tide');
    await games.build('tide');
    await games.build('tide');
    await release(ada, 'live', 1);
    await Promise.all([release(ada, 'live', 2), release(ada, 'live', 3, 10)]);
    const answer = channelsSchema.parse(await ada.must('GET', CHANNELS));
    const [last, before] = answer.channels[0]?.releases ?? [];
    if (last?.percent === 10) expect(last.before?.number).toBe(before?.build.number);
    expect(answer.channels[0]?.releases).toHaveLength(3);
  });
});
