import type { ComponentChildren } from 'preact';
import { useContext, useEffect, useRef } from 'preact/hooks';
import type { GameId } from '../../protocol/ids.ts';
import type { DeletedBuild, DeletedGame } from '../../protocol/studio-builds.ts';
import { StudioContext } from './studio-context.ts';
import { Card, ConfirmButton, Problem, When } from './studio-parts.tsx';
import { formatDay, formatTime } from './time-words.ts';
import { useTask } from './use-task.ts';

export interface DeleteBuildProps {
  readonly slug: string;
  readonly gameId: GameId;
  readonly number: number;
  readonly onDeleted: (build: DeletedBuild) => void;
}

/** Asks once; it can be taken back. */
export function DeleteBuild({ slug, gameId, number, onDeleted }: DeleteBuildProps) {
  const { requests } = useContext(StudioContext);
  const task = useTask();
  return (
    <div class="build-delete">
      <ConfirmButton
        label="Delete"
        question="Really delete it?"
        about={`build ${number}`}
        busy={task.busy.value}
        onConfirm={() =>
          void task.run(async () => onDeleted(await requests.deleteBuild(slug, gameId, number)))
        }
      />
      <Problem task={task} />
    </div>
  );
}

export interface DeletedNoticeProps {
  readonly build: DeletedBuild;
  readonly nowMs: number;
  readonly busy: boolean;
  readonly onUndo: () => void;
}

/** What was deleted a moment ago, until when it can be taken back, and how. */
export function DeletedNotice({ build, nowMs, busy, onUndo }: DeletedNoticeProps) {
  const undo = useRef<HTMLButtonElement>(null);
  // What had the focus is gone with what was deleted.
  useEffect(() => undo.current?.focus(), []);
  return (
    <p class="notice">
      <span>
        Build {build.number} is deleted. It can be taken back until{' '}
        {momentWords(build.goneAtMs, nowMs)}.
      </span>
      <button
        ref={undo}
        type="button"
        class="button studio-small"
        aria-disabled={busy}
        onClick={onUndo}
      >
        Undo
      </button>
    </p>
  );
}

export interface DeletedBuildsProps {
  readonly deleted: readonly DeletedBuild[];
  readonly nowMs: number;
  readonly busy: boolean;
  /** Undefined for who may only look. */
  readonly onRestore: ((number: number) => void) | undefined;
}

/** Builds that can be taken back. */
export function DeletedBuilds({ deleted, nowMs, busy, onRestore }: DeletedBuildsProps) {
  if (deleted.length === 0) return null;
  return (
    <DeletedCard>
      {deleted.map(({ number, label, archiveName, deletedAtMs, goneAtMs }) => (
        <DeletedRow
          key={number}
          name={`Build ${number}: ${label === '' ? archiveName : label}`}
          deletedAtMs={deletedAtMs}
          goneAtMs={goneAtMs}
          nowMs={nowMs}
          busy={busy}
          onRestore={onRestore && (() => onRestore(number))}
        />
      ))}
    </DeletedCard>
  );
}

export interface DeletedGamesProps {
  readonly deleted: readonly DeletedGame[];
  readonly nowMs: number;
  readonly busy: boolean;
  /** Undefined for who may only look. */
  readonly onRestore: ((gameId: GameId) => void) | undefined;
}

/** Games that can be taken back, with all they have. */
export function DeletedGames({ deleted, nowMs, busy, onRestore }: DeletedGamesProps) {
  if (deleted.length === 0) return null;
  return (
    <DeletedCard>
      {deleted.map(({ gameId, title, deletedAtMs, goneAtMs }) => (
        <DeletedRow
          key={gameId}
          name={title}
          deletedAtMs={deletedAtMs}
          goneAtMs={goneAtMs}
          nowMs={nowMs}
          busy={busy}
          onRestore={onRestore && (() => onRestore(gameId))}
        />
      ))}
    </DeletedCard>
  );
}

function DeletedCard({ children }: { readonly children: ComponentChildren }) {
  return (
    <Card title="Deleted" note="It takes space until it is gone for good.">
      <ul class="studio-rows">{children}</ul>
    </Card>
  );
}

interface DeletedRowProps {
  readonly name: string;
  readonly deletedAtMs: number;
  readonly goneAtMs: number;
  readonly nowMs: number;
  readonly busy: boolean;
  readonly onRestore: (() => void) | undefined;
}

function DeletedRow({ name, deletedAtMs, goneAtMs, nowMs, busy, onRestore }: DeletedRowProps) {
  return (
    <li>
      <div>
        <b>{name}</b>
        <small>
          Deleted <When atMs={deletedAtMs} nowMs={nowMs} />; gone on {momentWords(goneAtMs, nowMs)}
        </small>
      </div>
      {onRestore !== undefined && (
        <button
          type="button"
          class="button studio-small"
          aria-label={`Take back ${name}`}
          aria-disabled={busy}
          onClick={onRestore}
        >
          Take back
        </button>
      )}
    </li>
  );
}

/** "Friday, 4 December, 21:14". */
function momentWords(atMs: number, nowMs: number): string {
  return `${formatDay(atMs, nowMs)}, ${formatTime(atMs)}`;
}
