import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { reportGl } from '../../../renderer/desktop/gl-report.ts';
import { SESSION_FOLDER_PREFIX } from '../../../renderer/sandbox/owner-mark.ts';
import { describeWithXvfb, whyNoXvfb } from '../../support/xvfb.ts';

const ours = () =>
  readdirSync(tmpdir()).filter(
    (name) => name.startsWith(SESSION_FOLDER_PREFIX) && name.includes(`-${process.pid}-`),
  );

describeWithXvfb('OpenGL of builds', await whyNoXvfb(), () => {
  it('is reported by the name of its renderer, and nothing is left of finding out', async () => {
    const { renderer, hardware, environment } = await reportGl();
    expect(renderer).not.toBe('');
    expect(hardware).toBe(environment.LIBGL_ALWAYS_SOFTWARE === undefined);
    expect(ours()).toEqual([]);
  });
});
