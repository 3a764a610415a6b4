import { type GameListing, gameInputSchema } from '../../protocol/game-info.ts';
import type { GameId } from '../../protocol/ids.ts';

export type GameInput = GameListing['inputs'][number];

/** What a person looks for in the library; undefined: anything. */
export interface LibrarySearch {
  readonly text: string;
  readonly input: GameInput | undefined;
  /** So many at least can play it together. */
  readonly players: number | undefined;
  readonly tag: string | undefined;
}

export const ANY_GAME: LibrarySearch = {
  text: '',
  input: undefined,
  players: undefined,
  tag: undefined,
};

const MAX_TEXT = 80;

/** What a `location.search` asks for: `?q=…&with=gamepad&players=2&tag=…`. What it cannot mean is left out. */
export function parseSearch(query: string): LibrarySearch {
  const words = new URLSearchParams(query);
  const input = gameInputSchema.safeParse(words.get('with'));
  const players = Number(words.get('players'));
  return {
    text: (words.get('q') ?? '').slice(0, MAX_TEXT),
    input: input.success ? input.data : undefined,
    players: [2, 3, 4].includes(players) ? players : undefined,
    tag: words.get('tag')?.slice(0, MAX_TEXT) || undefined,
  };
}

/** The other way round; empty where anything will do. */
export function searchQuery({ text, input, players, tag }: LibrarySearch): string {
  const words = new URLSearchParams();
  if (text.trim() !== '') words.set('q', text.trim());
  if (input !== undefined) words.set('with', input);
  if (players !== undefined) words.set('players', String(players));
  if (tag !== undefined) words.set('tag', tag);
  return words.size > 0 ? `?${words}` : '';
}

export function isSearching(search: LibrarySearch): boolean {
  return searchQuery(search) !== '';
}

/**
 * The games that fit: those that fit the words best come first, then what was played last, then the rest
 * as it was listed.
 * @param playedAtMs when each was played last on this device.
 */
export function findGames(
  games: readonly GameListing[],
  search: LibrarySearch,
  playedAtMs: ReadonlyMap<GameId, number>,
): GameListing[] {
  const words = plain(search.text).split(' ').filter(Boolean);
  const tag = search.tag === undefined ? undefined : plain(search.tag);
  return games
    .filter(
      (game) =>
        (search.input === undefined || game.inputs.includes(search.input)) &&
        game.players >= (search.players ?? 1) &&
        (tag === undefined || game.tags.some((one) => plain(one) === tag)),
    )
    .map((game, listed) => ({ game, listed, worth: worthOf(game, words) }))
    .filter(({ worth }) => worth !== undefined)
    .sort(
      (a, b) =>
        (b.worth ?? 0) - (a.worth ?? 0) ||
        (playedAtMs.get(b.game.id) ?? 0) - (playedAtMs.get(a.game.id) ?? 0) ||
        a.listed - b.listed,
    )
    .map(({ game }) => game);
}

/** What games are filed under, what most are first, then by name. */
export function tagsOf(games: readonly GameListing[], limit: number): string[] {
  const known = new Map<string, { readonly tag: string; games: number }>();
  for (const { tags } of games) {
    for (const tag of tags) {
      const entry = known.get(plain(tag));
      if (entry) entry.games++;
      else known.set(plain(tag), { tag, games: 1 });
    }
  }
  return [...known.values()]
    .sort((a, b) => b.games - a.games || a.tag.localeCompare(b.tag))
    .slice(0, limit)
    .map(({ tag }) => tag);
}

/** How well a game fits all the words; undefined: it does not. */
function worthOf({ title, summary, tags }: GameListing, words: readonly string[]) {
  const [name, rest, filed] = [plain(title), plain(summary), tags.map(plain)];
  let worth = 0;
  for (const word of words) {
    if (name.startsWith(word)) worth += 8;
    else if (name.includes(` ${word}`)) worth += 6;
    else if (name.includes(word)) worth += 4;
    else if (filed.some((tag) => tag.startsWith(word))) worth += 2;
    else if (rest.includes(word)) worth += 1;
    else return undefined;
  }
  return worth;
}

/** Without case, accents and what is no letter or digit: "Pokémon" is found by "pokemon". */
function plain(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, ' ')
    .trim();
}
