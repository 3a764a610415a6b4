import { z } from 'zod';
import { RockpoolError } from '../../../protocol/errors.ts';

export const refusalReasonSchema = z.enum([
  'unknown-format',
  'unsupported',
  'encrypted',
  'damaged',
  'trailing-data',
  'lying-size',
  'overlap',
  'unsafe-path',
  'unsafe-link',
  'special-file',
  'bad-name',
  'duplicate',
  'name-collision',
  'too-large',
  'too-many',
  'too-deep',
  'bomb',
  'empty',
  'out-of-time',
  'out-of-memory',
  'disk-full',
]);
/** Why an archive is not unpacked. */
export type RefusalReason = z.infer<typeof refusalReasonSchema>;

/** An archive is not taken: its sentence names the file at fault, if one is, and the remedy. */
export class ArchiveRefusal extends RockpoolError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string, options?: ErrorOptions) {
    super('bad-archive', message, options);
    this.name = 'ArchiveRefusal';
    this.reason = reason;
  }
}

/** Of a name in a sentence: archives may hold names of 64 KiB. */
const TOLD_CHARACTERS = 120;

/** A name of somebody else's in quotes, with what does not print written out. */
export function told(name: string): string {
  const short = name.length > TOLD_CHARACTERS ? `${name.slice(0, TOLD_CHARACTERS)}…` : name;
  return JSON.stringify(short).replace(
    /[\p{Cf}\p{Surrogate}\u007f-\u009f]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Passes a refusal on, and makes one of anything else. */
export function asRefusal(thrown: unknown, reason: RefusalReason, message: string): ArchiveRefusal {
  if (thrown instanceof ArchiveRefusal) return thrown;
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new ArchiveRefusal(reason, `${message} (${why})`, { cause: thrown });
}
