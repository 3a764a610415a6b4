import type { OpenUpload } from '../../protocol/studio-uploads.ts';
import type { BuildUpload, UploadState } from './build-upload.ts';
import { formatBytes } from './build-words.ts';
import { ConfirmButton } from './studio-parts.tsx';
import { formatDuration } from './time-words.ts';

export interface UploadRowProps {
  readonly upload: BuildUpload;
  readonly onDismiss: () => void;
}

/** An upload of this page. */
export function UploadRow({ upload, onDismiss }: UploadRowProps) {
  const state = upload.state.value;
  const { name, bytes } = upload;
  const sent = 'sentBytes' in state ? state.sentBytes : undefined;
  const isOver = ['done', 'failed', 'cancelled'].includes(state.name);
  return (
    <li class="upload-row">
      <div class="upload-head">
        <b>{name}</b>
        <span>{formatBytes(bytes)}</span>
      </div>
      {!isOver && (
        <progress
          aria-label={`Upload of ${name}`}
          max={bytes}
          value={sent ?? (state.name === 'comparing' ? bytes : undefined)}
        />
      )}
      <p
        role={isOver ? 'status' : undefined}
        class={state.name === 'failed' ? 'studio-problem' : ''}
      >
        {wordsFor(state, bytes)}
      </p>
      <div class="upload-actions">
        {(state.name === 'sending' || state.name === 'interrupted') && (
          <button
            type="button"
            class="button quiet studio-small"
            aria-label={`Pause ${name}`}
            onClick={() => upload.pause()}
          >
            Pause
          </button>
        )}
        {state.name === 'paused' && (
          <button
            type="button"
            class="button studio-small"
            aria-label={`Resume ${name}`}
            onClick={() => upload.resume()}
          >
            Resume
          </button>
        )}
        {isOver ? (
          <button
            type="button"
            class="button quiet studio-small"
            aria-label={`Put ${name} away`}
            onClick={onDismiss}
          >
            Put away
          </button>
        ) : (
          state.name !== 'comparing' && (
            <ConfirmButton
              label="Cancel"
              question="Really cancel?"
              about={name}
              busy={false}
              onConfirm={() => upload.cancel()}
            />
          )
        )}
      </div>
    </li>
  );
}

function wordsFor(state: UploadState, bytes: number): string {
  switch (state.name) {
    case 'reading':
      return 'Reading it: perhaps it is known already.';
    case 'sending':
      return sendingWords(state, bytes);
    case 'paused':
      return `Paused at ${percentOf(state.sentBytes, bytes)}. What has arrived is kept for a day.`;
    case 'interrupted':
      return `The server is not reached. It goes on from ${percentOf(state.sentBytes, bytes)} when it is.`;
    case 'comparing':
      return 'All of it has arrived, and is compared with what was sent.';
    case 'done':
      return state.again
        ? `The same archive is build ${state.build.number} already: nothing had to be sent.`
        : `It is build ${state.build.number}.`;
    case 'failed':
      return state.message;
    case 'cancelled':
      return 'Cancelled.';
  }
}

function sendingWords(
  { sentBytes, bytesPerSecond }: Extract<UploadState, { name: 'sending' }>,
  bytes: number,
): string {
  const done = percentOf(sentBytes, bytes);
  if (bytesPerSecond === undefined || bytesPerSecond < 1) return `${done} sent.`;
  const leftMs = ((bytes - sentBytes) * 1000) / bytesPerSecond;
  return `${done} sent, ${formatBytes(bytesPerSecond)}/s, ${formatDuration(leftMs)} left.`;
}

/** Never "100 %" before it is. */
function percentOf(part: number, whole: number): string {
  return `${Math.floor((100 * part) / Math.max(1, whole))} %`;
}

export interface OpenUploadsProps {
  readonly open: readonly OpenUpload[];
  /** Those of this page: they are shown as such. */
  readonly shown: readonly BuildUpload[];
  readonly busy: boolean;
  readonly onCancel: (uploadId: string) => void;
}

/** Uploads that broke off, here or elsewhere. */
export function OpenUploads({ open, shown, busy, onCancel }: OpenUploadsProps) {
  const here = new Set(
    shown.filter((upload) => isGoingOn(upload)).map(({ name, bytes }) => `${bytes} ${name}`),
  );
  const others = open.filter(({ name, bytes }) => !here.has(`${bytes} ${name}`));
  if (others.length === 0) return null;
  return (
    <ul class="build-uploads" aria-label="Unfinished uploads">
      {others.map(({ uploadId, name, bytes, receivedBytes, startedBy }) => (
        <li key={uploadId} class="upload-row">
          <div class="upload-head">
            <b>{name}</b>
            <span>{formatBytes(bytes)}</span>
          </div>
          <p>
            {percentOf(receivedBytes, bytes)} has arrived, from {startedBy}. To go on, choose the
            same again.
          </p>
          <div class="upload-actions">
            <ConfirmButton
              label="Forget"
              question="Really forget?"
              about={name}
              busy={busy}
              onConfirm={() => onCancel(uploadId)}
            />
          </div>
        </li>
      ))}
    </ul>
  );
}

function isGoingOn(upload: BuildUpload): boolean {
  return upload.isUnderWay || upload.state.value.name === 'paused';
}
