/** By the ending of a file's name, in lower case. */
const TYPES: Readonly<Record<string, string>> = {
  aac: 'audio/aac',
  avif: 'image/avif',
  bin: 'application/octet-stream',
  bmp: 'image/bmp',
  css: 'text/css; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  data: 'application/octet-stream',
  flac: 'audio/flac',
  gif: 'image/gif',
  glb: 'model/gltf-binary',
  gltf: 'model/gltf+json',
  htm: 'text/html; charset=utf-8',
  html: 'text/html; charset=utf-8',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  m4a: 'audio/mp4',
  map: 'application/json',
  mjs: 'text/javascript; charset=utf-8',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  ogv: 'video/ogg',
  opus: 'audio/ogg',
  otf: 'font/otf',
  pck: 'application/octet-stream',
  png: 'image/png',
  svg: 'image/svg+xml',
  ttf: 'font/ttf',
  txt: 'text/plain; charset=utf-8',
  unityweb: 'application/octet-stream',
  wasm: 'application/wasm',
  wav: 'audio/wav',
  webm: 'video/webm',
  webmanifest: 'application/manifest+json',
  webp: 'image/webp',
  woff: 'font/woff',
  woff2: 'font/woff2',
  xml: 'application/xml',
};

/** `Content-Encoding` by the ending that precompressed files have. */
const ENCODINGS: Readonly<Record<string, Encoding>> = { br: 'br', gz: 'gzip' };

export type Encoding = 'br' | 'gzip';

/** What the headers say of a file. */
export interface ContentKind {
  readonly type: string;
  /** Set where the file's bytes are compressed. */
  readonly encoding: Encoding | undefined;
}

/** A compressed file, such as the `game.wasm.br` of a Unity export, is of the type it unpacks to. */
export function contentKind(name: string): ContentKind {
  const [ending, inner] = name.toLowerCase().split('.').reverse();
  const encoding = ending === undefined ? undefined : ENCODINGS[ending];
  const type = TYPES[(encoding ? inner : ending) ?? ''];
  return { type: type ?? 'application/octet-stream', encoding };
}

/** The files that may stand for one that is not there, and how they are compressed. */
export const COMPRESSED_ENDINGS = Object.keys(ENCODINGS);
