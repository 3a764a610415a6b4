import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { type Build, readBuild } from '../../../renderer/builds/build-folder.ts';
import { systemTime } from '../../../renderer/built-in-runtime.ts';
import { desktopProblem } from '../../../renderer/desktop/desktop-requirements.ts';
import { DesktopRuntime } from '../../../renderer/desktop/desktop-runtime.ts';
import { PICTURE_BUFFERS } from '../../../renderer/picture-buffers.ts';
import { SESSION_FOLDER_PREFIX } from '../../../renderer/sandbox/owner-mark.ts';
import { findBrowser } from '../../../renderer/web/web-program.ts';
import { describeGameRuntime } from '../../contract/game-runtime.ts';
import { writeNativeCalibration } from '../../support/native-calibration/native-calibration-build.ts';

const WEB_COUNTER = fileURLToPath(new URL('../../support/web-counter', import.meta.url));

function leftovers(): string[] {
  return readdirSync(tmpdir()).filter(
    (name) => name.startsWith(SESSION_FOLDER_PREFIX) && name.includes(`-${process.pid}-`),
  );
}

function describeDesktopRuntime(name: string, build: Build, saves: 'exact' | 'opaque'): void {
  const create = () => {
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
  };
  describeGameRuntime(name, { info: build.info, buffers: PICTURE_BUFFERS, saves, create });
}

const problem = await desktopProblem();
if (problem) {
  it.skip(`desktop runtime (${problem})`, () => {});
} else {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-test-build-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  // As a build's folder is: readable for everybody.
  chmodSync(folder, 0o755);
  await writeNativeCalibration(folder);
  describeDesktopRuntime('a native program', await readBuild(folder), 'exact');

  if (await findBrowser()) describeDesktopRuntime('a page', await readBuild(WEB_COUNTER), 'opaque');
  else it.skip('game runtime: a page (needs Chromium: apt-get install chromium)', () => {});
}
