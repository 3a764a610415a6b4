import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ANY_GAME,
  findGames,
  isSearching,
  type LibrarySearch,
  parseSearch,
  searchQuery,
  tagsOf,
} from '../../../client/pages/library-search.ts';
import type { GameListing } from '../../../protocol/game-info.ts';

function game(id: string, changes: Partial<GameListing> = {}): GameListing {
  return {
    id,
    title: id,
    summary: '',
    inputs: ['keyboard'],
    players: 1,
    diagnostic: false,
    pointerLock: false,
    controls: [],
    touchButtons: [],
    coverUrl: null,
    tags: [],
    freeSlots: 1,
    ...changes,
  };
}

const GAMES = [
  game('freedoom', { title: 'Freedoom', inputs: ['keyboard', 'mouse'], tags: ['shooter'] }),
  game('pokemon', { title: 'Pokémon Blåtand', summary: 'Monsters of the deep sea.' }),
  game('sea-of-rocks', { title: 'Sea of Rocks', inputs: ['gamepad'], players: 2 }),
  game('skimmer', {
    title: 'Skimmer',
    summary: 'A hydrofoil at dusk.',
    inputs: ['keyboard', 'gamepad', 'touch'],
    tags: ['Racing', 'sea'],
    players: 4,
  }),
];

const NEVER = new Map<string, number>();

function found(search: Partial<LibrarySearch>, played = NEVER): string[] {
  return findGames(GAMES, { ...ANY_GAME, ...search }, played).map(({ id }) => id);
}

describe('a search of the library', () => {
  it('that asks for nothing finds all, as listed, what was played last first', () => {
    const all = GAMES.map(({ id }) => id);
    expect(found({})).toEqual(all);
    const played = new Map([
      ['pokemon', 1],
      ['skimmer', 2],
    ]);
    expect(found({}, played)).toEqual(['skimmer', 'pokemon', 'freedoom', 'sea-of-rocks']);
  });

  it('finds words in titles before those in tags and summaries', () => {
    expect(found({ text: 'sea' })).toEqual(['sea-of-rocks', 'skimmer', 'pokemon']);
    expect(found({ text: 'rocks' })).toEqual(['sea-of-rocks']);
  });

  it('takes all words for meant, in any order, case and accent', () => {
    expect(found({ text: 'ROCKS sea' })).toEqual(['sea-of-rocks']);
    expect(found({ text: 'pokemon' })).toEqual(['pokemon']);
    expect(found({ text: 'blatand' })).toEqual(['pokemon']);
    expect(found({ text: 'sea dusk' })).toEqual(['skimmer']);
    expect(found({ text: 'sea nothing' })).toEqual([]);
    expect(found({ text: ' - ' })).toHaveLength(4);
  });

  it('keeps to device, players and tag', () => {
    expect(found({ input: 'gamepad' })).toEqual(['sea-of-rocks', 'skimmer']);
    expect(found({ input: 'gamepad', players: 3 })).toEqual(['skimmer']);
    expect(found({ players: 2 })).toEqual(['sea-of-rocks', 'skimmer']);
    expect(found({ tag: 'racing' })).toEqual(['skimmer']);
    expect(found({ tag: 'racing', text: 'doom' })).toEqual([]);
  });

  it('finds its way in hundreds of games', () => {
    const many = Array.from({ length: 500 }, (_, index) => game(`game-${index}`));
    const search = { ...ANY_GAME, text: 'game 499' };
    expect(findGames(many, search, NEVER).map(({ id }) => id)).toEqual(['game-499']);
  });
});

describe('the address of a search', () => {
  it('is short, and leads back to the same search', () => {
    const search: LibrarySearch = {
      text: 'sea & sand',
      input: 'gamepad',
      players: 2,
      tag: 'co-op',
    };
    const query = searchQuery(search);
    expect(query).toBe('?q=sea+%26+sand&with=gamepad&players=2&tag=co-op');
    expect(parseSearch(query)).toEqual(search);
    expect(searchQuery(ANY_GAME)).toBe('');
    expect(isSearching(ANY_GAME)).toBe(false);
    expect(isSearching({ ...ANY_GAME, text: '  ' })).toBe(false);
    expect(isSearching(search)).toBe(true);
  });

  it('that means nothing finds everything', () => {
    expect(parseSearch('?with=nose&players=9&tag=&what=ever')).toEqual(ANY_GAME);
    fc.assert(
      fc.property(fc.string(), (noise) => {
        const { text, players } = parseSearch(noise);
        expect(text.length).toBeLessThanOrEqual(80);
        expect([undefined, 2, 3, 4]).toContain(players);
      }),
    );
  });
});

describe('the tags of the library', () => {
  it('are those of most games first, once whatever their case, and not too many', () => {
    const games = [
      game('one', { tags: ['sea', 'calm'] }),
      game('two', { tags: ['Sea', 'arcade'] }),
      game('three', { tags: ['puzzle'] }),
    ];
    expect(tagsOf(games, 3)).toEqual(['sea', 'arcade', 'calm']);
    expect(tagsOf([], 3)).toEqual([]);
  });
});
