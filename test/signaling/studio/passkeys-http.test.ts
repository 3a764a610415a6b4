import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SignalingFixture } from '../../support/signaling-fixture.ts';
import { SoftAuthenticator } from '../../support/soft-authenticator.ts';
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

describe('a passkey', () => {
  it('is added, signs in, counts, and is removed with a warning where it is the last', async () => {
    const ada = await owner();
    await ada.addPasskey('Laptop');
    await ada.must('POST', '/sign-out', { everywhere: false });
    expect(await isSignedIn(ada)).toBe(false);

    fixture.wallClockMs += 1000;
    await ada.must('POST', '/sign-in/passkey', { response: await ada.signedAssertion() });
    expect(await isSignedIn(ada)).toBe(true);
    const { passkeys } = await ada.must<{ passkeys: { id: string }[] }>('GET', '/passkeys');
    expect(passkeys).toMatchObject([
      { id: ada.authenticator.id, name: 'Laptop', lastUsedAtMs: fixture.wallClockMs },
    ]);
    const path = `/passkeys/${ada.authenticator.id}`;
    await ada.must('PATCH', path, { name: 'Old laptop' });
    const remove = (evenLast: boolean) => ada.ask('POST', `${path}/remove`, { evenLast });
    expect(await remove(false)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const { body } = await remove(true);
    const { signInLink } = body as { signInLink: string };
    const again = browser();
    expect((await again.comeIn(signInLink)).status).toBe(200);
    expect((await logOf(again, '/audit')).entries.map(({ action }) => action)).toEqual([
      'person.signed-in',
      'code.created',
      'passkey.removed',
      'passkey.renamed',
      'person.signed-in',
      'person.signed-out',
      'passkey.added',
      'person.signed-in',
      'person.came',
    ]);
  });

  it('is one of several, and none of them is the last then', async () => {
    const ada = await owner();
    await ada.addPasskey('Laptop');
    const phone = browser();
    phone.cookie = ada.cookie;
    await phone.addPasskey('Phone');
    const path = `/passkeys/${phone.authenticator.id}/remove`;
    expect(await ada.must('POST', path, { evenLast: false })).toEqual({ signInLink: null });
    const refused = await phone.refused('POST', '/sign-in/passkey', {
      response: await phone.signedAssertion(),
    });
    expect(refused).toMatchObject({ status: 401, code: 'unauthorised' });
    expect(refused.message).toContain('not known here');
  });

  it('signs nobody in twice with one answer', async () => {
    const ada = await owner();
    await ada.addPasskey();
    const response = await ada.signedAssertion();
    const thief = browser();
    await ada.must('POST', '/sign-in/passkey', { response });
    expect(await thief.refused('POST', '/sign-in/passkey', { response })).toMatchObject({
      status: 401,
      message: expect.stringContaining('sent before'),
    });
    expect(await isSignedIn(thief)).toBe(false);
  });

  it('signs nobody in with an old count, an old challenge, or one of another kind', async () => {
    const ada = await owner();
    await ada.addPasskey();
    await ada.must('POST', '/sign-in/passkey', { response: await ada.signedAssertion() });
    ada.authenticator.counter = 0;
    const copied = { response: await ada.signedAssertion() };
    expect(await ada.refused('POST', '/sign-in/passkey', copied)).toMatchObject({ status: 401 });

    ada.authenticator.counter = 5;
    const late = { response: await ada.signedAssertion() };
    fixture.wallClockMs += 5 * 60_000;
    expect(await ada.refused('POST', '/sign-in/passkey', late)).toMatchObject({ status: 401 });

    const options = await ada.must<object>('POST', '/passkeys/options', {});
    const other = { response: ada.authenticator.assert(options, ada) };
    expect(await ada.refused('POST', '/sign-in/passkey', other)).toMatchObject({ status: 401 });
  });

  it('signs nobody in for a page of another origin, and says which is the right one', async () => {
    const ada = await owner();
    await ada.addPasskey();
    const options = await ada.must<object>('POST', '/sign-in/passkey/options', {});
    const evil = { origin: 'https://evil.example', rpId: ada.rpId };
    const response = ada.authenticator.assert(options, evil);
    expect(await ada.refused('POST', '/sign-in/passkey', { response })).toMatchObject({
      status: 403,
      code: 'forbidden-origin',
      message: expect.stringContaining(ada.origin),
    });
    const elsewhere = { origin: ada.origin, rpId: 'evil.example' };
    const again = await ada.must<object>('POST', '/sign-in/passkey/options', {});
    const wrongHost = { response: ada.authenticator.assert(again, elsewhere) };
    expect(await ada.refused('POST', '/sign-in/passkey', wrongHost)).toMatchObject({ status: 401 });
  });

  it('is not known by a signature of another key', async () => {
    const ada = await owner();
    await ada.addPasskey();
    const response = await ada.signedAssertion();
    const impostor = new SoftAuthenticator();
    const options = await ada.must<object>('POST', '/sign-in/passkey/options', {});
    const forged = impostor.assert(options, ada);
    const body = { response: { ...forged, id: response.id, rawId: response.id } };
    expect(await ada.refused('POST', '/sign-in/passkey', body)).toMatchObject({ status: 401 });
  });

  it('is registered for who asked for it alone, and once', async () => {
    const ada = await owner();
    const bob = await invited(ada, 'Bob', 'developer');
    const options = await ada.must<object>('POST', '/passkeys/options', {});
    const response = ada.authenticator.register(options, ada);
    const body = { name: 'Mine', response };
    expect(await bob.refused('POST', '/passkeys', body)).toMatchObject({ status: 401 });
    await ada.addPasskey();
    const again = await ada.must<object>('POST', '/passkeys/options', {});
    const twice = { name: 'Twice', response: ada.authenticator.register(again, ada) };
    expect(await ada.refused('POST', '/passkeys', twice)).toMatchObject({ status: 409 });
    expect(await bob.must('GET', '/passkeys')).toEqual({ passkeys: [] });
    const path = `/passkeys/${ada.authenticator.id}`;
    expect(await bob.refused('PATCH', path, { name: 'Stolen' })).toMatchObject({ status: 404 });
  });
});
