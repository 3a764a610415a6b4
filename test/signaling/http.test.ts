import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { manifestJsonSchema } from '../../protocol/build-manifest.ts';
import { wireErrorSchema } from '../../protocol/errors.ts';
import { gameListSchema } from '../../protocol/game-info.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { fakeJoin, fakeLoad } from '../support/fake-container.ts';
import { fakeWebp } from '../support/fake-webp.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

const PAGE = '<!doctype html><title>Rockpool</title>';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
  await mkdir(join(fixture.clientFolder, 'assets'), { recursive: true });
  await writeFile(join(fixture.clientFolder, 'index.html'), PAGE);
  await writeFile(join(fixture.clientFolder, 'icon.svg'), '<svg/>');
  await writeFile(join(fixture.clientFolder, 'assets', 'main-1a2b.js'), '');
});
afterEach(() => fixture.close());

/** Sends bytes as they are and gives what is answered first: fetch repairs what it is given. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(fixture.server.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setEncoding('latin1');
    socket.once('data', (answer: string) => {
      resolve(answer);
      socket.destroy();
    });
    socket.once('close', () => resolve(''));
    socket.once('error', reject);
  });
}

describe('pages', () => {
  it.each(['/', '/console', '/play/skimmer', '/studio', '/studio/tidal-games'])(
    'are served at %s and revalidated',
    async (path) => {
      const response = await fixture.get(path);
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(PAGE);
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('content-type')).toContain('text/html');
    },
  );

  it('have hashed assets that never change, and other files that may', async () => {
    const asset = await fixture.get('/assets/main-1a2b.js');
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-type')).toContain('javascript');
    const icon = await fixture.get('/icon.svg');
    expect(icon.headers.get('cache-control')).toBe('no-cache');
  });

  it('allow nothing inline, nothing from elsewhere and no frame around them', async () => {
    const { headers } = await fixture.get('/');
    const policy = headers.get('content-security-policy') ?? '';
    const directives = policy.split(';').map((directive) => directive.trim());
    expect(directives).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "frame-ancestors 'none'",
        `connect-src 'self' ws://127.0.0.1:${fixture.server.port} wss://127.0.0.1:${fixture.server.port}`,
      ]),
    );
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers.get('permissions-policy')).toMatch(/gamepad=\(self\).*keyboard-map=\(self\)/);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('write no strange host into the policy', async () => {
    const answer = await raw(
      'GET / HTTP/1.1\r\nHost: a; script-src *\r\nConnection: close\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(answer).not.toContain('script-src *');
  });
});

describe('what is not there', () => {
  it('is told as JSON, or as a page to who prefers one', async () => {
    const json = await fixture.get('/nowhere');
    expect(json.status).toBe(404);
    expect(wireErrorSchema.parse(await json.json()).code).toBe('bad-message');
    const page = await fixture.get('/nowhere', { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect(page.status).toBe(404);
    expect(await page.text()).toContain('There is nothing here');
  });

  it.each([
    '/play/Not%20A%20Game',
    '/play/',
    '/play/a/b',
    '/covers/skimmer/0000000000000000.webp',
    '/covers/skimmer/undefined.webp',
    '/covers/..%2F..%2Fsigning-key/0.webp',
    '/covers/skimmer/..%2F..%2Fsigning-key',
    '/..%2f..%2fdata/signing-key',
    '/assets/..%2f..%2fdata%2fjoin-token',
    '/%00',
    '/%',
    '/.env',
    '/index.html/',
    '/?__proto__[x]=1&constructor=2/nowhere',
  ])('%s gives away nothing', async (path) => {
    const response = await fixture.get(path);
    const text = await response.text();
    if (path.startsWith('/?')) expect(text).toBe(PAGE);
    else expect([400, 403, 404]).toContain(response.status);
    expect(text).not.toContain(fixture.server.joinToken);
  });
});

describe('requests', () => {
  it('may carry no body', async () => {
    for (const path of ['/', '/api/games', '/nowhere']) {
      const response = await fixture.get(path, { method: 'POST', body: 'x'.repeat(100_000) });
      expect(response.status).toBe(413);
      expect(wireErrorSchema.parse(await response.json()).code).toBe('message-too-large');
    }
    expect(
      await fixture.metric(
        'rockpool_rejected_messages_total{edge="http",code="message-too-large"}',
      ),
    ).toBe(3);
  });

  it('are limited for each address', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 13; i++) {
      const batch = Array.from(
        { length: 50 },
        async () => (await fixture.get('/api/games')).status,
      );
      statuses.push(...(await Promise.all(batch)));
    }
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(600);
    const refused = await fixture.get('/');
    expect(refused.status).toBe(429);
    expect(wireErrorSchema.parse(await refused.json()).code).toBe('rate-limited');
  });

  it('of any method, path and headers are answered and crash nothing', async () => {
    const methods = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'BREW', 'get'];
    const roots = ['/', '/api/games', '/covers/', '/play/', '/socket.io/', '/healthz', '/assets/'];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methods),
        fc.constantFrom(...roots),
        fc.string({ unit: 'binary-ascii', maxLength: 40 }),
        fc.string({ unit: 'binary-ascii', maxLength: 40 }),
        async (method, root, rest, header) => {
          const answer = await raw(
            `${method} ${root}${rest} HTTP/1.1\r\nHost: a\r\nX: ${header}\r\nConnection: close\r\n\r\n`,
          );
          expect(answer).toMatch(/^HTTP\/1\.1 [2345]\d\d/);
          expect(answer).not.toMatch(/^HTTP\/1\.1 500/);
        },
      ),
      { numRuns: 150 },
    );
    expect((await fixture.get('/')).status).toBe(200);
  });
});

describe('the schema of rockpool.json', () => {
  it('is served where editors may fetch it', async () => {
    const response = await fixture.get('/schema/rockpool.json');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/schema+json');
    expect(await response.json()).toEqual(manifestJsonSchema());
  });
});

describe('covers', () => {
  it('are served from an address of their content, also after a restart', async () => {
    const container = await fixture.container();
    const webp = fakeWebp(1);
    expect(await container.request('cover', { gameId: 'skimmer', webp })).toMatchObject({
      ok: true,
    });
    const list = gameListSchema.parse(await (await fixture.get('/api/games')).json());
    const coverUrl = list.games[0]?.coverUrl ?? '';
    expect(coverUrl).toMatch(/^\/covers\/skimmer\/[0-9a-f]{16}\.webp$/);
    await fixture.restart();
    const response = await fixture.get(coverUrl);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array(webp));
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect(response.headers.get('cache-control')).toContain('immutable');
  });

  it('are taken only of games the container has, and only as WebP', async () => {
    const container = await fixture.container();
    expect(await container.request('cover', { gameId: 'other', webp: fakeWebp(1) })).toMatchObject({
      error: { code: 'unknown-game' },
    });
    expect(
      await container.request('cover', { gameId: 'skimmer', webp: Buffer.alloc(20) }),
    ).toMatchObject({ error: { code: 'bad-message' } });
  });
});

describe('healthz', () => {
  it('is ok once a container takes sessions, also while it is full', async () => {
    const health = async () => {
      const response = await fixture.get('/healthz');
      return [response.status, await response.json()];
    };
    const starting = [503, { status: 'starting', protocol: PROTOCOL_VERSION }];
    const ok = [200, { status: 'ok', protocol: PROTOCOL_VERSION }];
    expect(await health()).toEqual(starting);
    const container = fixture.newContainer();
    await container.connected();
    await container.join(fakeJoin());
    expect(await health()).toEqual(starting);
    await container.request('load', fakeLoad(1, 'standby'));
    expect(await health()).toEqual(ok);
    await container.request('load', fakeLoad(0, 'busy'));
    expect(await health()).toEqual(ok);
    await container.request('load', fakeLoad(0, 'draining'));
    expect(await health()).toEqual(starting);
  });
});
