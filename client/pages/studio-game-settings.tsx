import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import type { GameId } from '../../protocol/ids.ts';
import { ROLE_ACTIONS } from '../../protocol/studio-access.ts';
import type { StudioMembership } from '../../protocol/studio-messages.ts';
import { Modal } from './modal.tsx';
import { replacePage } from './navigation.ts';
import { studioGamesPath } from './route.ts';
import { StudioContext } from './studio-context.ts';
import { StudioForm } from './studio-form.tsx';
import { Field, Problem } from './studio-parts.tsx';
import { useTask } from './use-task.ts';

export interface GameSettingsProps {
  readonly studio: StudioMembership;
  readonly gameId: GameId;
  readonly title: string;
  readonly onRenamed: () => void;
}

/** What is done with a game as a whole: another title, or an end. */
export function GameSettings({ studio, gameId, title, onRenamed }: GameSettingsProps) {
  const renaming = useSignal(false);
  const deleting = useSignal(false);
  const can = ROLE_ACTIONS[studio.role];
  return (
    <div class="studio-actions">
      {can.has('builds:write') && (
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            renaming.value = true;
          }}
        >
          Rename
        </button>
      )}
      {can.has('games:delete') && (
        <button
          type="button"
          class="button quiet"
          onClick={() => {
            deleting.value = true;
          }}
        >
          Delete
        </button>
      )}
      <Modal open={renaming} title="Rename the game" closeLabel="Close">
        {(close) => (
          <RenameForm
            slug={studio.slug}
            gameId={gameId}
            title={title}
            onRenamed={() => {
              onRenamed();
              close();
            }}
          />
        )}
      </Modal>
      <Modal open={deleting} title={`Delete ${title}`} closeLabel="Close">
        {() => <DeleteForm slug={studio.slug} gameId={gameId} title={title} />}
      </Modal>
    </div>
  );
}

interface FormProps {
  readonly slug: string;
  readonly gameId: GameId;
  readonly title: string;
}

function RenameForm({
  slug,
  gameId,
  title,
  onRenamed,
}: FormProps & { readonly onRenamed: () => void }) {
  const { requests } = useContext(StudioContext);
  const name = useSignal(title);
  return (
    <StudioForm
      submit="Rename"
      work={async () => {
        await requests.renameGame(slug, gameId, name.peek());
        onRenamed();
      }}
    >
      <Field
        label="Title"
        maxLength={80}
        value={name.value}
        onInput={(text) => {
          name.value = text;
        }}
      />
      <p class="studio-note">
        In the library it has the title of the build that is live. Its address stays.
      </p>
    </StudioForm>
  );
}

function DeleteForm({ slug, gameId, title }: FormProps) {
  const { requests } = useContext(StudioContext);
  const typed = useSignal('');
  const task = useTask();
  const isSure = typed.value.trim() === gameId;
  return (
    <form
      class="studio-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSure) return;
        void task.run(async () => {
          await requests.deleteGame(slug, gameId);
          replacePage(studioGamesPath(slug));
        });
      }}
    >
      <p>
        {title} leaves the library at once; who plays it now may finish. For seven days it can be
        taken back with all it has. Then its builds, pictures and page are gone.
      </p>
      <Field
        label={`Type ${gameId} to confirm`}
        maxLength={63}
        value={typed.value}
        onInput={(text) => {
          typed.value = text;
        }}
      />
      <Problem task={task} />
      <button type="submit" class="button studio-danger" aria-disabled={!isSure || task.busy.value}>
        Delete the game
      </button>
    </form>
  );
}
