import '../styles/game-page.css';
import '../styles/store-page.css';
import { type Signal, useSignal } from '@preact/signals';
import { useContext, useEffect, useId, useState } from 'preact/hooks';
import type { StorePage } from '../../protocol/store-page.ts';
import { ROLE_ACTIONS } from '../../protocol/studio-access.ts';
import type { GamePage } from '../../protocol/studio-builds.ts';
import { GamePicture } from './game-picture.tsx';
import { Markdown } from './markdown.tsx';
import { guardLeaving } from './navigation.ts';
import { gamePath } from './route.ts';
import {
  DRAFT_LIMITS,
  draftOf,
  draftProblem,
  isChanged,
  pageOf,
  type StorePageDraft,
  type StorePageWriting,
  writingOf,
} from './store-page-draft.ts';
import { StudioContext } from './studio-context.ts';
import type { GameTabProps } from './studio-game.tsx';
import { Card, Problem } from './studio-parts.tsx';
import { useLoaded } from './use-loaded.ts';
import { useTask } from './use-task.ts';

/** What is being written of each game: it outlives a look at another tab of the game. */
const writings = new Map<string, StorePageWriting>();

/** What players read of a game, as its studio writes it. */
export function StudioStorePage({ studio, gameId, title }: GameTabProps) {
  const { requests } = useContext(StudioContext);
  const { value, failure, reload } = useLoaded(`${studio.slug} ${gameId} page`, () =>
    requests.storePage(studio.slug, gameId),
  );
  const loaded = value.value;
  if (failure.value !== undefined) {
    return (
      <p class="studio-problem" role="alert">
        {failure.value}{' '}
        <button type="button" class="link" onClick={() => void reload()}>
          Try again
        </button>
      </p>
    );
  }
  if (loaded === undefined) {
    return (
      <div class="skeleton rows" role="status">
        <span class="visually-hidden">Opening the page</span>
        <div class="bone" />
      </div>
    );
  }
  return <Editor key={gameId} studio={studio} gameId={gameId} title={title} loaded={loaded} />;
}

interface EditorProps extends GameTabProps {
  readonly loaded: StorePage;
}

function Editor({ studio, gameId, title, loaded }: EditorProps) {
  const { requests } = useContext(StudioContext);
  const mayChange = ROLE_ACTIONS[studio.role].has('releases:write');
  const [begun] = useState(() => writingOf(writings.get(gameId), loaded));
  const saved = useSignal(begun.base);
  const draft = useSignal(begun.draft);
  /** What was there before the last save; undefined where there is nothing to take back. */
  const before = useSignal<GamePage | undefined>(undefined);
  const task = useTask();
  const changed = isChanged(draft.value, saved.value.page);
  const problem = draftProblem(draft.value);
  useEffect(() => {
    if (!changed) {
      writings.delete(gameId);
      return;
    }
    return guardLeaving(() => confirm('Leave the page? What you wrote is not saved.'));
  }, [changed, gameId]);
  const keep = () => writings.set(gameId, { draft: draft.peek(), base: saved.peek() });
  const write = (part: Partial<StorePageDraft>) => {
    draft.value = { ...draft.peek(), ...part };
    keep();
    before.value = undefined;
  };
  const put = (page: GamePage, undo: GamePage | undefined) =>
    task.run(async () => {
      const { revision } = saved.peek();
      const sent = draft.peek();
      saved.value = await requests.changeStorePage(studio.slug, gameId, { page, revision });
      if (draft.peek() !== sent) {
        // It was written on meanwhile.
        keep();
        return;
      }
      draft.value = draftOf(saved.value.page);
      before.value = undo;
    });
  const undo = before.value;
  return (
    <div class="store-page">
      {mayChange && (
        <Card
          title="Write"
          action={
            <a class="button studio-small" href={gamePath(gameId)}>
              See it as players do
            </a>
          }
        >
          <form
            class="studio-form"
            onSubmit={(event) => {
              event.preventDefault();
              if (changed && problem === undefined) {
                void put(pageOf(draft.peek()), saved.peek().page);
              }
            }}
          >
            <Fields draft={draft} onWrite={write} />
            <p class="studio-problem" role="alert">
              {problem}
            </p>
            <Problem task={task} />
            <div class="store-page-actions">
              <button
                type="submit"
                class="button primary"
                aria-disabled={!changed || problem !== undefined || task.busy.value}
              >
                Save
              </button>
              <button
                type="button"
                class="button quiet"
                aria-disabled={!changed}
                onClick={() => {
                  draft.value = draftOf(saved.peek().page);
                }}
              >
                Discard changes
              </button>
              <p class="studio-note" role="status">
                {changed ? 'Not saved yet.' : undo ? 'Saved: players see it now. ' : ''}
                {!changed && undo && (
                  <button
                    type="button"
                    class="link"
                    aria-disabled={task.busy.value}
                    onClick={() => void put(undo, undefined)}
                  >
                    Undo
                  </button>
                )}
              </p>
            </div>
          </form>
        </Card>
      )}
      <Preview title={title} page={pageOf(draft.value)} media={saved.value.media} />
    </div>
  );
}

