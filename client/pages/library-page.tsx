import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { GameListing } from '../../protocol/game-info.ts';
import { useFocusNavigation } from './focus-navigation.ts';
import { type CardForm, GameCard } from './game-card.tsx';
import type { GameLibrary } from './game-library.ts';
import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';
import { JoinRecipes } from './join-recipes.tsx';
import { forgetWayOut, lastWayOut, playedGames, type WayOut } from './last-played.ts';
import { LibraryFilters } from './library-filters.tsx';
import {
  ANY_GAME,
  findGames,
  isSearching,
  type LibrarySearch,
  parseSearch,
  searchQuery,
} from './library-search.ts';
import { Masthead } from './masthead.tsx';
import { usePageTitle } from './page-title.ts';
import { PolledView } from './polled-view.tsx';
import { SettingsDialog } from './settings-dialog.tsx';
import type { SettingsStore } from './settings-store.ts';
import { useQuietRefresh } from './use-quiet-refresh.ts';

export interface LibraryPageProps {
  readonly library: GameLibrary;
  readonly settings: SettingsStore;
}

export function LibraryPage({ library, settings }: LibraryPageProps) {
  usePageTitle(undefined);
  useFocusNavigation(true);
  useQuietRefresh(library);
  const settingsOpen = useSignal(false);
  const search = useSignal(parseSearch(location.search));
  useEffect(() => {
    const follow = () => {
      search.value = parseSearch(location.search);
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [search]);
  // The address is that of what is seen, to be shared or come back to; each letter is no step back.
  const handleSearch = (wanted: LibrarySearch) => {
    search.value = wanted;
    history.replaceState(history.state, '', `/${searchQuery(wanted)}`);
  };
  return (
    <div class="library">
      <Masthead here="library">
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            settingsOpen.value = true;
          }}
        >
          <Icon name="settings" />
          <span>Settings</span>
        </button>
      </Masthead>
      <main>
        <PolledView
          polled={library}
          failureTitle="The library cannot be read"
          skeleton={<Skeleton />}
        >
          {({ games }) =>
            games.length === 0 ? (
              <Empty />
            ) : (
              <Games games={games} search={search.value} onSearch={handleSearch} />
            )
          }
        </PolledView>
      </main>
      <footer class="colophon">
        <p>
          Arrow keys or a gamepad move, <kbd>Enter</kbd> or <kbd>A</kbd> plays, <kbd>Y</kbd> tells
          more.
        </p>
      </footer>
      <SettingsDialog open={settingsOpen} store={settings} />
    </div>
  );
}

interface GamesProps {
  readonly games: readonly GameListing[];
  readonly search: LibrarySearch;
  readonly onSearch: (search: LibrarySearch) => void;
}

function Games({ games, search, onSearch }: GamesProps) {
  // Once a visit: what is played from here comes first when its player is back.
  const played = useMemo(playedGames, []);
  // Coming back, the focus is where it left; neither a refresh nor a search moves it afterwards.
  useEffect(forgetWayOut, []);
  const found = findGames(games, search, played);
  return (
    <>
      <LibraryFilters games={games} found={found.length} search={search} onChange={onSearch} />
      {found.length === 0 ? (
        <section class="panel">
          <Illustration icon="search" />
          <h2>No game fits</h2>
          <p>Try another word, or fewer conditions.</p>
          <div class="panel-actions">
            <button type="button" class="button primary" onClick={() => onSearch(ANY_GAME)}>
              Show all games
            </button>
          </div>
        </section>
      ) : (
        <Shelves games={found} searching={isSearching(search)} />
      )}
    </>
  );
}

interface ShelvesProps {
  readonly games: readonly GameListing[];
  /** Whether these are answers: then none is shown larger than the others. */
  readonly searching: boolean;
}

function Shelves({ games, searching }: ShelvesProps) {
  const playable = games.filter((game) => !game.diagnostic);
  const diagnostic = games.filter((game) => game.diagnostic);
  const returning = lastWayOut();
  return (
    <>
      {playable.length > 0 && (
        <section class="shelf" aria-labelledby="shelf-play" data-focus-first>
          <h2 id="shelf-play" class="visually-hidden">
            Play
          </h2>
          <Cards games={playable} form="tile" feature={!searching} returning={returning} />
        </section>
      )}
      {diagnostic.length > 0 && (
        <section class="shelf" aria-labelledby="shelf-measure">
          <h2 id="shelf-measure">Measure</h2>
          <p class="shelf-note">
            Scenes that show how fast the stream is, from your press to the picture.
          </p>
          <Cards games={diagnostic} form="row" returning={returning} />
        </section>
      )}
    </>
  );
}

interface CardsProps {
  readonly games: readonly GameListing[];
  readonly form: CardForm;
  /** Whether the first one is shown large. */
  readonly feature?: boolean;
  readonly returning: WayOut | undefined;
}

function Cards({ games, form, feature = false, returning }: CardsProps) {
  return (
    <ul class={`cards ${form}s`}>
      {games.map((game, index) => (
        <li key={game.id} class={feature && index === 0 ? 'wide' : ''}>
          <GameCard
            game={game}
            form={feature && index === 0 ? 'feature' : form}
            takesFocus={game.id === returning?.gameId ? returning.to : undefined}
          />
        </li>
      ))}
    </ul>
  );
}

function Empty() {
  return (
    <section class="panel">
      <Illustration icon="waves" />
      <h2>No container has joined yet</h2>
      <p>
        A container is a machine that runs the games. Start one and its games appear here by
        themselves.
      </p>
      <JoinRecipes />
    </section>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">Looking for games</span>
      <div class="bone feature" />
      <div class="bone row" />
      <div class="bone row" />
    </div>
  );
}
