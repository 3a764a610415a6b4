import { useSignal } from '@preact/signals';
import { useContext, useEffect } from 'preact/hooks';
import type { GameId } from '../../protocol/ids.ts';
import type { StudioMembership } from '../../protocol/studio-messages.ts';
import { usePageTitle } from './page-title.ts';
import { studioGamesPath } from './route.ts';
import { StudioBuilds } from './studio-builds.tsx';
import { StudioContext } from './studio-context.ts';
import { GameSettings } from './studio-game-settings.tsx';
import { StudioInsight } from './studio-insight.tsx';
import { StudioReleases } from './studio-releases.tsx';
import { StudioStorePage } from './studio-store-page.tsx';
import { useLoaded } from './use-loaded.ts';

/** What each tab of a game's page gets. */
export interface GameTabProps {
  readonly studio: StudioMembership;
  readonly gameId: GameId;
  readonly title: string;
}

const TABS = [
  { name: 'builds', label: 'Builds', Tab: StudioBuilds },
  { name: 'releases', label: 'Releases', Tab: StudioReleases },
  { name: 'insight', label: 'Insight', Tab: StudioInsight },
  { name: 'store', label: 'Store page', Tab: StudioStorePage },
] as const;
type TabName = (typeof TABS)[number]['name'];

export interface StudioGameProps {
  readonly studio: StudioMembership;
  readonly gameId: GameId;
}

/** One game of a studio. */
export function StudioGame({ studio, gameId }: StudioGameProps) {
  const { requests } = useContext(StudioContext);
  const { value, failure, reload } = useLoaded(gameId, () => requests.game(studio.slug, gameId));
  const shown = useSignal<TabName>(tabOf(location.search));
  const game = value.value;
  usePageTitle(game?.title ?? 'Studio');
  useEffect(() => {
    const follow = () => {
      shown.value = tabOf(location.search);
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [shown]);
  const show = (name: TabName) => {
    shown.value = name;
    history.replaceState(history.state, '', name === 'builds' ? location.pathname : `?tab=${name}`);
  };
  const { Tab } = TABS.find(({ name }) => name === shown.value) ?? TABS[0];
  return (
    <>
      <header class="page-head studio-head">
        <div>
          <p class="studio-back">
            <a href={studioGamesPath(studio.slug)}>{studio.name}</a>
          </p>
          <h1>{game?.title ?? gameId}</h1>
        </div>
        {game && (
          <GameSettings
            studio={studio}
            gameId={gameId}
            title={game.title}
            onRenamed={() => void reload()}
          />
        )}
        <fieldset class="segments game-tabs">
          <legend class="visually-hidden">What to see of the game</legend>
          {TABS.map(({ name, label }) => (
            <label key={name}>
              <input
                type="radio"
                name="game-tab"
                checked={name === shown.value}
                onChange={() => show(name)}
              />
              <span>{label}</span>
            </label>
          ))}
        </fieldset>
      </header>
      {failure.value !== undefined && <p class="studio-problem">{failure.value}</p>}
      {game && <Tab studio={studio} gameId={gameId} title={game.title} />}
    </>
  );
}

function tabOf(search: string): TabName {
  const wanted = new URLSearchParams(search).get('tab');
  return TABS.find(({ name }) => name === wanted)?.name ?? 'builds';
}
