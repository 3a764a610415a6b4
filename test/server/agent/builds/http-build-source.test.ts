import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RockpoolError } from '../../../../protocol/errors.ts';
import { HttpBuildSource } from '../../../../server/agent/builds/http-build-source.ts';

const BLOB = { sha256: 'ab'.repeat(32), bytes: 10 };
const ALWAYS = new AbortController().signal;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** What was waited for; time passes at once. */
const pauses: number[] = [];
const at = (delayMs: number, task: () => void) => {
  if (delayMs >= 30_000) return () => {};
  pauses.push(delayMs);
  const handle = setImmediate(task);
  return () => clearImmediate(handle);
};

async function sourceOf(listener: RequestListener, after = at): Promise<HttpBuildSource> {
  pauses.length = 0;
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve);
  });
  const { port } = listening.address() as AddressInfo;
  return new HttpBuildSource({ signalingUrl: `http://127.0.0.1:${port}`, token: 'a.b.c', after });
}

async function read(source: HttpBuildSource, from = 0, signal = ALWAYS): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.readBlob(BLOB, from, signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('HttpBuildSource', () => {
  it('asks with its token for a blob, whole or from a byte on', async () => {
    const asked: unknown[] = [];
    const source = await sourceOf(({ url, headers }, response) => {
      asked.push([url, headers.authorization, headers.range]);
      response.statusCode = headers.range ? 206 : 200;
      response.end(headers.range ? '56789' : '0123456789');
    });
    expect(await read(source)).toBe('0123456789');
    expect(await read(source, 5)).toBe('56789');
    const path = `/api/builds/blobs/${BLOB.sha256}`;
    expect(asked).toEqual([
      [path, 'Bearer a.b.c', undefined],
      [path, 'Bearer a.b.c', 'bytes=5-'],
    ]);
  });

  it('tries again, ever later, while signaling is away', async () => {
    let requests = 0;
    const source = await sourceOf((request, response) => {
      requests++;
      if (requests === 1) request.socket.destroy();
      else if (requests === 2) response.writeHead(503).end();
      else if (requests === 3) response.writeHead(429).end();
      else response.end('0123456789');
    });
    expect(await read(source)).toBe('0123456789');
    expect(pauses).toEqual([250, 500, 1_000]);
  });

  it('gives up in the end, with what to do', async () => {
    const source = await sourceOf((request) => request.socket.destroy());
    await expect(read(source)).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('Try again in a moment'),
    });
    expect(pauses).toHaveLength(6);
  });

  it('passes on why it is refused, at once', async () => {
    const source = await sourceOf((_request, response) => {
      const error = new RockpoolError('unauthorised', 'Start the game again.').toWire();
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify(error));
    });
    await expect(read(source)).rejects.toMatchObject({
      code: 'unauthorised',
      message: 'Start the game again.',
    });
    expect(pauses).toEqual([]);
  });

  it('does not take the whole for the rest, nor a login page for a blob', async () => {
    const source = await sourceOf((_request, response) => response.end('0123456789'));
    await expect(read(source, 5)).rejects.toMatchObject({ code: 'bad-message' });
  });

  it('says that a line broke off in the middle', async () => {
    const source = await sourceOf((request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('0123', () => request.socket.destroy());
    });
    await expect(read(source)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('hangs up on a line over which nothing comes any more', async () => {
    let stall = () => {};
    const source = await sourceOf(
      (_request, response) => {
        response.writeHead(200);
        response.write('0123');
      },
      (delayMs, task) => {
        if (delayMs >= 30_000) stall = task;
        return () => {};
      },
    );
    const reading = (await source.readBlob(BLOB, 0, ALWAYS))[Symbol.asyncIterator]();
    expect((await reading.next()).value).toHaveLength(4);
    const next = reading.next();
    stall();
    await expect(next).rejects.toMatchObject({ code: 'timeout' });
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const source = await sourceOf(() => stop.abort(new Error('nobody plays any more')));
    await expect(read(source, 0, stop.signal)).rejects.toThrow('nobody plays any more');
  });
});
