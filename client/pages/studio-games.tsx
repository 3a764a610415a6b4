import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { gameIdFromTitle } from '../../protocol/game-id-from-title.ts';
import type { GameId } from '../../protocol/ids.ts';
import { ROLE_ACTIONS } from '../../protocol/studio-access.ts';
import type { StudioGames as GamesAnswer, StudioGame } from '../../protocol/studio-builds.ts';
import type { StudioMembership } from '../../protocol/studio-messages.ts';
import { formatBytes, STATE_WORDS } from './build-words.ts';
import { Illustration } from './illustration.tsx';
import { Modal } from './modal.tsx';
import { replacePage } from './navigation.ts';
import { studioGamesPath } from './route.ts';
import { StudioContext } from './studio-context.ts';
import { DeletedGames } from './studio-deleted.tsx';
import { StudioForm } from './studio-form.tsx';
import { StudioNav } from './studio-nav.tsx';
import { Field, Problem, When } from './studio-parts.tsx';
import { useLoaded } from './use-loaded.ts';
import { useTask } from './use-task.ts';

export interface StudioGamesProps {
  readonly studio: StudioMembership;
}

/** The games of a studio. */
export function StudioGames({ studio }: StudioGamesProps) {
  const { requests } = useContext(StudioContext);
  const { value, failure, reload } = useLoaded(studio.slug, () => requests.games(studio.slug));
  const creating = useSignal(false);
  const mayCreate = ROLE_ACTIONS[studio.role].has('builds:write');
  const mayDelete = ROLE_ACTIONS[studio.role].has('games:delete');
  const task = useTask();
  const list = value.value;
  const restore = (gameId: GameId) =>
    void task.run(async () => {
      await requests.restoreGame(studio.slug, gameId);
      await reload();
    });
  const openForm = () => {
    creating.value = true;
  };
  return (
    <>
      <header class="page-head studio-head">
        <div>
          <h1>{studio.name}</h1>
          {list && <Storage storage={list.storage} />}
        </div>
        {mayCreate && list && list.games.length > 0 && (
          <button type="button" class="button primary" onClick={openForm}>
            New game
          </button>
        )}
        <StudioNav slug={studio.slug} here="games" />
      </header>
      {failure.value !== undefined && <p class="studio-problem">{failure.value}</p>}
      {list?.games.length === 0 && <NoGames mayCreate={mayCreate} onCreate={openForm} />}
      {list && list.games.length > 0 && (
        <ul class="game-rows">
          {list.games.map((game) => (
            <GameRow key={game.gameId} game={game} slug={studio.slug} nowMs={list.nowMs} />
          ))}
        </ul>
      )}
      <Problem task={task} />
      {list && (
        <DeletedGames
          deleted={list.deleted}
          nowMs={list.nowMs}
          busy={task.busy.value}
          onRestore={mayDelete ? restore : undefined}
        />
      )}
      <Modal open={creating} title="A new game" closeLabel="Close">
        {() => <NewGameForm slug={studio.slug} />}
      </Modal>
    </>
  );
}

function Storage({ storage }: Pick<GamesAnswer, 'storage'>) {
  const { usedBytes, quotaBytes } = storage;
  return (
    <p>
      Builds take {formatBytes(usedBytes)} of {formatBytes(quotaBytes)}.
    </p>
  );
}

interface NoGamesProps {
  readonly mayCreate: boolean;
  readonly onCreate: () => void;
}

function NoGames({ mayCreate, onCreate }: NoGamesProps) {
  return (
    <section class="panel">
      <Illustration icon="film" />
      <h2>No games yet</h2>
      {mayCreate ? (
        <>
          <p>
            Create one, drop its build on the page, and see it start on a machine of the pool. Then
            release it, and share the link.
          </p>
          <div class="panel-actions">
            <button type="button" class="button primary" onClick={onCreate}>
              Create a game
            </button>
          </div>
        </>
      ) : (
        <p>Its owners and developers create them.</p>
      )}
    </section>
  );
}

interface GameRowProps {
  readonly game: StudioGame;
  readonly slug: string;
  readonly nowMs: number;
}

function GameRow({ game, slug, nowMs }: GameRowProps) {
  const { gameId, title, latest, liveBuild } = game;
  return (
    <li data-focus-box>
      <a href={studioGamesPath(slug, gameId)} data-focus-first>
        <b>{title}</b>
        <code>{gameId}</code>
      </a>
      <p>
        {liveBuild === null ? 'Not released' : `Live: build ${liveBuild}`}
        {latest === null ? (
          ' · no builds yet'
        ) : (
          <>
            {' · '}build {latest.number}: {STATE_WORDS[latest.state].toLowerCase()},{' '}
            <When atMs={latest.createdAtMs} nowMs={nowMs} />
          </>
        )}
      </p>
    </li>
  );
}

function NewGameForm({ slug }: { readonly slug: string }) {
  const session = useContext(StudioContext);
  const title = useSignal('');
  const typedId = useSignal<string | undefined>(undefined);
  const gameId = typedId.value ?? gameIdFromTitle(title.value);
  return (
    <StudioForm
      submit="Create"
      work={async () => {
        await session.requests.createGame(slug, { id: gameId, title: title.peek() });
        replacePage(studioGamesPath(slug, gameId));
      }}
    >
      <Field
        label="Title"
        maxLength={80}
        value={title.value}
        onInput={(text) => {
          title.value = text;
        }}
      />
      <Field
        label="Name in addresses"
        maxLength={63}
        value={gameId}
        onInput={(text) => {
          typedId.value = text;
        }}
      />
      <p class="studio-note">
        Players open <code>/play/{gameId || '…'}</code>. It stays, whatever the title becomes.
      </p>
    </StudioForm>
  );
}
