import type { Request, Response } from 'express';
import { SIGN_IN_LIFETIME_MS } from './sign-ins.ts';

/** Browsers take `__Host-` from this very host over TLS alone (RFC 6265bis §4.1.3.2). */
const SECURE_NAME = '__Host-rockpool-studio';
/** Without TLS, which a browser forgives its own machine alone. */
const LOOPBACK_NAME = 'rockpool-studio';

/** Of `localhost`, `127.0.0.1` and the like; with or without a port. */
export function isLoopbackHost(host: string): boolean {
  return /^(localhost|[\w-]+\.localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
}

/** What a browser is known by; undefined where it brings nothing of the kind. */
export function readSessionCookie({ headers }: Pick<Request, 'headers'>): string | undefined {
  const names = isLoopbackHost(headers.host ?? '') ? [SECURE_NAME, LOOPBACK_NAME] : [SECURE_NAME];
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name !== undefined && names.includes(name) && /^[\w-]{43}$/.test(value ?? '')) return value;
  }
  return undefined;
}

/** @param origin of the page that signs in. */
export function setSessionCookie(response: Response, origin: string, secret: string): void {
  const isLoopback = isLoopbackHost(new URL(origin).host);
  response.cookie(isLoopback ? LOOPBACK_NAME : SECURE_NAME, secret, {
    httpOnly: true,
    sameSite: 'strict',
    secure: !isLoopback,
    path: '/',
    maxAge: SIGN_IN_LIFETIME_MS,
  });
}

export function clearSessionCookies(response: Response): void {
  const options = { httpOnly: true, sameSite: 'strict', path: '/' } as const;
  response.clearCookie(LOOPBACK_NAME, options);
  response.clearCookie(SECURE_NAME, { ...options, secure: true });
}
