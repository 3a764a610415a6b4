import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StaticServer } from '../../../renderer/web/static-server.ts';
import { temporaryFolder } from '../../support/rockpool-process.ts';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

let folder: { path: string; remove(): void };
let server: StaticServer;

beforeEach(async () => {
  folder = temporaryFolder();
  server = await StaticServer.open(folder.path);
});

afterEach(async () => {
  await server.close();
  folder.remove();
});

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(join(folder.path, name), content);
}

/** Sends the path as it is: `fetch` would tidy it up first. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { host: '127.0.0.1', port: server.port, path, method, headers },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    asking.on('error', reject);
    asking.end();
  });
}

describe('static server', () => {
  it.each([
    ['game.wasm', 'application/wasm'],
    ['game.js', 'text/javascript; charset=utf-8'],
    ['game.mjs', 'text/javascript; charset=utf-8'],
    ['GAME.PNG', 'image/png'],
    ['game.data', 'application/octet-stream'],
    ['game.pck', 'application/octet-stream'],
    ['game.unityweb', 'application/octet-stream'],
    ['game', 'application/octet-stream'],
    ['a.b.ogg', 'audio/ogg'],
  ])('serves %s as %s', async (name, type) => {
    write(name, 'x');
    const { status, headers } = await ask(`/${name}`);
    expect([status, headers['content-type']]).toEqual([200, type]);
  });

  it('isolates the page and keeps nothing in caches', async () => {
    write('index.html', '<p>');
    const { headers } = await ask('/index.html?x=1');
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'credentialless',
      'cache-control': 'no-store',
      'content-length': '3',
    });
    expect(headers['content-security-policy']).not.toMatch(/allow-(popups|downloads)/);
  });

  it('gives the page of a folder, under an address that ends with a slash', async () => {
    mkdirSync(join(folder.path, 'level one'));
    write('index.html', 'top');
    write('level one/index.html', 'one');
    expect((await ask('/')).body.toString()).toBe('top');
    expect((await ask('/level%20one/')).body.toString()).toBe('one');
    const moved = await ask('/level%20one');
    expect([moved.status, moved.headers.location]).toEqual([301, '/level%20one/']);
  });

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=7-99', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=4-2', 200, '0123456789', undefined],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    ['bytes=-', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
  ])('answers a request for %s with %i', async (range, status, body, contentRange) => {
    write('ten.bin', '0123456789');
    const answer = await ask('/ten.bin', { Range: range });
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toBe(body);
    expect(answer.headers['content-range']).toBe(contentRange);
    expect(answer.headers['content-length']).toBe(String(body.length));
  });

  it('serves compressed files as what they unpack to, unpacked for who cannot', async () => {
    write('game.wasm.br', brotliCompressSync('wasm'));
    write('game.data.gz', gzipSync('data'));
    const packed = await ask('/game.wasm.br', { 'Accept-Encoding': 'gzip, br' });
    expect(packed.headers['content-type']).toBe('application/wasm');
    expect(packed.headers['content-encoding']).toBe('br');
    expect(packed.body).toEqual(brotliCompressSync('wasm'));
    const plain = await ask('/game.wasm.br', { 'Accept-Encoding': 'gzip' });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body.toString()).toBe('wasm');
    expect((await ask('/game.data.gz')).body.toString()).toBe('data');
  });

  it('gives the compressed file where only that is there', async () => {
    write('game.js.br', brotliCompressSync('run()'));
    const { status, headers, body } = await ask('/game.js', { 'Accept-Encoding': 'br' });
    expect([status, headers['content-encoding']]).toEqual([200, 'br']);
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(body).toEqual(brotliCompressSync('run()'));
  });

  it.each([
    '/../secret',
    '/%2e%2e/secret',
    '/a/..%2f..%2fsecret',
    '/link',
    '/folder/secret',
    '/inner/../../secret',
    '/%00',
    '/%ff',
    'http://other/secret',
    '/none',
    '/file/',
    '/pipe',
  ])('finds nothing under %s', async (path) => {
    const outside = temporaryFolder();
    try {
      writeFileSync(join(outside.path, 'secret'), 'secret');
      symlinkSync(join(outside.path, 'secret'), join(folder.path, 'link'));
      symlinkSync(outside.path, join(folder.path, 'folder'));
      write('file', 'x');
      symlinkSync('/dev/zero', join(folder.path, 'pipe'));
      expect((await ask(path)).status).toBe(404);
    } finally {
      outside.remove();
    }
  });

  it('follows a link that stays inside', async () => {
    write('real.txt', 'here');
    symlinkSync('real.txt', join(folder.path, 'link.txt'));
    expect((await ask('/link.txt')).body.toString()).toBe('here');
  });

  it('takes no other method than GET and HEAD', async () => {
    write('a.txt', 'four');
    expect((await ask('/a.txt', {}, 'POST')).status).toBe(405);
    const head = await ask('/a.txt', {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, '4', 0]);
  });

  it('is no error to have no icon', async () => {
    expect((await ask('/favicon.ico')).status).toBe(204);
  });

  it('closes more than once', async () => {
    await server.close();
    await server.close();
  });
});
