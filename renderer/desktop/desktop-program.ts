import { readFile } from 'node:fs/promises';
import { BUILD_MOUNT, type BuildManifest } from '../../protocol/build-manifest.ts';
import type { Build } from '../builds/build-folder.ts';
import { RUNTIME_FOLDER } from '../sandbox/host-view.ts';
import type { ProgramOrder, SandboxBind } from '../sandbox/program-order.ts';
import { WEB_SAVES, webProgram } from '../web/web-program.ts';
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
  /** What makes OpenGL use this machine's GPU, or its processor well. */
  readonly glEnvironment: Readonly<Record<string, string>>;
  readonly network: boolean;
  readonly sessionName: string;
}

/** What is run for a build: a program of its own, or one that shows its page. */
export interface BuildProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly binds: readonly SandboxBind[];
  readonly stdio: 'log' | 'pipes';
  readonly userNamespaces: boolean;
}

/** How to run a build's program on its display. */
export async function programOrder(
  program: BuildProgram,
  { build, display, sound, padNodes, glEnvironment, network, sessionName }: ProgramSurroundings,
): Promise<ProgramOrder> {
  const { workingFolder, limits, environment } = build.manifest;
  return {
    command: program.command,
    args: program.args,
    environment: {
      DISPLAY: display.name,
      XAUTHORITY: AUTHORITY_MOUNT,
      ...(sound ? soundEnvironment(SOUND_MOUNT) : {}),
      ...glEnvironment,
      ...program.environment,
      ...environment,
    },
    workingFolder: workingFolder ? `${BUILD_MOUNT}/${workingFolder}` : BUILD_MOUNT,
    buildFolder: build.folder,
    binds: [
      { from: display.socketPath, to: display.socketPath },
      ...(sound ? [{ from: sound.socketPath, to: SOUND_MOUNT }] : []),
      ...padNodes.map((node) => ({ from: node, to: node, writable: true, device: true })),
      ...program.binds,
    ],
    files: [{ to: AUTHORITY_MOUNT, content: await readFile(display.authorityFile) }],
    network,
    ...(display.memoryOf === undefined ? {} : { sharesMemoryWith: display.memoryOf }),
    // Where there is one. Vulkan and browsers find it by themselves.
    gpu: true,
    limits,
    sessionName,
    stdio: program.stdio,
    userNamespaces: program.userNamespaces,
  };
}

/** The program that a `linux` build names. */
export function linuxProgram({ entry, arguments: args }: BuildManifest): BuildProgram {
  return {
    command: entry.startsWith('/') ? entry : `${BUILD_MOUNT}/${entry}`,
    args,
    environment: {},
    binds: [],
    stdio: 'log',
    userNamespaces: false,
  };
}

/** A browser of this machine that shows the page of a `web` build, over pipes that carry its pads. */
export async function webBuild(manifest: BuildManifest): Promise<BuildProgram> {
  return { ...(await webProgram(manifest)), stdio: 'pipes', userNamespaces: false };
}

/** What is kept of a build's home folder; of a page that names nothing, what it stored. */
export function savePathsOf({ runtime, saves }: BuildManifest): readonly string[] {
  return runtime === 'web' && saves.length === 0 ? WEB_SAVES : saves;
}
