import '../styles/game-page.css';
import { useEffect, useMemo } from 'preact/hooks';
import type { GameId } from '../../protocol/ids.ts';
import { type PublicGame, publicGameSchema } from '../../protocol/public-game.ts';
import { useFocusNavigation } from './focus-navigation.ts';
import { INPUT_NAMES, placesText } from './game-card.tsx';
import { GamePicture } from './game-picture.tsx';
import { ControlsTable } from './how-to-play.tsx';
import { Icon } from './icon.tsx';
import { Illustration } from './illustration.tsx';
import { playedGames, rememberShown } from './last-played.ts';
import { ANY_GAME, searchQuery } from './library-search.ts';
import { Markdown } from './markdown.tsx';
import { Masthead } from './masthead.tsx';
import { goToLibrary } from './navigation.ts';
import { usePageTitle } from './page-title.ts';
import { PlaceholderCover } from './placeholder-cover.tsx';
import { type FetchJson, Polled } from './polled.ts';
import { playPath } from './route.ts';
import { StaleNotice } from './stale-notice.tsx';
import { formatDay } from './time-words.ts';
import { useQuietRefresh } from './use-quiet-refresh.ts';

export interface GamePageProps {
  readonly gameId: GameId;
  readonly fetchJson: FetchJson;
}

/** What there is to know of a game before playing it. */
export function GamePage({ gameId, fetchJson }: GamePageProps) {
  const polled = useMemo(
    () => new Polled(fetchJson, `/api/games/${gameId}`, publicGameSchema),
    [gameId, fetchJson],
  );
  useQuietRefresh(polled);
  useFocusNavigation(true, goToLibrary);
  useEffect(() => rememberShown(gameId), [gameId]);
  const state = polled.state.value;
  usePageTitle(state.name === 'ready' ? state.value.game.title : 'A game');
  return (
    <div class="library">
      <Masthead here="game" />
      <main>
        {state.name === 'loading' ? (
          <Skeleton />
        ) : state.name === 'failed' ? (
          <Missing message={state.message} onRetry={() => void polled.retry()} />
        ) : (
          <>
            {state.stale && <StaleNotice />}
            <GameArticle shown={state.value} lastPlayedMs={playedGames().get(gameId)} />
          </>
        )}
      </main>
    </div>
  );
}

export interface GameArticleProps {
  readonly shown: PublicGame;
  /** Epoch milliseconds; undefined where it was not played on this device. */
  readonly lastPlayedMs: number | undefined;
}

/** The page itself, also as its studio sees it before players do. */
export function GameArticle({ shown, lastPlayedMs }: GameArticleProps) {
  const { game, studio, description, media } = shown;
  const full = game.freeSlots === 0;
  return (
    <article class="game">
      <header class="game-head">
        <Look shown={shown} />
        <div class="game-lead">
          <h1>{game.title}</h1>
          {studio !== null && <p class="game-studio">by {studio}</p>}
          {game.summary !== '' && <p class="game-summary">{game.summary}</p>}
          <div class="game-play" data-focus-first>
            <a class="button primary" href={playPath(game.id)}>
              <Icon name={full ? 'hourglass' : 'play'} />
              {full ? 'Wait for a place' : 'Play'}
            </a>
            <p>{placesText(game.freeSlots)}</p>
          </div>
          {lastPlayedMs !== undefined && (
            <p class="game-last">
              <Icon name="clock" />
              You played it last: {formatDay(lastPlayedMs, Date.now()).toLowerCase()}.
            </p>
          )}
          {game.tags.length > 0 && (
            <ul class="game-tags" aria-label="Tags">
              {game.tags.map((tag) => (
                <li key={tag}>
                  <a href={`/${searchQuery({ ...ANY_GAME, tag })}`}>{tag}</a>
                </li>
              ))}
            </ul>
          )}
        </div>
      </header>
      {media.screenshots.length > 0 && (
        <section class="game-shots" aria-label="Screenshots">
          {media.screenshots.map((pictures, index) => (
            <GamePicture
              key={pictures[0]?.url}
              pictures={pictures}
              alt={`Screenshot ${index + 1} of ${game.title}`}
              sizes="(min-width: 64rem) 24rem, 80vw"
              lazy
            />
          ))}
        </section>
      )}
      <div class="game-body">
        {description !== '' && (
          <section class="game-about" aria-labelledby="game-about">
            <h2 id="game-about">About</h2>
            <Markdown text={description} />
          </section>
        )}
        <aside class="game-facts">
          <Needs shown={shown} />
          <section aria-labelledby="game-controls">
            <h2 id="game-controls">Controls</h2>
            <ControlsTable game={game} />
          </section>
        </aside>
      </div>
    </article>
  );
}

/** How it looks in motion, or else at rest. */
function Look({ shown: { game, media } }: { readonly shown: PublicGame }) {
  if (media.clipUrl !== null) {
    return (
      <div class="cover game-cover">
        <video
          src={media.clipUrl}
          poster={media.posterUrl ?? undefined}
          aria-label={`${game.title}, fifteen seconds of it`}
          controls
          muted
          loop
          playsInline
          preload="metadata"
        />
      </div>
    );
  }
  return (
    <div class="cover game-cover">
      {media.cover.length > 0 ? (
        <GamePicture pictures={media.cover} alt="" sizes="(min-width: 64rem) 60vw, 100vw" />
      ) : (
        <PlaceholderCover title={game.title} />
      )}
    </div>
  );
}

function Needs({ shown: { game } }: { readonly shown: PublicGame }) {
  return (
    <section aria-labelledby="game-needs">
      <h2 id="game-needs">What it needs</h2>
      <ul class="game-needs">
        {game.inputs.map((input) => (
          <li key={input}>
            <Icon name={input} />
            {INPUT_NAMES[input]}
          </li>
        ))}
        <li>
          <Icon name="people" />
          {game.players === 1 ? 'One player' : `1 to ${game.players} players`}
        </li>
        <li>
          <Icon name="server" />
          Any browser: the game runs on a machine near you.
        </li>
        {game.pointerLock && (
          <li>
            <Icon name="lock" />
            It takes the mouse; Esc frees it.
          </li>
        )}
      </ul>
    </section>
  );
}

interface MissingProps {
  readonly message: string;
  readonly onRetry: () => void;
}

function Missing({ message, onRetry }: MissingProps) {
  return (
    <section class="panel" role="alert">
      <Illustration icon="signpost" />
      <h1>This game cannot be shown</h1>
      <p>{message}</p>
      <div class="panel-actions" data-focus-first>
        <a class="button primary" href="/">
          All games
        </a>
        <button type="button" class="button" onClick={onRetry}>
          <Icon name="retry" />
          Try again
        </button>
      </div>
    </section>
  );
}

function Skeleton() {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">Looking for the game</span>
      <div class="bone feature" />
      <div class="bone row" />
    </div>
  );
}
