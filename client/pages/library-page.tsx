import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { GameListing } from '../../protocol/game-info.ts';
import type { GameId } from '../../protocol/ids.ts';
import { useFocusNavigation } from './focus-navigation.ts';
import { type CardForm, GameCard } from './game-card.tsx';
import type { GameLibrary } from './game-library.ts';
import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';
import { lastPlayed } from './last-played.ts';
import { usePageTitle } from './page-title.ts';
import { SettingsDialog } from './settings-dialog.tsx';
import type { SettingsStore } from './settings-store.ts';
import { Wordmark } from './wordmark.tsx';

/** Often enough that a place that came free is seen, rare enough to cost nothing. */
const REFRESH_EVERY_MS = 4000;

export interface LibraryPageProps {
  readonly library: GameLibrary;
  readonly settings: SettingsStore;
}

export function LibraryPage({ library, settings }: LibraryPageProps) {
  usePageTitle(undefined);
  useFocusNavigation(true);
  useQuietRefresh(library);
  const settingsOpen = useSignal(false);
  return (
    <div class="library">
      <header class="masthead">
        <h1>
          <Wordmark />
        </h1>
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            settingsOpen.value = true;
          }}
        >
          <Icon name="settings" />
          Settings
        </button>
      </header>
      <main>
        <LibraryContent library={library} />
      </main>
      <footer class="colophon">
        <p>
          Arrow keys or a gamepad move, <kbd>Enter</kbd> or <kbd>A</kbd> plays.
        </p>
      </footer>
      <SettingsDialog open={settingsOpen} store={settings} />
    </div>
  );
}

function LibraryContent({ library }: { readonly library: GameLibrary }) {
  const state = library.state.value;
  switch (state.name) {
    case 'loading':
      return <Skeleton />;
    case 'failed':
      return (
        <section class="panel" role="alert">
          <Illustration icon="plug" />
          <h2>The library cannot be read</h2>
          <p>{state.message} Check that Rockpool is running, then try again.</p>
          <div class="panel-actions">
            <button type="button" class="button primary" onClick={() => void library.retry()}>
              <Icon name="retry" />
              Try again
            </button>
          </div>
        </section>
      );
    case 'ready':
      return state.games.length === 0 ? (
        <Empty />
      ) : (
        <>
          {state.stale && (
            <p class="notice" role="status">
              <Icon name="plug" />
              The server does not answer. This is what it said last; it is being asked again.
            </p>
          )}
          <Shelves games={state.games} />
        </>
      );
  }
}

function Shelves({ games }: { readonly games: readonly GameListing[] }) {
  const playable = games.filter((game) => !game.diagnostic);
  const diagnostic = games.filter((game) => game.diagnostic);
  const returning = lastPlayed();
  return (
    <>
      {playable.length > 0 && (
        <section class="shelf" aria-labelledby="shelf-play" data-focus-first>
          <h2 id="shelf-play" class="visually-hidden">
            Play
          </h2>
          <Cards games={playable} form="tile" feature returning={returning} />
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
  readonly returning: GameId | undefined;
}

function Cards({ games, form, feature = false, returning }: CardsProps) {
  return (
    <ul class={`cards ${form}s`}>
      {games.map((game, index) => (
        <li key={game.id} class={feature && index === 0 ? 'wide' : ''}>
          <GameCard
            game={game}
            form={feature && index === 0 ? 'feature' : form}
            takesFocus={game.id === returning}
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
      <dl class="recipes">
        <dt>Everything on this machine</dt>
        <dd>
          <code>npm start</code>
        </dd>
        <dt>Another machine</dt>
        <dd>
          <code>rockpool container --join {location.origin} --token TOKEN</code>
        </dd>
      </dl>
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

function useQuietRefresh(library: GameLibrary): void {
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === 'visible') void library.refresh();
    };
    refresh();
    const timer = setInterval(refresh, REFRESH_EVERY_MS);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
    };
  }, [library]);
}
