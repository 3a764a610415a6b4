import type { ComponentChildren } from 'preact';
import type { GameListing } from '../../protocol/game-info.ts';
import { INPUT_NAMES } from './game-card.tsx';
import { Icon } from './icon.tsx';
import {
  ANY_GAME,
  type GameInput,
  isSearching,
  type LibrarySearch,
  tagsOf,
} from './library-search.ts';

/** With fewer, all of them are seen at a glance. */
const MIN_GAMES = 5;

const MAX_TAGS = 12;

const INPUTS: readonly GameInput[] = ['keyboard', 'mouse', 'gamepad', 'touch'];
const PLAYERS = [2, 3, 4] as const;

export interface LibraryFiltersProps {
  readonly games: readonly GameListing[];
  /** How many of them fit. */
  readonly found: number;
  readonly search: LibrarySearch;
  readonly onChange: (search: LibrarySearch) => void;
}

/** What to look for: words, and switches that a gamepad can press. What no game has is not offered. */
export function LibraryFilters({ games, found, search, onChange }: LibraryFiltersProps) {
  const searching = isSearching(search);
  if (games.length < MIN_GAMES && !searching) return null;
  const change = (part: Partial<LibrarySearch>) => onChange({ ...search, ...part });
  const tags = tagsOf(games, MAX_TAGS);
  const known =
    search.tag === undefined || tags.includes(search.tag) ? tags : [search.tag, ...tags];
  return (
    <search class="filters">
      <form
        onSubmit={(event) => {
          event.preventDefault();
        }}
      >
        <label class="filter-text">
          <Icon name="search" />
          <span class="visually-hidden">Search the games</span>
          <input
            type="search"
            placeholder="Search"
            enterkeyhint="search"
            autocomplete="off"
            spellcheck={false}
            maxLength={80}
            value={search.text}
            onInput={({ currentTarget }) => change({ text: currentTarget.value })}
          />
        </label>
        <Switches label="Plays with">
          {INPUTS.filter((input) => games.some(({ inputs }) => inputs.includes(input))).map(
            (input) => (
              <Switch
                key={input}
                on={search.input === input}
                onToggle={(on) => change({ input: on ? input : undefined })}
              >
                <Icon name={input} />
                {INPUT_NAMES[input]}
              </Switch>
            ),
          )}
        </Switches>
        <Switches label="Players">
          {PLAYERS.filter((players) => games.some((game) => game.players >= players)).map(
            (players) => (
              <Switch
                key={players}
                on={search.players === players}
                onToggle={(on) => change({ players: on ? players : undefined })}
              >
                {players === 4 ? '4 players' : `${players} or more`}
              </Switch>
            ),
          )}
        </Switches>
        <Switches label="Tags">
          {known.map((tag) => (
            <Switch
              key={tag}
              on={search.tag === tag}
              onToggle={(on) => change({ tag: on ? tag : undefined })}
            >
              {tag}
            </Switch>
          ))}
        </Switches>
      </form>
      <p class="filters-found" role="status">
        {searching && (
          <>
            {found === 1 ? '1 game fits' : `${found} of ${games.length} games fit`}
            <button type="button" class="link" onClick={() => onChange(ANY_GAME)}>
              Show all
            </button>
          </>
        )}
      </p>
    </search>
  );
}

interface SwitchesProps {
  readonly label: string;
  readonly children: readonly ComponentChildren[];
}

/** A choice of which one alone is no choice. */
function Switches({ label, children }: SwitchesProps) {
  if (children.length === 0) return null;
  return (
    <fieldset class="filter-switches">
      <legend class="visually-hidden">{label}</legend>
      {children}
    </fieldset>
  );
}

interface SwitchProps {
  readonly on: boolean;
  readonly onToggle: (on: boolean) => void;
  readonly children: ComponentChildren;
}

function Switch({ on, onToggle, children }: SwitchProps) {
  return (
    <button type="button" class="filter-switch" aria-pressed={on} onClick={() => onToggle(!on)}>
      {children}
    </button>
  );
}
