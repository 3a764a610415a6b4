import { ConsoleEntry } from './console-entry.tsx';
import { GameEntry } from './game-entry.tsx';
import type { GameLibrary } from './game-library.ts';
import { HistoryPage } from './history-page.tsx';
import { JoinPage } from './join-page.tsx';
import { LibraryPage } from './library-page.tsx';
import { route } from './navigation.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { PlayPage } from './play-page.tsx';
import type { FetchJson } from './polled.ts';
import { PoolPage, type PoolView } from './pool-page.tsx';
import type { SettingsStore } from './settings-store.ts';
import { StudioEntry } from './studio-entry.tsx';

export interface AppProps {
  readonly library: GameLibrary;
  readonly pool: PoolView;
  readonly settings: SettingsStore;
  readonly fetchJson: FetchJson;
}

export function App({ library, pool, settings, fetchJson }: AppProps) {
  const here = route.value;
  switch (here.name) {
    case 'library':
      return <LibraryPage library={library} settings={settings} />;
    case 'play':
      return (
        <PlayPage key={here.gameId} gameId={here.gameId} library={library} settings={settings} />
      );
    case 'game':
      return <GameEntry key={here.gameId} gameId={here.gameId} fetchJson={fetchJson} />;
    case 'join':
      return (
        <JoinPage
          key={here.invite}
          invite={here.invite}
          library={library}
          settings={settings}
          fetchJson={fetchJson}
        />
      );
    case 'pool':
      return <PoolPage pool={pool} />;
    case 'history':
      return <HistoryPage library={library} />;
    case 'console':
      return <ConsoleEntry />;
    case 'studio':
      return <StudioEntry slug={here.slug} games={here.games} />;
    case 'not-found':
      return <NotFoundPage />;
  }
}
