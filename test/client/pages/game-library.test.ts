import { describe, expect, it } from 'vitest';
import { GameLibrary } from '../../../client/pages/game-library.ts';
import { gameIdSchema } from '../../../protocol/ids.ts';

const skimmer = {
  id: 'skimmer',
  title: 'Skimmer',
  summary: 'A hydrofoil at dusk.',
  inputs: ['keyboard'],
  players: 1,
  diagnostic: false,
  pointerLock: false,
  controls: [],
  touchButtons: [],
  coverUrl: null,
  tags: [],
  freeSlots: 2,
};

function libraryThatAnswers(...answers: (() => Promise<Response>)[]) {
  let reads = 0;
  const library = new GameLibrary(() => {
    const answer = answers[Math.min(reads, answers.length - 1)];
    reads += 1;
    if (answer === undefined) throw new Error('the test gave no answer');
    return answer();
  });
  return { library, reads: () => reads };
}

const listing = async () => Response.json({ games: [skimmer] });
const unreachable = () => Promise.reject(new TypeError('fetch failed'));

describe('GameLibrary', () => {
  it('holds the games that the server lists', async () => {
    const { library } = libraryThatAnswers(listing);
    await library.refresh();
    expect(library.state.value).toMatchObject({ name: 'ready', stale: false });
    expect(library.find(gameIdSchema.parse('skimmer'))?.title).toBe('Skimmer');
  });

  it('keeps what it had, marked as stale, when a later read fails', async () => {
    const { library } = libraryThatAnswers(listing, unreachable, listing);
    await library.refresh();
    await library.refresh();
    expect(library.state.value).toMatchObject({ name: 'ready', stale: true });
    expect(library.find(gameIdSchema.parse('skimmer'))).toBeDefined();
    await library.refresh();
    expect(library.state.value).toMatchObject({ name: 'ready', stale: false });
  });

  it.each([
    ['an unreachable server', unreachable, 'could not be reached'],
    ['an error status', async () => new Response('', { status: 503 }), 'status 503'],
    ['an answer of another shape', async () => Response.json({ games: [{}] }), 'not understand'],
    ['an answer that is no JSON', async () => new Response('<html>'), 'not understand'],
  ])('says what is wrong with %s', async (_, answer, words) => {
    const { library } = libraryThatAnswers(answer);
    await library.refresh();
    expect(library.state.value).toMatchObject({ name: 'failed' });
    expect(library.state.value).toHaveProperty('message', expect.stringContaining(words));
  });

  it('reads once for calls that come during a read', async () => {
    const { library, reads } = libraryThatAnswers(listing);
    await Promise.all([library.refresh(), library.refresh(), library.refresh()]);
    expect(reads()).toBe(1);
  });

  it('shows that it is loading while it tries again after a failure', async () => {
    const { library } = libraryThatAnswers(unreachable, listing);
    await library.refresh();
    const retried = library.retry();
    expect(library.state.value).toEqual({ name: 'loading' });
    await retried;
    expect(library.state.value).toMatchObject({ name: 'ready' });
  });
});
