import type { IncomingMessage } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

/** What a page may use; whatever is powerful and not needed is off. */
const PERMISSIONS_POLICY = [
  'autoplay=(self)',
  'clipboard-read=(self)',
  'clipboard-write=(self)',
  'fullscreen=(self)',
  'gamepad=(self)',
  'keyboard-map=(self)',
  'camera=()',
  'geolocation=()',
  'microphone=()',
].join(', ');

/**
 * This server's web socket addresses. Browsers before CSP level 3 do not count them as 'self'. Only
 * a host that looks like one is written into the header.
 */
function socketSources({ headers }: IncomingMessage): string {
  const host = headers.host ?? '';
  return /^[\w.\-[\]:]+$/.test(host) ? `ws://${host} wss://${host}` : "'self'";
}

/** A strict content security policy: everything from here, nothing inline, in nobody's frame. */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        // Helmet's defaults upgrade to https, which a machine on a home network does not have.
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'"],
          mediaSrc: ["'self'", 'blob:'],
          workerSrc: ["'self'"],
          manifestSrc: ["'self'"],
          connectSrc: ["'self'", socketSources],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      // A cross-origin isolated page gets clocks of 5 µs instead of 100 µs (W3C High Resolution
      // Time §7.1), which the latency accounting reads.
      crossOriginEmbedderPolicy: { policy: 'require-corp' },
      // Whoever ends TLS in front of this server decides for how long a browser shall insist on it.
      strictTransportSecurity: false,
      xFrameOptions: { action: 'deny' },
      referrerPolicy: { policy: 'same-origin' },
    }),
    (_request: Request, response: Response, next: NextFunction) => {
      response.setHeader('Permissions-Policy', PERMISSIONS_POLICY);
      next();
    },
  ];
}
