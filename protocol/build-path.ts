/** Bytes of UTF-8 of a build's longest path: Linux's 4096 less whatever folder the build comes to lie in. */
export const MAX_PATH_BYTES = 1024;
/** Bytes of UTF-8 that Linux file systems take for one name. */
export const MAX_NAME_BYTES = 255;

/** Why a name cannot be a path inside a build. */
export type PathProblem =
  | 'empty'
  | 'absolute'
  | 'drive'
  | 'backslash'
  | 'parent'
  | 'control'
  | 'name-too-long'
  | 'path-too-long';

const utf8 = new TextEncoder();

/**
 * Reads a name that somebody else wrote as a path below a build's top folder. `./` and doubled slashes,
 * which packers write, are taken out; a folder's last slash too.
 * @returns the path, its parts joined by one slash each, or what is wrong with the name.
 */
export function readBuildPath(
  name: string,
): { readonly path: string } | { readonly problem: PathProblem } {
  if (name.startsWith('/')) return { problem: 'absolute' };
  if (name.includes('\\')) return { problem: 'backslash' };
  // A surrogate without its other half has no UTF-8.
  if (/[\p{Cc}\p{Surrogate}]/u.test(name)) return { problem: 'control' };
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return { problem: 'parent' };
  const path = parts.join('/');
  if (path === '') return { problem: 'empty' };
  if (/^[A-Za-z]:/.test(path)) return { problem: 'drive' };
  if (parts.some((part) => utf8.encode(part).length > MAX_NAME_BYTES)) {
    return { problem: 'name-too-long' };
  }
  if (utf8.encode(path).length > MAX_PATH_BYTES) return { problem: 'path-too-long' };
  return { path };
}

/** Whether a text is a path as {@link readBuildPath} gives it. */
export function isBuildPath(text: string): boolean {
  const read = readBuildPath(text);
  return 'path' in read && read.path === text;
}

/**
 * Paths with the same key are one file where case or the form of accents (Unicode normalisation) does
 * not count, as on Windows and macOS.
 */
export function collisionKey(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}
