import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { RockpoolError } from '../../../protocol/errors.ts';

/** The only method of authorisation that Xvfb, Xlib and npm `x11` all speak. */
export const COOKIE_METHOD = 'MIT-MAGIC-COOKIE-1';

const COOKIE_BYTES = 16;

/** Matches every address (Xauth.h: FamilyWild), as an empty display number matches every display. */
const FAMILY_WILD = 0xffff;

/**
 * Writes an authority file with one new cookie, readable by its owner alone. Who reads it may use the
 * display, whatever its number turns out to be: so it can be written before the server starts.
 */
export async function writeAuthority(file: string): Promise<void> {
  const family = Buffer.alloc(2);
  family.writeUInt16BE(FAMILY_WILD);
  const fields = [Buffer.alloc(0), Buffer.alloc(0), Buffer.from(COOKIE_METHOD)];
  const entry = [...fields, randomBytes(COOKIE_BYTES)].map(counted);
  await writeFile(file, Buffer.concat([family, ...entry]), { mode: 0o600 });
}

/**
 * The cookie in a file of {@link writeAuthority}, one byte a character.
 * @throws RockpoolError `internal` where it is no such file.
 */
export async function readCookie(file: string): Promise<string> {
  const bytes = await readFile(file);
  const header = 2 + 2 + 2 + 2 + COOKIE_METHOD.length + 2;
  if (bytes.length !== header + COOKIE_BYTES || bytes.readUInt16BE(0) !== FAMILY_WILD) {
    throw new RockpoolError('internal', `${file} is not an authority file of this program.`);
  }
  return bytes.toString('latin1', header);
}

/** As Xau stores it: a big-endian length, then the bytes. */
function counted(bytes: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
