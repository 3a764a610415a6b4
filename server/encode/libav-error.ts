import { AV_LOG_QUIET } from 'node-av/constants';
import { FFmpegError, Log } from 'node-av/lib';
import { RockpoolError } from '../../protocol/errors.ts';

/** @throws RockpoolError `encoder-failed` where libav answered with a negative code. */
export function expectSuccess(code: number, what: string): void {
  if (code < 0) {
    throw new RockpoolError('encoder-failed', `${what}: ${FFmpegError.strerror(code)} (${code}).`);
  }
}

/** libav writes to stderr what its return codes say as well; call before opening anything. */
export function silenceLibav(): void {
  Log.setLevel(AV_LOG_QUIET);
  // SVT-AV1 has a log of its own: only what ends the process.
  process.env.SVT_LOG ??= '0';
}