interface FieldsProps {
  readonly draft: Signal<StorePageDraft>;
  readonly onWrite: (part: Partial<StorePageDraft>) => void;
}

function Fields({ draft, onWrite }: FieldsProps) {
  const id = useId();
  const { summary, tags, description } = draft.value;
  return (
    <>
      <div class="studio-field">
        <label for={`${id}-summary`}>Summary, of a sentence or two</label>
        <textarea
          id={`${id}-summary`}
          rows={2}
          maxLength={DRAFT_LIMITS.summary}
          aria-describedby={`${id}-summary-note`}
          value={summary}
          onInput={({ currentTarget }) => onWrite({ summary: currentTarget.value })}
        />
        <small id={`${id}-summary-note`}>
          Shown in the library and wherever the link is shared. Empty: that of the build.
        </small>
      </div>
      <div class="studio-field">
        <label for={`${id}-tags`}>Tags, with commas between them</label>
        <input
          id={`${id}-tags`}
          type="text"
          autocomplete="off"
          placeholder="puzzle, co-op, pixel art"
          value={tags}
          onInput={({ currentTarget }) => onWrite({ tags: currentTarget.value })}
        />
      </div>
      <div class="studio-field">
        <label for={`${id}-description`}>Description, in Markdown</label>
        <textarea
          id={`${id}-description`}
          class="store-page-text"
          rows={16}
          maxLength={DRAFT_LIMITS.description}
          aria-describedby={`${id}-description-note`}
          value={description}
          onInput={({ currentTarget }) => onWrite({ description: currentTarget.value })}
        />
        <small id={`${id}-description-note`}>
          Headings, lists, tables, links. HTML is shown as text, and pictures are not fetched: those
          of the try-out are shown by themselves. {description.length.toLocaleString('en-GB')} of{' '}
          {DRAFT_LIMITS.description.toLocaleString('en-GB')} characters.
        </small>
      </div>
    </>
  );
}

interface PreviewProps {
  readonly title: string;
  readonly page: GamePage;
  readonly media: StorePage['media'];
}

function Preview({ title, page, media }: PreviewProps) {
  const isEmpty = page.description === '' && page.summary === '' && page.tags.length === 0;
  return (
    <Card title="Preview">
      {media.cover.length > 0 && (
        <div class="cover game-cover store-page-cover">
          <GamePicture pictures={media.cover} alt="" sizes="40rem" />
        </div>
      )}
      <p class="store-page-title">{title}</p>
      {page.summary !== '' && <p class="game-summary">{page.summary}</p>}
      {page.tags.length > 0 && (
        <ul class="game-tags" aria-label="Tags">
          {page.tags.map((tag) => (
            <li key={tag}>{tag}</li>
          ))}
        </ul>
      )}
      {page.description !== '' && <Markdown text={page.description} />}
      {isEmpty && (
        <p class="studio-note">
          Nothing is written yet: players see the title, the controls and what the build says.
        </p>
      )}
    </Card>
  );
}
