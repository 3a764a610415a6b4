import { describe, expect, it } from 'vitest';
import { whyNoPasskeys } from '../../../client/pages/passkey-ceremony.ts';

function browser(hostname: string, isSecureContext: boolean, PublicKeyCredential: unknown = {}) {
  return { isSecureContext, PublicKeyCredential, location: { hostname, port: '8080' } };
}

describe('why a page cannot use passkeys', () => {
  it('is nothing over HTTPS and at localhost', () => {
    expect(whyNoPasskeys(browser('play.example.org', true))).toBeUndefined();
    expect(whyNoPasskeys(browser('localhost', true))).toBeUndefined();
  });

  it('says where to open it instead', () => {
    const plain = whyNoPasskeys(browser('play.example.org', false));
    expect(plain).toContain('https://');
    expect(plain).toContain('http://localhost:8080/studio');
    expect(whyNoPasskeys(browser('127.0.0.1', true))).toContain('http://localhost:8080/studio');
    expect(whyNoPasskeys(browser('[::1]', true))).toContain('is a number');
  });

  it('says so where the browser knows none', () => {
    const old = { ...browser('localhost', true), PublicKeyCredential: undefined };
    expect(whyNoPasskeys(old)).toContain('knows no passkeys');
  });
});
