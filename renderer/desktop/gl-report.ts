import { rm } from 'node:fs/promises';
import { DEFAULT_RESOLUTION } from '../../protocol/stream-settings.ts';
import { makeDesktopFolder } from './desktop-folder.ts';
import { type GlSupport, probeGl } from './display/gl-probe.ts';
import { openDisplay } from './display/x-display.ts';

/**
 * How builds draw with OpenGL on this machine, found out on a display as sessions have.
 * @throws RockpoolError where there can be no such display: no build would start either.
 */
export async function reportGl(): Promise<GlSupport> {
  const folder = await makeDesktopFolder();
  try {
    const display = await openDisplay({ resolution: DEFAULT_RESOLUTION, folder });
    try {
      return await probeGl({ display: display.name, authorityFile: display.authorityFile });
    } finally {
      await display.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
