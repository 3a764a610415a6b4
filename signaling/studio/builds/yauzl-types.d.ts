/**
 * The part of npm `yauzl` that Rockpool uses; the package brings no types, and those of others are of
 * version 2. Written from its sources, version 3.2 and later.
 */
declare module 'yauzl' {
  import type { EventEmitter } from 'node:events';
  import type { Readable } from 'node:stream';

  type Callback<T> = (error: Error | null, value: T) => void;

  export interface ZipOptions {
    readonly autoClose: boolean;
    readonly lazyEntries: true;
    /** False: names are the archive's bytes, and not judged. */
    readonly decodeStrings: false;
    readonly validateEntrySizes: true;
  }

  export interface ExtraField {
    readonly id: number;
    readonly data: Buffer;
  }

  export interface Entry {
    readonly versionMadeBy: number;
    readonly generalPurposeBitFlag: number;
    readonly compressionMethod: number;
    readonly crc32: number;
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    readonly externalFileAttributes: number;
    readonly relativeOffsetOfLocalHeader: number;
    readonly fileNameRaw: Buffer;
    readonly extraFields: readonly ExtraField[];
    isEncrypted(): boolean;
  }

  export interface LocalFileHeader {
    readonly fileDataStart: number;
    readonly fileName: Buffer;
  }

  /** Answers each `readEntry()` with one of the events `entry`, `end` and `error`. */
  export interface ZipFile extends EventEmitter {
    readonly entryCount: number;
    readonly fileSize: number;
    /** Where the next entry of the table of contents begins; not in the package's documentation. */
    readonly readEntryCursor: number;
    readEntry(): void;
    readLocalFileHeader(entry: Entry, callback: Callback<LocalFileHeader>): void;
    openReadStream(entry: Entry, callback: Callback<Readable>): void;
    close(): void;
  }

  export function open(path: string, options: ZipOptions, callback: Callback<ZipFile>): void;
  /** @param strictFileNames whether a backslash stays one. */
  export function getFileNameLowLevel(
    generalPurposeBitFlag: number,
    fileNameRaw: Buffer,
    extraFields: readonly ExtraField[],
    strictFileNames: boolean,
  ): string;
}
