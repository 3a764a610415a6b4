import { afterEach, expect, it } from 'vitest';
import type { RockpoolError } from '../../../../protocol/errors.ts';
import { XConnection } from '../../../../renderer/desktop/display/x-connection.ts';
import { openDisplay } from '../../../../renderer/desktop/display/x-display.ts';
import { temporaryFolder } from '../../../support/rockpool-process.ts';
import { XProgram } from '../../../support/x-program.ts';
import { describeWithXvfb, serversOf, whyNoXvfb } from '../../../support/xvfb.ts';

const missing = await whyNoXvfb();
const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connected() {
  const folder = temporaryFolder();
  cleanups.push(folder.remove);
  const resolution = { width: 512, height: 288 };
  const display = await openDisplay({ resolution, folder: folder.path });
  cleanups.push(() => display.close());
  const failures: RockpoolError[] = [];
  let report = () => {};
  const failed = new Promise<void>((resolve) => {
    report = resolve;
  });
  const connection = await XConnection.open({
    display: display.name,
    authorityFile: display.authorityFile,
    handleFailure: (error) => {
      failures.push(error);
      report();
    },
  });
  cleanups.push(() => connection.close());
  return { display, connection, failures, failed };
}

describeWithXvfb('X connection', missing, () => {
  it('answers what it is asked', async () => {
    const { connection } = await connected();
    const atoms = await connection.atoms(['WM_NAME', '_NET_WM_NAME']);
    expect(atoms.WM_NAME).toBe(39);
    expect(atoms._NET_WM_NAME).toBeGreaterThan(68);
  });

  it('knows no names by the numbers they have on another display', async () => {
    const names = ['ROCKPOOL_ONE', 'ROCKPOOL_TWO'] as const;
    const one = await connected();
    const two = await connected();
    const first = await one.connection.atoms(names);
    await two.connection.atoms(['ROCKPOOL_OTHER']);
    const second = await two.connection.atoms(names);
    for (const name of names) expect(second[name]).toBe(first[name] + 1);
  });

  it('goes on after a request that the server refuses', async () => {
    const { connection, failures } = await connected();
    const { client } = connection;
    const asking = connection.ask<unknown>((done) => client.GetGeometry(0xdead, done));
    await expect(asking).rejects.toMatchObject({ code: 'internal' });
    client.DestroyWindow(0xdead);
    await connection.settled();
    expect(failures).toEqual([]);
  });

  it('reports a lost server once, and answers everything that was asked', async () => {
    const { display, connection, failures, failed } = await connected();
    const [server = 0] = serversOf(display.authorityFile);
    process.kill(server, 'SIGSTOP');
    const asking = Promise.allSettled([connection.settled(), connection.atoms(['A', 'B'])]);
    process.kill(server, 'SIGKILL');
    await failed;
    const [settled, atoms] = await asking;
    expect(settled).toMatchObject({ status: 'rejected', reason: { code: 'game-failed' } });
    expect(atoms).toMatchObject({ status: 'rejected', reason: { code: 'game-failed' } });
    await expect(connection.settled()).rejects.toBe(failures[0]);
    connection.client.DestroyWindow(1);
    connection.close();
    expect(failures).toHaveLength(1);
  });

  it('refuses what is asked after it was closed, and reports no failure', async () => {
    const { display, connection, failures } = await connected();
    const asking = connection.settled();
    connection.close();
    connection.close();
    await expect(asking).rejects.toMatchObject({ code: 'internal' });
    await expect(connection.settled()).rejects.toMatchObject({ code: 'internal' });
    await display.close();
    expect(failures).toEqual([]);
  });

  it('fails rather than throw where a listener throws', async () => {
    const { display, connection, failures, failed } = await connected();
    connection.onEvent(() => {
      throw new Error('a mistake');
    });
    connection.client.ChangeWindowAttributes(connection.root, { eventMask: 1 << 19 });
    await connection.settled();
    const program = await XProgram.open(display);
    cleanups.push(() => program.close());
    await program.map({ width: 10, height: 10 });
    await failed;
    expect(failures).toMatchObject([{ message: 'a mistake' }]);
  });
});
