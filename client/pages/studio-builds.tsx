import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import { ROLE_ACTIONS } from '../../protocol/studio-access.ts';
import {
  type BuildListing,
  type DeletedBuild,
  SETTLED_STATES,
} from '../../protocol/studio-builds.ts';
import type { ChosenArchive } from './chosen-archive.ts';
import { startDigest } from './file-digest.ts';
import { StudioBuildRow } from './studio-build-row.tsx';
import { StudioContext } from './studio-context.ts';
import { DeletedBuilds, DeletedNotice } from './studio-deleted.tsx';
import { DropZone } from './studio-drop-zone.tsx';
import type { GameTabProps } from './studio-game.tsx';
import { Card, Problem } from './studio-parts.tsx';
import { OpenUploads, UploadRow } from './studio-upload-row.tsx';
import { UploadContext } from './upload-desk.ts';
import { useLoaded } from './use-loaded.ts';
import { useTask } from './use-task.ts';
import { useWatched } from './use-watched.ts';

/** While something is under way, and while nothing is: others upload, too. */
const WATCH_CLOSELY_MS = 1_000;
const WATCH_MS = 10_000;

/** The builds of a game: uploaded, checked, tried. */
export function StudioBuilds({ studio, gameId }: GameTabProps) {
  const { requests } = useContext(StudioContext);
  const desk = useContext(UploadContext);
  const { slug } = studio;
  const mayUpload = ROLE_ACTIONS[studio.role].has('builds:write');
  const newest = useLoaded(gameId, () => requests.builds(slug, gameId));
  const open = useLoaded(`uploads of ${gameId}`, () => requests.uploads(slug, gameId));
  const older = useSignal<readonly BuildListing[]>([]);
  const more = useSignal<boolean | undefined>(undefined);
  const deleted = useSignal<DeletedBuild | undefined>(undefined);
  const task = useTask();
  const list = newest.value.value;
  const shown = new Set(list?.builds.map(({ number }) => number));
  const uploads = desk.ofGame(gameId).filter(({ state }) => {
    const { value } = state;
    // One that has become a build is in the list of those.
    return value.name !== 'done' || value.again || !shown.has(value.build.number);
  });
  const isMoving = list?.builds.some(({ state }) => !SETTLED_STATES.has(state)) ?? false;
  const reload = async () => {
    await Promise.all([newest.reload(), open.reload()]);
  };
  useWatched(reload, isMoving ? WATCH_CLOSELY_MS : WATCH_MS);
  const begin = (archive: ChosenArchive) => {
    desk.begin(
      {
        requests,
        slug,
        gameId,
        archive,
        startDigest,
        origin: location.origin,
        nowMs: () => performance.now(),
      },
      () => void reload(),
    );
  };
  const showOlder = () =>
    void task.run(async () => {
      const last = older.peek().at(-1) ?? list?.builds.at(-1);
      const page = await requests.builds(slug, gameId, last?.number);
      older.value = [...older.peek(), ...page.builds];
      more.value = page.more;
    });
  // Where one of the newest was deleted, the first of the older ones has moved up among them.
  const builds = list
    ? [...list.builds, ...older.value.filter(({ number }) => !shown.has(number))]
    : [];
  const undoable = deleted.value;
  const handleDeleted = (build: DeletedBuild) => {
    deleted.value = build;
    older.value = older.peek().filter(({ number }) => number !== build.number);
    void reload();
  };
  const restore = (number: number) =>
    void task.run(async () => {
      await requests.restoreBuild(slug, gameId, number);
      deleted.value = undefined;
      // Where among the older ones it belongs, their list says.
      older.value = [];
      more.value = undefined;
      await reload();
    });
  return (
    <div class="builds">
      {mayUpload && <DropZone onChosen={begin} />}
      {uploads.length > 0 && (
        <ul class="build-uploads" aria-label="Uploads">
          {uploads.map((upload) => (
            <UploadRow key={upload} upload={upload} onDismiss={() => desk.dismiss(upload)} />
          ))}
        </ul>
      )}
      {mayUpload && (
        <OpenUploads
          open={open.value.value ?? []}
          shown={uploads}
          busy={task.busy.value}
          onCancel={(uploadId) =>
            void task.run(async () => {
              await requests.cancelUpload(uploadId);
              await open.reload();
            })
          }
        />
      )}
      {newest.failure.value !== undefined && <p class="studio-problem">{newest.failure.value}</p>}
      <Problem task={task} />
      <div class="studio-undo" role="status">
        {list && undoable && (
          <DeletedNotice
            key={undoable.number}
            build={undoable}
            nowMs={list.nowMs}
            busy={task.busy.value}
            onUndo={() => restore(undoable.number)}
          />
        )}
      </div>
      {list && (
        <Card title="Builds">
          {builds.length === 0 && (
            <p class="studio-note">
              There is none yet. {mayUpload ? 'Drop one above' : 'Its developers upload them'}, or
              use <code>npx rockpool publish ./dist --game {gameId}</code>.
            </p>
          )}
          {builds.length > 0 && (
            <ul class="build-rows">
              {builds.map((build, place) => (
                <StudioBuildRow
                  key={build.buildId}
                  studio={studio}
                  gameId={gameId}
                  build={build}
                  isNewest={place === 0}
                  nowMs={list.nowMs}
                  onChange={() => void reload()}
                  onDeleted={handleDeleted}
                />
              ))}
            </ul>
          )}
          {(more.value ?? list.more) && (
            <button
              type="button"
              class="button"
              aria-disabled={task.busy.value}
              onClick={showOlder}
            >
              Older
            </button>
          )}
        </Card>
      )}
      {list && (
        <DeletedBuilds
          deleted={list.deleted}
          busy={task.busy.value}
          nowMs={list.nowMs}
          onRestore={mayUpload ? restore : undefined}
        />
      )}
    </div>
  );
}
