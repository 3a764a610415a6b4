import { besideOf, type FileLookup, folderOf, nameOf } from '../builds/file-lookup.ts';
import { type Candidate, PLAIN_PAGE } from './candidate.ts';

/** Folders below the top that exports put their page into. */
const MAX_PAGE_DEPTH = 2;

/** What engines and templates call pages that nobody has named. */
const UNNAMED =
  /^(?:unity (?:web|webgl) player|emscripten-generated code|document|index|untitled|vite app|my game|game|html5 game|new project)$/i;

interface WebEngine {
  readonly kind: string;
  /** The file that only this engine leaves; undefined where it did not. */
  readonly mark: (beside: string, page: string, files: FileLookup) => string | undefined;
}

const found = (files: FileLookup, beside: string, pattern: RegExp): string | undefined =>
  files.readable.find(
    ({ path }) => path.startsWith(beside) && pattern.test(path.slice(beside.length)),
  )?.path;

const stemOf = (page: string) => nameOf(page).replace(/\.html?$/i, '');

/** The more particular before the more general. */
const ENGINES: readonly WebEngine[] = [
  {
    kind: 'a Unity web build',
    mark: (beside, _page, files) => found(files, beside, /^Build\/[^/]+\.loader\.js$/),
  },
  {
    kind: 'a Godot web build',
    mark: (beside, page, files) => {
      const stem = `${beside}${stemOf(page)}`;
      return files.file(`${stem}.wasm`) && files.file(`${stem}.pck`)?.path;
    },
  },
  {
    kind: 'an Unreal web build',
    mark: (beside, _page, files) =>
      found(files, beside, /^[^/]+-HTML5(?:-\w+)?\.(?:wasm|js)(?:\.gz|gz)?$/) ??
      found(files, beside, /^[^/]+\.UE4\.js(?:\.gz|gz)?$/),
  },
  {
    kind: 'a GameMaker web build',
    mark: (beside, _page, files) => found(files, beside, /^html5game\/[^/]+\.js$/),
  },
  {
    kind: 'a Construct web build',
    mark: (beside, _page, files) => found(files, beside, /^(?:scripts\/)?c[23]runtime\.js$/),
  },
  {
    kind: 'an RPG Maker web build',
    mark: (beside, _page, files) => found(files, beside, /^js\/(?:rmmz|rpg)_core\.js$/),
  },
  {
    kind: 'a Defold web build',
    mark: (beside, _page, files) => found(files, beside, /^dmloader\.js$/),
  },
  {
    kind: 'an Emscripten web build',
    mark: (beside, page, files) => {
      const stem = `${beside}${stemOf(page)}`;
      if (files.file(`${stem}.js`) && files.file(`${stem}.wasm`)) return `${stem}.wasm`;
      const wasm = found(files, beside, /^[^/]+\.wasm$/);
      return wasm && files.file(wasm.replace(/\.wasm$/, '.js')) ? wasm : undefined;
    },
  },
  {
    kind: 'a WebAssembly web build',
    mark: (beside, _page, files) => found(files, beside, /^(?:[^/]+\/){0,2}[^/]+\.wasm$/),
  },
];

/** Pages that might be the game's. */
export async function webCandidates(files: FileLookup): Promise<Candidate[]> {
  const pages = files.readable
    .map(({ path }) => path)
    .filter((path) => /\.html?$/i.test(path) && path.split('/').length <= MAX_PAGE_DEPTH);
  return Promise.all(pages.map((page) => candidateOf(page, files)));
}

async function candidateOf(page: string, files: FileLookup): Promise<Candidate> {
  const beside = besideOf(page);
  const text = await files.readText(page);
  const common = { runtime: 'web', entry: page, title: titleIn(text) } as const;
  const isIndex = /^index\.html?$/i.test(nameOf(page));
  const below = folderOf(page) === '' ? '' : ` in the folder ${folderOf(page)}`;
  for (const { kind, mark } of ENGINES) {
    const left = mark(beside, page, files);
    if (left === undefined) continue;
    return {
      ...common,
      kind,
      confidence: isIndex || nameOf(left).startsWith(`${stemOf(page)}.`) ? 'certain' : 'likely',
      reasons: [`Found ${page} and ${left}: ${kind}.`],
    };
  }
  const hasScript = /<script|<canvas/i.test(text);
  return {
    ...common,
    kind: PLAIN_PAGE,
    confidence: isIndex && hasScript ? 'likely' : 'guess',
    reasons: [
      `Found ${nameOf(page)}${below}, ${hasScript ? 'a page with a script' : 'a page without a script'}.`,
    ],
  };
}

function titleIn(text: string): string | undefined {
  const [, raw = ''] = /<title[^>]*>([^<]*)<\/title>/i.exec(text) ?? [];
  const title = decoded(raw)
    .replace(/^Unity (?:Web|WebGL) Player\s*\|\s*/i, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 80);
  // "$GODOT_PROJECT_NAME" and the like: a template nobody has filled.
  return title === '' || UNNAMED.test(title) || /[{}$%]/.test(title) ? undefined : title;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  apos: "'",
  nbsp: ' ',
};

function decoded(text: string): string {
  return text.replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name.toLowerCase()] ?? whole);
}
