import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { studioReportSchema } from '../../../protocol/studio-messages.ts';
import { SignalingFixture } from '../../support/signaling-fixture.ts';
import { isSignedIn, logOf, StudioBrowser } from '../../support/studio-browser.ts';
import { invitedTo, signedInOwner } from '../../support/studio-games.ts';

let fixture: SignalingFixture;
beforeEach(async () => {
  fixture = await SignalingFixture.start();
});
afterEach(() => fixture.close());

function browser(origin?: string): StudioBrowser {
  const url = fixture.url.replace('127.0.0.1', 'localhost');
  return new StudioBrowser(url, origin);
}

const owner = () => signedInOwner(fixture);
const invited = (by: StudioBrowser, name: string, role: string) =>
  invitedTo(fixture, by, name, role);

describe('the first owner', () => {
  it('comes in by the printed link, and is known by a cookie no script and no other site gets', async () => {
    const ada = browser();
    expect(await isSignedIn(ada)).toBe(false);
    const more = { name: 'Ada', studio: 'Tidal Games' };
    const { status, headers, body } = await ada.comeIn(fixture.server.signInLink, more);
    expect(status).toBe(200);
    expect(body).toMatchObject({ signedIn: true, name: 'Ada', studios: [{ role: 'owner' }] });
    expect(headers.get('cache-control')).toBe('no-store');
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/^rockpool-studio=[\w-]{43};/);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(cookie).not.toMatch(/Secure|Domain/);
    expect(await isSignedIn(ada)).toBe(true);
    const report = studioReportSchema.parse(await ada.must('GET', '/studios/tidal-games'));
    expect(report.members).toMatchObject([{ name: 'Ada', role: 'owner' }]);
  });

  it('is told what a code is for before it is used, and that it is used up afterwards', async () => {
    const code = fixture.server.signInLink ?? '';
    const look = () => browser().ask('POST', '/sign-in/code/look', { code });
    expect((await look()).body).toEqual({ purpose: 'found' });
    await owner();
    expect(await look()).toMatchObject({
      status: 401,
      body: { code: 'unauthorised', message: expect.stringContaining('used already') },
    });
  });

  it('has a cookie for TLS alone at any other host than this machine', async () => {
    await fixture.close();
    fixture = await SignalingFixture.start({ publicUrl: 'https://play.example.org' });
    expect(fixture.server.signInLink).toMatch(/^https:\/\/play\.example\.org\/studio#/);
    const ada = browser('https://play.example.org');
    const more = { name: 'Ada', studio: 'Tidal Games' };
    const { headers } = await ada.comeIn(fixture.server.signInLink, more);
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-rockpool-studio=.*Path=\/.*Secure/);
    expect(await isSignedIn(ada)).toBe(true);
    await ada.addPasskey();
    const { passkeys } = await ada.must<{ passkeys: unknown[] }>('GET', '/passkeys');
    expect(passkeys).toMatchObject([{ host: 'play.example.org' }]);
  });

  it('signs out here, or everywhere', async () => {
    const ada = await owner();
    const again = browser();
    again.cookie = ada.cookie;
    await again.must('POST', '/sign-out', { everywhere: true });
    expect(again.cookie).toBeUndefined();
    expect(await isSignedIn(ada)).toBe(false);
    expect(await ada.refused('GET', '/studios/tidal-games')).toMatchObject({
      status: 401,
      code: 'unauthorised',
    });
  });
});

