import { type ChosenArchive, chosenFile, chosenFolder, type FolderFile } from './chosen-archive.ts';

/**
 * What was dropped on a page: archives, and folders. To be called while the drop is handled: browsers
 * take the items back afterwards.
 * @throws RockpoolError
 */
export async function droppedArchives({ items }: DataTransfer): Promise<ChosenArchive[]> {
  const found = [...items].map((item) => ({
    entry: item.webkitGetAsEntry(),
    file: item.getAsFile(),
  }));
  const archives: ChosenArchive[] = [];
  for (const { entry, file } of found) {
    if (entry?.isDirectory) {
      const files = await filesBelow(entry as FileSystemDirectoryEntry, '');
      archives.push(await chosenFolder(entry.name, files));
    } else if (file) archives.push(chosenFile(file));
  }
  return archives;
}

/** What a person picked as a folder: each file knows its path, with the folder's own name in front. */
export async function pickedFolder(list: FileList): Promise<ChosenArchive> {
  const files = [...list].map((file) => {
    const [top = '', ...rest] = file.webkitRelativePath.split('/');
    return { top, path: rest.join('/'), file };
  });
  return chosenFolder(files[0]?.top ?? 'folder', files);
}

async function filesBelow(folder: FileSystemDirectoryEntry, below: string): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  for (const entry of await entriesOf(folder)) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) {
      files.push(...(await filesBelow(entry as FileSystemDirectoryEntry, path)));
    } else files.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
  }
  return files;
}

/** A reader gives some at a time, and none at the end. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
