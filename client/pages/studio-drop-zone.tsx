import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { type ChosenArchive, chosenFile } from './chosen-archive.ts';
import { droppedArchives, pickedFolder } from './dropped-items.ts';
import { Problem } from './studio-parts.tsx';
import { useTask } from './use-task.ts';

export interface DropZoneProps {
  readonly onChosen: (archive: ChosenArchive) => void;
}

/** Takes builds: dropped, or chosen with the keyboard. */
export function DropZone({ onChosen }: DropZoneProps) {
  const isOver = useSignal(false);
  const task = useTask();
  const filesId = useId();
  const folderId = useId();
  const take = (choosing: () => Promise<readonly ChosenArchive[]>) =>
    void task.run(async () => {
      for (const archive of await choosing()) onChosen(archive);
    });
  return (
    <section
      class={isOver.value ? 'drop-zone over' : 'drop-zone'}
      aria-label="Upload a build"
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => {
        isOver.value = false;
      }}
      onDrop={(event) => {
        event.preventDefault();
        isOver.value = false;
        const { dataTransfer } = event;
        // The browser takes what was dropped back when this returns.
        if (dataTransfer) {
          const archives = droppedArchives(dataTransfer);
          take(() => archives);
        }
      }}
    >
      <h2>Drop a build here</h2>
      <p>
        A .zip, .tar.gz or .tar.zst of up to 50 GB, or its folder. An upload that breaks off goes
        on: choose the same again.
      </p>
      <div class="drop-choices">
        <input
          id={filesId}
          class="visually-hidden"
          type="file"
          multiple
          accept=".zip,.tar,.gz,.tgz,.zst,.tzst"
          onChange={({ currentTarget }) => {
            const files = [...(currentTarget.files ?? [])];
            currentTarget.value = '';
            take(async () => files.map(chosenFile));
          }}
        />
        <label class="button primary" for={filesId}>
          Choose an archive
        </label>
        <input
          id={folderId}
          class="visually-hidden"
          type="file"
          {...{ webkitdirectory: true }}
          onChange={({ currentTarget }) => {
            const { files } = currentTarget;
            if (!files || files.length === 0) return;
            const folder = pickedFolder(files);
            take(async () => [await folder]);
          }}
        />
        <label class="button" for={folderId}>
          Choose a folder
        </label>
      </div>
      <Problem task={task} />
    </section>
  );
}
