import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** How a game draws with OpenGL on a display here. */
export interface GlSupport {
  readonly hardware: boolean;
  /** For a log or a status page, such as `llvmpipe (software)`. */
  readonly renderer: string;
  /** What the game's environment needs for it. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface GlProbeOptions {
  /** As in `DISPLAY`. */
  readonly display: string;
  readonly authorityFile: string;
  /** Processor cores that the session may use. */
  readonly cores?: number;
}

/** A driver that hangs is as good as none. */
const PROBE_TIMEOUT_MS = 5_000;

/** VirtualGL puts its library here; it draws on a GPU that Xvfb knows nothing of (EGL back end). */
const VIRTUALGL_LIBRARIES = ['/usr/lib', '/usr/lib/x86_64-linux-gnu', '/usr/lib64'];

/** Ways to a GPU from a display that has none of its own, the surest first. */
function candidates(): Readonly<Record<string, string>>[] {
  const found: Readonly<Record<string, string>>[] = [];
  if (VIRTUALGL_LIBRARIES.some((folder) => existsSync(`${folder}/libvglfaker.so`))) {
    found.push({ LD_PRELOAD: 'libdlfaker.so:libvglfaker.so', VGL_DISPLAY: 'egl' });
  }
  if (existsSync('/dev/nvidiactl')) found.push({ __GLX_VENDOR_LIBRARY_NAME: 'nvidia' });
  found.push({});
  return found;
}

function hasGpu(): boolean {
  if (existsSync('/dev/nvidiactl')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => /^renderD/.test(name));
}

/**
 * Finds out whether OpenGL on this display is drawn by a GPU, by asking glxinfo (Debian package
 * mesa-utils) once for each way to one. Where there is no GPU nothing is run.
 *
 * Xvfb has no GPU of its own (no DRI3, no NV-GLX): without VirtualGL most drivers fall back to
 * software on it, and then this says so, whatever the machine has.
 */
export async function probeGl(options: GlProbeOptions): Promise<GlSupport> {
  if (hasGpu()) {
    for (const environment of candidates()) {
      const renderer = await rendererWith(environment, options);
      if (renderer && !isSoftware(renderer)) return { hardware: true, renderer, environment };
    }
  }
  return {
    hardware: false,
    renderer: 'llvmpipe (software)',
    environment: softwareEnvironment(options.cores ?? availableParallelism()),
  };
}

/**
 * llvmpipe draws with as many threads as there are cores, beside the game's own; one core is left to
 * the X server and the encoder, which a picture passes before anybody sees it.
 */
export function softwareEnvironment(cores: number): Readonly<Record<string, string>> {
  const threads = Math.max(1, Math.floor(cores) - 1);
  return { LIBGL_ALWAYS_SOFTWARE: '1', LP_NUM_THREADS: String(threads) };
}

/** Undefined where glxinfo is missing, fails or hangs. */
function rendererWith(
  environment: Readonly<Record<string, string>>,
  { display, authorityFile }: GlProbeOptions,
): Promise<string | undefined> {
  const env = { ...process.env, ...environment, DISPLAY: display, XAUTHORITY: authorityFile };
  return new Promise((resolve) => {
    const options = { env, timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
    execFile('glxinfo', ['-B'], options, (error, output) => {
      resolve(error ? undefined : rendererIn(output));
    });
  });
}

/** The renderer that `glxinfo -B` names. */
export function rendererIn(output: string): string | undefined {
  return /^OpenGL renderer string: (.+)$/m.exec(output)?.[1]?.trim();
}

export function isSoftware(renderer: string): boolean {
  return /llvmpipe|softpipe|swrast|lavapipe|swiftshader|software/i.test(renderer);
}
