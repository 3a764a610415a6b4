import { readFile } from 'node:fs/promises';
import { BUILD_MOUNT, type BuildManifest } from '../../protocol/build-manifest.ts';
import type { Build } from '../builds/build-folder.ts';
import { RUNTIME_FOLDER } from '../sandbox/host-view.ts';
import type { ProgramOrder } from '../sandbox/program-order.ts';
import { webProgram } from '../web/web-program.ts';
import type { XDisplay } from './display/x-display.ts';
import { type SoundServer, soundEnvironment } from './sound/sound-server.ts';

/** Where the program finds what lets it use its display and its sound. */
const AUTHORITY_MOUNT = '/run/rockpool/Xauthority';
const SOUND_MOUNT = `${RUNTIME_FOLDER}/pulse/native`;

/** What a build is run with. */
export interface ProgramSurroundings {
  readonly build: Build;
  readonly display: XDisplay;
  /** Undefined where this machine makes no sound. */
  readonly sound: SoundServer | undefined;
  /** Device nodes of the player's pads, where there are any. */
  readonly padNodes: readonly string[];
  /** What makes OpenGL use this machine's GPU, or the processor well. */
  readonly graphicsEnvironment: Readonly<Record<string, string>>;
  readonly gpu: boolean;
  readonly network: boolean;
  readonly sessionName: string;
}

/** How to run a build: the program itself, or a browser that shows its page. */
export async function programOrder(surroundings: ProgramSurroundings): Promise<ProgramOrder> {
  const { build, display, sound, padNodes, gpu, network, sessionName } = surroundings;
  const { manifest } = build;
  const web = manifest.runtime === 'web' ? await webProgram(manifest) : undefined;
  const { command, args, environment, binds } = web ?? { ...linuxProgram(manifest), binds: [] };
  return {
    command,
    args,
    environment: {
      DISPLAY: display.name,
      XAUTHORITY: AUTHORITY_MOUNT,
      ...(sound ? soundEnvironment(SOUND_MOUNT) : {}),
      ...surroundings.graphicsEnvironment,
      ...environment,
      ...manifest.environment,
    },
    workingFolder: manifest.workingFolder
      ? `${BUILD_MOUNT}/${manifest.workingFolder}`
      : BUILD_MOUNT,
    buildFolder: build.folder,
    binds: [
      { from: display.socketPath, to: display.socketPath },
      ...(sound ? [{ from: sound.socketPath, to: SOUND_MOUNT }] : []),
      ...padNodes.map((node) => ({ from: node, to: node, writable: true, device: true })),
      ...binds,
    ],
    files: [{ to: AUTHORITY_MOUNT, content: await readFile(display.authorityFile) }],
    network,
    gpu,
    limits: manifest.limits,
    sessionName,
    stdio: web ? 'pipes' : 'log',
  };
}

function linuxProgram({ entry, arguments: args }: BuildManifest) {
  const command = entry.startsWith('/') ? entry : `${BUILD_MOUNT}/${entry}`;
  return { command, args, environment: {} };
}
