import type { GameLibrary } from './game-library.ts';
import { LibraryPage } from './library-page.tsx';
import { route } from './navigation.ts';
import { NotFoundPage } from './not-found-page.tsx';
import { PlayPage } from './play-page.tsx';
import type { SettingsStore } from './settings-store.ts';

export interface AppProps {
  readonly library: GameLibrary;
  readonly settings: SettingsStore;
}

export function App({ library, settings }: AppProps) {
  const here = route.value;
  switch (here.name) {
    case 'library':
      return <LibraryPage library={library} settings={settings} />;
    case 'play':
      return (
        <PlayPage key={here.gameId} gameId={here.gameId} library={library} settings={settings} />
      );
    case 'not-found':
      return <NotFoundPage />;
  }
}
