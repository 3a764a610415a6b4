import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readBuild } from '../../../renderer/builds/build-folder.ts';
import { systemTime } from '../../../renderer/built-in-runtime.ts';
import { missingForDesktop } from '../../../renderer/desktop/desktop-requirements.ts';
import { DesktopRuntime } from '../../../renderer/desktop/desktop-runtime.ts';
import { PICTURE_BUFFERS } from '../../../renderer/picture-buffers.ts';
import { SESSION_FOLDER_PREFIX } from '../../../renderer/sandbox/owner-mark.ts';
import { describeGameRuntime } from '../../contract/game-runtime.ts';
import { writeNativeCalibration } from '../../support/native-calibration/native-calibration-build.ts';

const missing = await missingForDesktop();
const folder = mkdtempSync(join(tmpdir(), 'rockpool-test-build-'));
chmodSync(folder, 0o755);
await writeNativeCalibration(folder);
const build = await readBuild(folder);

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith(SESSION_FOLDER_PREFIX));
}

function create() {
  const before = leftovers();
  const time = {
    nowUs: () => systemTime.clock.nowUs(),
    pass: (ms: number) =>
      new Promise<void>((resolve) => {
        systemTime.scheduler.after(ms, resolve);
      }),
    expectNothingLeft: () => expect(leftovers()).toEqual(before),
  };
  return { runtime: new DesktopRuntime({ build, network: false, time: systemTime }), time };
}

afterAll(() => rmSync(folder, { recursive: true }));

if (missing) {
  it.skip(`desktop runtime (${missing})`, () => {});
} else {
  describeGameRuntime('a native program', {
    info: build.info,
    buffers: PICTURE_BUFFERS,
    saves: true,
    create,
  });
}
