import { z } from 'zod';

/** Every error a part may report to another. The code is stable; the message is for a person. */
export const errorCodeSchema = z.enum([
  'bad-message',
  'message-too-large',
  'protocol-mismatch',
  'unauthorised',
  'forbidden-origin',
  'rate-limited',
  'unknown-game',
  'unknown-session',
  'no-free-slot',
  'turn-missed',
  'no-common-codec',
  'container-lost',
  'game-failed',
  'bad-manifest',
  'bad-archive',
  'missing-package',
  'resource-limit',
  'no-gpu',
  'encoder-failed',
  'bad-configuration',
  'timeout',
  'invite-revoked',
  'invite-full',
  'internal',
  'forbidden',
  'not-found',
  'conflict',
  'no-space',
]);
export type ErrorCode = z.infer<typeof errorCodeSchema>;

/** What travels of an error: code and sentence, never a stack. */
export const wireErrorSchema = z.strictObject({
  code: errorCodeSchema,
  message: z.string().max(2000),
});
export type WireError = z.infer<typeof wireErrorSchema>;

/** The one error class that crosses module borders: a stable code, a sentence that says what to do. */
export class RockpoolError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RockpoolError';
    this.code = code;
  }

  /** The part of this error that is told to the other side. */
  toWire(): WireError {
    return { code: this.code, message: this.message.slice(0, 2000) };
  }
}

/** Wraps anything thrown as a RockpoolError; what is one already passes through unchanged. */
export function toRockpoolError(thrown: unknown, code: ErrorCode = 'internal'): RockpoolError {
  if (thrown instanceof RockpoolError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new RockpoolError(code, message, { cause: thrown });
}

/**
 * Parses what came over an edge.
 * @throws RockpoolError `bad-message` that names the first field at fault.
 */
export function parseMessage<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue && issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
  throw new RockpoolError('bad-message', `${what}${where}: ${issue?.message ?? 'not understood'}`);
}
