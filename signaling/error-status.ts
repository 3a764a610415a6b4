import type { ErrorCode } from '../protocol/errors.ts';

const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  'bad-message': 400,
  unauthorised: 401,
  'unknown-session': 410,
  'invite-revoked': 410,
  forbidden: 403,
  'forbidden-origin': 403,
  'not-found': 404,
  'no-free-slot': 409,
  conflict: 409,
  'message-too-large': 413,
  'bad-archive': 422,
  'bad-manifest': 422,
  'rate-limited': 429,
  'container-lost': 503,
  timeout: 504,
  'no-space': 507,
};

/** The HTTP status that tells of an error. */
export function statusOf(code: ErrorCode): number {
  return STATUS_OF[code] ?? 500;
}
