import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type WorkerExit, WorkerProcess } from '../../../server/agent/worker-process.ts';

const schema = z.strictObject({ said: z.union([z.string(), z.instanceof(Uint8Array)]) });
type Said = z.infer<typeof schema>;

/** A child that says "hello", repeats what it is told and does as it is asked. */
const CHILD = `
process.send({ said: 'hello' });
process.on('message', ({ order, bytes }) => {
  if (order === 'echo') process.send({ said: bytes });
  if (order === 'nonsense') process.send({ said: 7 });
  if (order === 'stay') process.on('disconnect', () => setInterval(() => {}, 1e6));
  if (order === 'exit') process.exit(3);
  process.send({ said: 'did ' + order });
});
`;

describe('WorkerProcess', () => {
  let folder = '';
  let script = new URL('file:///');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rockpool-worker-'));
    script = pathToFileURL(join(folder, 'child.mjs'));
    await writeFile(script, CHILD);
  });
  afterAll(() => rm(folder, { recursive: true }));

  function start() {
    const child = new WorkerProcess<Said>(script, schema);
    const said: Said['said'][] = [];
    const waiting: { wanted: number; resolve: () => void }[] = [];
    let malformed = 0;
    let exit: WorkerExit | undefined;
    const count = () => said.length + malformed;
    const wake = () => {
      for (const { wanted, resolve } of waiting) if (count() >= wanted) resolve();
    };
    const heard = (wanted: number) =>
      new Promise<void>((resolve) => {
        waiting.push({ wanted, resolve });
        wake();
      });
    const listen = () =>
      child.listen({
        handleMessage: (message) => {
          said.push(message.said);
          wake();
        },
        handleMalformed: () => {
          malformed++;
          wake();
        },
        handleExit: (how) => {
          exit = how;
        },
      });
    return { child, said, heard, listen, malformed: () => malformed, exit: () => exit };
  }

  it('delivers what was said before anybody listened', async () => {
    const { child, said, heard, listen } = start();
    child.send({ order: 'first' });
    listen();
    await heard(2);
    expect(said).toEqual(['hello', 'did first']);
    child.kill();
    await child.exited;
  });

  it('carries bytes both ways', async () => {
    const { child, said, heard, listen } = start();
    listen();
    child.send({ order: 'echo', bytes: Uint8Array.of(1, 2, 3) });
    await heard(3);
    expect([...(said[1] as Uint8Array)]).toEqual([1, 2, 3]);
    child.kill();
    await child.exited;
  });

  it('reports what it does not understand instead of delivering it', async () => {
    const { child, said, heard, listen, malformed } = start();
    listen();
    child.send({ order: 'nonsense' });
    await heard(3);
    expect(malformed()).toBe(1);
    expect(said).toEqual(['hello', 'did nonsense']);
    child.kill();
    await child.exited;
  });

  it('tells how the child ended', async () => {
    const { child, listen, exit } = start();
    listen();
    child.send({ order: 'exit' });
    await child.exited;
    await Promise.resolve();
    expect(exit()).toEqual({ code: 3, signal: null });
    expect(child.alive).toBe(false);
  });

  it('kills a child that does not leave by itself', async () => {
    const { child, heard, listen, exit } = start();
    listen();
    child.send({ order: 'stay' });
    await heard(2);
    await child.stop(10);
    await Promise.resolve();
    expect(exit()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('counts a child that cannot be started as ended', async () => {
    const missing = new WorkerProcess<Said>(new URL('missing.mjs', script), schema);
    expect((await missing.exited).code).not.toBe(0);
  });
});
