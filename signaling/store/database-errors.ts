import { DrizzleQueryError } from 'drizzle-orm';
import { RockpoolError } from '../../protocol/errors.ts';

/** Of the system: nobody listens there, or the way is cut. */
const UNREACHABLE_SYSTEM_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs (PostgreSQL manual, appendix A) of a server that is going, coming or full: 57P01 to 57P03,
 * 53300. All of class 08 are about the connection as well.
 */
const UNREACHABLE_STATES: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '53300']);

/** `pg` gives these no code: its pool's and its client's words. */
const UNREACHABLE_WORDS =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error)/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

function isUnreachable(error: unknown): boolean {
  const code = codeOf(error);
  return (
    UNREACHABLE_SYSTEM_CODES.has(code) ||
    UNREACHABLE_STATES.has(code) ||
    code.startsWith('08') ||
    (error instanceof Error && UNREACHABLE_WORDS.test(error.message))
  );
}

/** SQLSTATEs of what only whoever set it up can put right: class 28 is about who one is. */
function isRefused(error: unknown): boolean {
  const code = codeOf(error);
  return code.startsWith('28') || code === '3D000' || code === '42501';
}

/** What a database answered, as an error of ours. Its cause holds no values of the query. */
export function databaseError(thrown: unknown): RockpoolError {
  if (thrown instanceof RockpoolError) return thrown;
  const cause = thrown instanceof DrizzleQueryError ? thrown.cause : thrown;
  if (isUnreachable(cause)) {
    return new RockpoolError(
      'internal',
      'The database cannot be reached. Try again in a moment; if that does not help, see whether Postgres runs.',
      { cause },
    );
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  if (isRefused(cause)) {
    return new RockpoolError(
      'bad-configuration',
      `Postgres refuses what DATABASE_URL names: ${why}. Name a database and a user who may create a schema in it.`,
      { cause },
    );
  }
  return new RockpoolError('internal', `The database did not do what was asked: ${why}.`, {
    cause,
  });
}
