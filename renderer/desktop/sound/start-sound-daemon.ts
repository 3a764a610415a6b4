import { findProgram } from '../../sandbox/host-programs.ts';
import { PipewireDaemon } from './pipewire-daemon.ts';
import { PulseDaemon } from './pulse-daemon.ts';
import type { StartSoundDaemon } from './sound-daemon.ts';

/**
 * PulseAudio where it is installed: it is one process, and up sooner. Where PipeWire has taken its
 * place, as on most desktops, the two cannot be installed together, and it is PipeWire.
 */
export const startSoundDaemon: StartSoundDaemon = async (folder, scheduler) => {
  const hasPulse = (await findProgram('pulseaudio', process.env.PATH)) !== undefined;
  const hasPipewire = !hasPulse && (await findProgram('pipewire', process.env.PATH)) !== undefined;
  return hasPipewire
    ? PipewireDaemon.start(folder, scheduler)
    : PulseDaemon.start(folder, scheduler);
};