describe('an access token', () => {
  it('acts until it is revoked, and stops at once', async () => {
    const ada = await owner();
    const path = '/studios/tidal-games/tokens';
    const wish = { name: 'CI', scopes: ['builds:write'], lifetimeDays: 30 };
    const made = await ada.must<{ token: string; tokenId: string }>('POST', path, wish);
    const program = browser();
    const bearer = { authorization: `Bearer ${made.token}` };
    const session = async () => (await program.ask('GET', '/session', undefined, bearer)).body;
    expect(await session()).toMatchObject({ signedIn: true, name: 'Ada', mayFound: false });
    // It needs no page of ours, and gets no further than its scopes.
    for (const [method, what, body] of [
      ['GET', path, undefined],
      ['POST', path, wish],
      ['PATCH', '/studios/tidal-games', { name: 'Mine' }],
      ['GET', '/studios/tidal-games/audit', undefined],
      ['GET', '/passkeys', undefined],
      ['POST', '/studios', { name: 'Mine' }],
    ] as const) {
      const { status } = await program.refused(method, what, body, bearer);
      expect([401, 403, 404]).toContain(status);
    }
    await ada.must('DELETE', `${path}/${made.tokenId}`);
    expect(await session()).toEqual({ signedIn: false });
    expect(await program.refused('GET', path, undefined, bearer)).toMatchObject({
      status: 401,
      message: expect.stringContaining('revoked'),
    });
  });

  it('is for who may make one: no viewer', async () => {
    const ada = await owner();
    const vera = await invited(ada, 'Vera', 'viewer');
    const wish = { name: 'CI', scopes: ['builds:read'], lifetimeDays: null };
    expect(await vera.refused('POST', '/studios/tidal-games/tokens', wish)).toMatchObject({
      status: 403,
      code: 'forbidden',
      message: expect.stringContaining('As viewer'),
    });
  });
});

describe('the log of a studio', () => {
  it('tells every change, who made it and from where, by pages and by kind', async () => {
    const ada = await owner();
    await invited(ada, 'Bob', 'developer');
    for (let count = 0; count < 40; count++) {
      await ada.must('PATCH', '/studios/tidal-games', { name: `Tidal ${count}` });
    }
    const first = await logOf(ada);
    expect(first.entries).toHaveLength(30);
    expect(first.more).toBe(true);
    expect(first.entries[0]).toMatchObject({
      actor: 'Ada',
      via: 'session',
      action: 'studio.renamed',
      detail: 'Tidal 38 → Tidal 39',
      address: expect.stringMatching(/127\.0\.0\.1|::1/),
    });
    const before = first.entries.at(-1)?.entryId;
    const rest = await logOf(ada, `/studios/tidal-games/audit?before=${before}`);
    expect(rest.entries).toHaveLength(13);
    expect(rest.more).toBe(false);
    const members = await logOf(ada, '/studios/tidal-games/audit?group=members');
    expect(members.entries.map(({ action }) => action)).toEqual([
      'member.joined',
      'invitation.created',
    ]);
    const query = '/studios/tidal-games/audit?group=everything';
    expect(await ada.refused('GET', query)).toMatchObject({ status: 400, code: 'bad-message' });
  });
});

