import { afterEach, describe, expect, it, vi } from 'vitest';
import { HistoryFeed } from '../../../client/pages/history-feed.ts';
import { FakePlayerEnvironment, settle } from '../../support/fake-player-environment.ts';
import { playedSession } from '../../support/played-sessions.ts';

const PAGES = [
  [playedSession(1), playedSession(2)],
  [playedSession(3), playedSession(4)],
  [playedSession(5)],
];

function setUp() {
  const fake = new FakePlayerEnvironment();
  const feed = new HistoryFeed(fake.environment());
  const answer = async (sessions: readonly unknown[]) => {
    fake.socket.last('history').accept({ sessions });
    await settle();
  };
  return { fake, feed, answer };
}

async function open() {
  const page = setUp();
  page.fake.welcome();
  await page.answer(PAGES[0] ?? []);
  return page;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('HistoryFeed', () => {
  it('asks as soon as it is welcome, as the player who plays in this browser', async () => {
    const { fake, feed, answer } = setUp();
    expect(feed.state.value).toEqual({ name: 'loading' });
    expect(fake.socket.sent('history')).toEqual([]);
    fake.welcome();
    expect(fake.socket.last('history').payload).toEqual({});
    expect(fake.localStorage.getItem('rockpool.guest')).toBe('guest-token');
    await answer([]);
    expect(feed.state.value).toEqual({ name: 'ready', sessions: [], older: 'none' });
    expect(fake.time.pendingTimers).toBe(0);
  });

  it('reads a page ahead, so that it offers older sessions only where there are any', async () => {
    const { fake, feed, answer } = await open();
    expect(feed.state.value).toMatchObject({ sessions: PAGES[0], older: 'reading' });
    expect(fake.socket.last('history').payload).toEqual({ beforeMs: PAGES[0]?.[1]?.startedAtMs });
    await answer([]);
    expect(feed.state.value).toMatchObject({ sessions: PAGES[0], older: 'none' });
  });

  it('shows the next page at once, and then the one after it', async () => {
    const { feed, answer } = await open();
    await answer(PAGES[1] ?? []);
    expect(feed.state.value).toMatchObject({ sessions: PAGES[0], older: 'there' });
    feed.showOlder();
    const both = [...(PAGES[0] ?? []), ...(PAGES[1] ?? [])];
    expect(feed.state.value).toMatchObject({ sessions: both, older: 'reading' });
    // A press while it reads changes nothing.
    feed.showOlder();
    await answer(PAGES[2] ?? []);
    expect(feed.state.value).toMatchObject({ sessions: both, older: 'there' });
    feed.showOlder();
    await answer([]);
    expect(feed.state.value).toMatchObject({ sessions: PAGES.flat(), older: 'none' });
  });

  it('reads the next page again where that failed', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { fake, feed, answer } = await open();
    fake.socket.last('history').lose();
    await settle();
    expect(feed.state.value).toMatchObject({ sessions: PAGES[0], older: 'there' });
    const asked = fake.socket.sent('history').length;
    feed.showOlder();
    expect(fake.socket.sent('history')).toHaveLength(asked + 1);
    await answer(PAGES[2] ?? []);
    expect(feed.state.value).toMatchObject({
      sessions: [...(PAGES[0] ?? []), ...(PAGES[2] ?? [])],
    });
  });

  it('says so where the server does not answer, and recovers by itself', async () => {
    const { fake, feed, answer } = setUp();
    fake.time.advance(10_000);
    expect(feed.state.value).toEqual({
      name: 'failed',
      message: 'The server could not be reached.',
    });
    fake.welcome();
    await answer(PAGES[2] ?? []);
    expect(feed.state.value).toMatchObject({ name: 'ready', sessions: PAGES[2] });
  });

  it('tries again when asked to', async () => {
    const { fake, feed, answer } = setUp();
    fake.welcome();
    fake.socket.last('history').refuse('rate-limited', 'That was too much at once.');
    await settle();
    expect(feed.state.value).toEqual({ name: 'failed', message: 'That was too much at once.' });
    feed.retry();
    expect(feed.state.value).toEqual({ name: 'loading' });
    await answer([]);
    expect(feed.state.value).toMatchObject({ name: 'ready' });
  });

  it('keeps what it has read when the connection comes and goes', async () => {
    const { fake, feed, answer } = await open();
    await answer([]);
    fake.loseSocket();
    fake.welcome();
    await settle();
    expect(feed.state.value).toMatchObject({ name: 'ready', sessions: PAGES[0], older: 'none' });
  });

  it('leaves nothing behind when the page goes', async () => {
    const complained = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { fake, feed } = await open();
    feed.close();
    fake.socket.last('history').lose();
    await settle();
    expect(complained).not.toHaveBeenCalled();
    expect(fake.time.pendingTimers).toBe(0);
  });
});
