/** One name in a build. */
export interface BuildFile {
  /** As `readBuildPath` gives it, unless the build is somebody's folder, where names are what they are. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'special';
  /** Of a file; of a link, the file it leads to. */
  readonly bytes: number;
  /** Whether it may be run. */
  readonly runs: boolean;
  /** Of a link, as it is written. */
  readonly target: string;
  /** Of a link: what it leads to inside the build, else undefined. */
  readonly leadsTo: 'file' | 'folder' | undefined;
}

/** The files of a build that lies somewhere. */
export interface BuildFiles {
  /** What its folder or archive is called, for people. */
  readonly name: string;
  /** In the order of their paths. */
  readonly files: readonly BuildFile[];
  /** The first bytes of a file, or of the file that a link leads to: fewer where it is shorter. */
  readHead(path: string, maxBytes: number): Promise<Uint8Array>;
  /** Gives a file the right to be run; undefined where the files are not ours to change. */
  readonly makeRun: ((path: string) => Promise<void>) | undefined;
}
