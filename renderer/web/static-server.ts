import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { parseRange } from './byte-range.ts';
import type { Encoding } from './content-types.ts';
import { findServed, type Served } from './served-file.ts';

/**
 * The page is alone with itself: with these it is cross-origin isolated, and WASM threads have their
 * SharedArrayBuffer. `credentialless` rather than `require-corp`: builds that may use the network
 * load pictures of servers that know nothing of this.
 */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'credentialless',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Builds are small steps apart while somebody works on them, and a session's cache dies with it.
  'Cache-Control': 'no-store',
};

/** A document may do what a game does; opening windows and downloading are none of that. */
const DOCUMENT_POLICY = {
  'Content-Security-Policy':
    'sandbox allow-scripts allow-same-origin allow-forms allow-modals allow-pointer-lock allow-orientation-lock',
};

type ServedFile = Extract<Served, { readonly kind: 'file' }>;

/** Serves a folder on a port of 127.0.0.1 that nobody else has. */
export class StaticServer {
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async open(folder: string): Promise<StaticServer> {
    const top = await realpath(folder);
    const server = createServer((request, response) => {
      answer(top, request, response).catch((error: unknown) => response.destroy(asError(error)));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    return new StaticServer(server, port);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

async function answer(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    end(response, 405, { Allow: 'GET, HEAD' });
    return;
  }
  const [pathname = '/'] = (request.url ?? '/').split('?');
  const served = await findServed(folder, pathname);
  if (served.kind === 'file') sendFile(served, request, response);
  else if (served.kind === 'folder') end(response, 301, { Location: `${pathname}/` });
  // Every browser asks for it, and few games have one: that is no error to log.
  else end(response, pathname === '/favicon.ico' ? 204 : 404, {});
}

function end(response: ServerResponse, status: number, headers: Record<string, string>): void {
  response.writeHead(status, { ...ISOLATION, ...headers, 'Content-Length': '0' });
  response.end();
}

function sendFile(served: ServedFile, request: IncomingMessage, response: ServerResponse): void {
  const { path, sizeBytes, content } = served;
  const isPage = content.type.startsWith('text/html');
  const headers = {
    ...ISOLATION,
    ...(isPage ? DOCUMENT_POLICY : {}),
    'Content-Type': content.type,
  };
  if (content.encoding) {
    sendCompressed(path, content.encoding, headers, request, response);
    return;
  }
  const range = parseRange(request.headers.range, sizeBytes);
  if (range === 'unsatisfiable') {
    end(response, 416, { 'Content-Range': `bytes */${sizeBytes}` });
    return;
  }
  const part = range === 'whole' ? undefined : range;
  response.writeHead(part ? 206 : 200, {
    ...headers,
    'Accept-Ranges': 'bytes',
    'Content-Length': part ? part.last - part.first + 1 : sizeBytes,
    ...(part ? { 'Content-Range': `bytes ${part.first}-${part.last}/${sizeBytes}` } : {}),
  });
  if (request.method === 'HEAD') response.end();
  else
    pipeline(
      createReadStream(path, part ? { start: part.first, end: part.last } : {}),
      response,
      ignore,
    );
}

/** As it is to who unpacks it; unpacked here to who cannot. */
function sendCompressed(
  path: string,
  encoding: Encoding,
  headers: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const accepted = new RegExp(`\\b${encoding}\\b`).test(
    String(request.headers['accept-encoding'] ?? ''),
  );
  const vary = { Vary: 'Accept-Encoding' };
  response.writeHead(200, {
    ...headers,
    ...vary,
    ...(accepted ? { 'Content-Encoding': encoding } : {}),
  });
  if (request.method === 'HEAD') response.end();
  else if (accepted) pipeline(createReadStream(path), response, ignore);
  else {
    const unpacked = encoding === 'br' ? createBrotliDecompress() : createGunzip();
    pipeline(createReadStream(path), unpacked, response, ignore);
  }
}

/** Whoever asked has gone, or sees a response that ends too early. */
function ignore(): void {}
