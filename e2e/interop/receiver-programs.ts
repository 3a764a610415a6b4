import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { ReceiverProgram } from './foreign-receiver.ts';

/**
 * Debian's own: one that comes before it on PATH has none of Debian's packages. Its `-B` leaves no
 * compiled files beside the sources.
 */
const PYTHON = '/usr/bin/python3';

const require = createRequire(import.meta.url);

function file(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function pythonRuns(statements: string): boolean {
  return spawnSync(PYTHON, ['-c', statements], { stdio: 'ignore' }).status === 0;
}

function hasLibwebrtc(): boolean {
  try {
    require.resolve(`@roamhq/wrtc-${process.platform}-${process.arch}`);
    return true;
  } catch {
    // There is no binary for this machine.
    return false;
  }
}

/** A {@link ReceiverProgram} and how to see whether this machine can run it. */
export interface ForeignStack extends ReceiverProgram {
  readonly isThere: () => boolean;
  /** What to do where it is not. */
  readonly advice: string;
}

export const LIBWEBRTC: ForeignStack = {
  command: process.execPath,
  args: ['--import', 'tsx', file('./libwebrtc-receiver.ts')],
  isThere: hasLibwebrtc,
  advice: `@roamhq/wrtc has no binary for ${process.platform} on ${process.arch}`,
};

export const WEBRTCBIN: ForeignStack = {
  command: PYTHON,
  args: ['-B', file('./webrtcbin_receiver.py')],
  isThere: () =>
    pythonRuns(
      'import gi; gi.require_version("GstWebRTC", "1.0"); gi.require_version("Nice", "0.1"); from gi.repository import Gst; Gst.init();' +
        'assert all(map(Gst.ElementFactory.find, ["webrtcbin", "nicesrc", "avdec_h264", "rtph264depay"]))',
    ),
  advice:
    'There is no GStreamer with webrtcbin: apt-get install python3-gi gir1.2-gst-plugins-bad-1.0 gir1.2-nice-0.1 gstreamer1.0-nice gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav',
};

export const AIORTC: ForeignStack = {
  command: PYTHON,
  args: ['-B', file('./aiortc_receiver.py')],
  isThere: () => pythonRuns('import aiortc'),
  advice: 'There is no aiortc: apt-get install python3-aiortc',
};