describe('a stranger', () => {
  it('learns nothing of which studios there are', async () => {
    const ada = await owner();
    const bob = await invited(ada, 'Bob', 'developer');
    await ada.must('POST', '/studios', { name: 'Secret' });
    const [there, nowhere] = [
      await bob.refused('GET', '/studios/secret'),
      await bob.refused('GET', '/studios/nowhere'),
    ];
    expect(there).toEqual(nowhere);
    expect(there).toMatchObject({ status: 404, code: 'not-found' });
  });

  it.each([
    ['GET', '/passkeys'],
    ['POST', '/passkeys/options'],
    ['POST', '/studios'],
    ['GET', '/studios/tidal-games'],
    ['PATCH', '/studios/tidal-games'],
    ['POST', '/studios/tidal-games/invitations'],
    ['GET', '/studios/tidal-games/tokens'],
    ['POST', '/studios/tidal-games/tokens'],
    ['GET', '/studios/tidal-games/audit'],
    ['GET', '/audit'],
    ['POST', '/sign-out'],
  ])('%s %s is for who is signed in', async (method, path) => {
    await owner();
    const body = method === 'GET' ? undefined : {};
    expect(await browser().refused(method, path, body)).toMatchObject({ status: 401 });
  });

  it('gets no further with another site’s page, whatever cookie the browser sends along', async () => {
    const ada = await owner();
    const path = '/studios/tidal-games';
    const rename = { name: 'Mine' };
    const evil = browser('https://evil.example');
    evil.cookie = ada.cookie;
    for (const headers of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { origin: ada.origin, 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
    ]) {
      const refused = await evil.refused('PATCH', path, rename, headers);
      expect(refused).toMatchObject({ status: 403, code: 'forbidden-origin' });
    }
    const code = { code: 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAA' };
    expect((await evil.refused('POST', '/sign-in/code', code)).status).toBe(403);
    // A form of another site can send text that is JSON, but cannot say so.
    const asText = { 'content-type': 'text/plain' };
    expect((await ada.refused('PATCH', path, JSON.stringify(rename), asText)).status).toBe(400);
    expect((await ada.must<{ name: string }>('GET', path)).name).toBe('Tidal Games');
  });

  it('is answered a thousand tries at a code, soon with how long to wait', async () => {
    await owner();
    const guesser = browser();
    const statuses = new Map<number, number>();
    let last = '';
    const guess = async (count: number) => {
      const { status, message } = await guesser.refused('POST', '/sign-in/code', {
        code: `AAAAA-AAAAA-AAAAA-AAAAA-A${String(count).padStart(4, '0')}`,
        name: 'Eve',
      });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      last = message;
    };
    for (let count = 0; count < 1000; count += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, index) => guess(count + index)));
    }
    expect(statuses.get(401)).toBeLessThanOrEqual(60);
    expect([...statuses.keys()].sort()).toEqual([401, 429]);
    expect(last).toMatch(/Try again in \d+ seconds/);
    expect(await fixture.store.studio.peopleNamed('Eve')).toEqual([]);
  }, 60_000);

  it('is refused a body that is too large, or is none, and hung up on', async () => {
    const ada = await owner();
    const path = '/studios/tidal-games';
    const large = { name: 'x'.repeat(70_000) };
    expect(await ada.refused('PATCH', path, large)).toMatchObject({
      status: 413,
      code: 'message-too-large',
    });
    for (const body of ['{', '[]', 'null', '{"name":""}', '{"name":"a","more":1}', '"x"']) {
      expect(await ada.refused('PATCH', path, body)).toMatchObject({
        status: 400,
        code: 'bad-message',
      });
    }
    const answer = await raw(
      `POST /api/studio/sign-in/code HTTP/1.1\r\nHost: localhost:${fixture.server.port}\r\n` +
        `Origin: http://localhost:${fixture.server.port}\r\nContent-Type: application/json\r\n` +
        'Content-Length: 999999999\r\n\r\n{"code":"',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toMatch(/Connection: close/i);
  });

  it('is answered any code, id or header with a sentence', async () => {
    await owner();
    const guesser = browser();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 120 }), async (text) => {
        const { status } = await guesser.ask('POST', '/sign-in/code/look', { code: text });
        expect([400, 401, 429]).toContain(status);
        const bearer = { authorization: `Bearer rp_${text.replace(/[^\x21-\x7e]/g, '.')}` };
        const refused = await guesser.refused('GET', '/passkeys', undefined, bearer);
        expect(refused.status).toBe(401);
      }),
      { numRuns: 40 },
    );
  });
});

describe('the operator', () => {
  it('gets links for people here, and nobody else does', async () => {
    await owner();
    const secret = (await readFile(`${fixture.folder}/data/operator-secret`, 'utf8')).trim();
    const order = (authorization: string, body: unknown = {}) =>
      fixture.get('/api/operator/studio-sign-in-link', {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    for (const wrong of ['', 'Bearer ', `Bearer ${secret}x`, secret]) {
      expect((await order(wrong)).status).toBe(401);
    }
    const response = await order(`Bearer ${secret}`, { person: 'ada' });
    const { link, person } = (await response.json()) as { link: string; person: string };
    expect(person).toBe('Ada');
    expect((await browser().comeIn(link)).status).toBe(200);
    expect((await order(`Bearer ${secret}`, { person: 'Nobody' })).status).toBe(400);
    expect((await order(`Bearer ${secret}`, { person: 'Ada', more: 1 })).status).toBe(400);
  });
});

/** Sends bytes as they are and gives what is answered first. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(fixture.server.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    socket.setEncoding('latin1');
    socket.once('data', (answer: string) => {
      resolve(answer);
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
