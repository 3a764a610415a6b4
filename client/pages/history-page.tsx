import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { PlayedSession } from '../../protocol/player-messages.ts';
import { browserEnvironment } from '../player/player-environment.ts';
import { FailurePanel } from './failure-panel.tsx';
import type { GameLibrary } from './game-library.ts';
import { HistoryFeed, type HistoryState } from './history-feed.ts';
import { HistoryRow } from './history-row.tsx';
import { byDay } from './history-words.ts';
import { Illustration } from './illustration.tsx';
import { useLeavingKeys } from './leaving-keys.ts';
import { Masthead } from './masthead.tsx';
import { usePageTitle } from './page-title.ts';

export interface HistoryPageProps {
  /** For titles and covers, and whether a game can be played again. */
  readonly library: GameLibrary;
}

/** What this player played, and how it went. */
export function HistoryPage({ library }: HistoryPageProps) {
  usePageTitle('Your games');
  useLeavingKeys();
  const feed = useSignal<HistoryFeed | undefined>(undefined);
  useEffect(() => {
    const opened = new HistoryFeed(browserEnvironment());
    feed.value = opened;
    void library.refresh();
    return () => opened.close();
  }, [feed, library]);
  return (
    <div class="library">
      <Masthead here="history" />
      <main>
        <header class="page-head">
          <h1>Your games</h1>
          <p>Every game played from this browser, and how its picture came through.</p>
        </header>
        <HistoryContent
          state={feed.value?.state.value ?? { name: 'loading' }}
          library={library}
          onOlder={() => void feed.value?.showOlder()}
          onRetry={() => feed.value?.retry()}
        />
      </main>
    </div>
  );
}

interface HistoryContentProps extends HistoryPageProps {
  readonly state: HistoryState;
  readonly onOlder: () => void;
  readonly onRetry: () => void;
}

function HistoryContent({ state, library, onOlder, onRetry }: HistoryContentProps) {
  switch (state.name) {
    case 'loading':
      return <Skeleton />;
    case 'failed':
      return (
        <FailurePanel title="Your games cannot be read" message={state.message} onRetry={onRetry} />
      );
    case 'ready':
      if (state.sessions.length === 0) return <Empty />;
      return (
        <>
          <Days sessions={state.sessions} library={library} />
          {state.older !== 'none' && (
            <div class="older">
              <button
                type="button"
                class="button"
                aria-disabled={state.older === 'reading'}
                onClick={onOlder}
              >
                {state.older === 'reading' ? 'Reading…' : 'Older'}
              </button>
            </div>
          )}
        </>
      );
  }
}

interface DaysProps extends HistoryPageProps {
  readonly sessions: readonly PlayedSession[];
}

function Days({ sessions, library }: DaysProps) {
  const nowMs = Date.now();
  return (
    <div data-focus-first>
      {byDay(sessions, nowMs).map(({ title, sessions }) => (
        <section key={title} class="day" aria-label={title}>
          <h2>{title}</h2>
          <ul>
            {sessions.map((session) => (
              <li key={session.sessionId}>
                <HistoryRow session={session} game={library.find(session.gameId)} nowMs={nowMs} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Empty() {
  return (
    <section class="panel">
      <Illustration icon="gamepad" />
      <h2>Nothing has been played yet</h2>
      <p>
        Games you play from this browser are listed here, with how smooth and how fast they were.
      </p>
      <div class="panel-actions" data-focus-first>
        <a class="button primary" href="/">
          Open the library
        </a>
      </div>
    </section>
  );
}

function Skeleton() {
  return (
    <div class="skeleton rows" role="status">
      <span class="visually-hidden">Looking up your games</span>
      <div class="bone" />
      <div class="bone" />
      <div class="bone" />
    </div>
  );
}
