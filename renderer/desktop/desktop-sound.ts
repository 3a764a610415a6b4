import { join } from 'node:path';
import { toRockpoolError } from '../../protocol/errors.ts';
import type { RuntimeTime } from '../built-in-runtime.ts';
import { SoundServer, type SoundServerListener } from './sound/sound-server.ts';

/** A game without sound is better than none: what keeps it silent is told, and it goes on. */
export async function openSound(
  folder: string,
  { clock, scheduler }: RuntimeTime,
  listener: SoundServerListener,
): Promise<SoundServer | undefined> {
  try {
    return await SoundServer.open({ folder: join(folder, 'sound'), clock, scheduler }, listener);
  } catch (thrown) {
    listener.handleFailure(toRockpoolError(thrown));
    return undefined;
  }
}
