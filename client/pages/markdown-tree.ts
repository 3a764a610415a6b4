import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

/** A piece of a text that somebody else wrote, made of what is allowed alone. */
export type MarkdownNode = string | MarkdownElement;

export interface MarkdownElement {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly children: readonly MarkdownNode[];
}

/** What each element of micromark's becomes. Its page has a heading and sections of its own. */
const TAGS: Readonly<Record<string, string>> = {
  h1: 'h3',
  h2: 'h4',
  h3: 'h5',
  h4: 'h6',
  h5: 'h6',
  h6: 'h6',
  p: 'p',
  ul: 'ul',
  ol: 'ol',
  li: 'li',
  em: 'em',
  strong: 'strong',
  del: 'del',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
  hr: 'hr',
  br: 'br',
  sup: 'sup',
  table: 'table',
  thead: 'thead',
  tbody: 'tbody',
  tr: 'tr',
  th: 'th',
  td: 'td',
};

const VOID_TAGS: ReadonlySet<string> = new Set(['hr', 'br', 'img', 'input']);

/** Nobody quotes in a quotation of a quotation deeper than this; beyond it things lie side by side. */
const MAX_DEPTH = 24;

/** `</p>`, `<a href="…">` or `<br />`, or what stands between them. micromark escapes every other `<`. */
const PIECE = /<(\/?)([a-z][a-z0-9]*)((?:\s[^<>]*?)?)\s*\/?>|[^<]+|</g;
const ATTRIBUTE = /([a-z-]+)(?:="([^"]*)")?/g;

/**
 * What a Markdown text (CommonMark, with GitHub's tables, task lists and strikethrough) says. HTML in it is
 * text. Whatever is not in the list above is left out and its content kept; pictures are their
 * descriptions, so that nothing is fetched from elsewhere; links lead to the web, to mail or to this site.
 */
export function markdownTree(text: string): readonly MarkdownNode[] {
  const html = micromark(text, { extensions: [gfm()], htmlExtensions: [gfmHtml()] });
  const root: Draft = { tag: '', attributes: {}, children: [], source: '' };
  const open: Draft[] = [root];
  for (const [piece, slash, source = '', rest = ''] of html.matchAll(PIECE)) {
    const inner = open.at(-1) ?? root;
    if (source === '') {
      inner.children.push(decoded(piece));
    } else if (slash === '/') {
      const at = open.findLastIndex((draft) => draft.source === source);
      if (at > 0) open.length = at;
    } else {
      const draft = draftOf(source, attributesOf(rest));
      // What has no element of its own, and what lies too deep, fills the one around it.
      const isKept = typeof draft !== 'string' && draft.tag !== '' && open.length <= MAX_DEPTH;
      if (typeof draft === 'string') inner.children.push(draft);
      else if (isKept) inner.children.push(draft);
      if (typeof draft === 'string' || VOID_TAGS.has(source)) continue;
      open.push(isKept ? draft : { ...draft, children: inner.children });
    }
  }
  return root.children;
}

interface Draft extends MarkdownElement {
  readonly children: MarkdownNode[];
  /** The element of micromark's that it stands for. */
  readonly source: string;
}

function draftOf(source: string, attributes: ReadonlyMap<string, string>): Draft | string {
  const draft = (tag: string, kept: Draft['attributes'] = {}): Draft => ({
    tag,
    attributes: kept,
    children: [],
    source,
  });
  switch (source) {
    case 'img':
      return attributes.get('alt') ?? '';
    case 'a': {
      const link = linkOf(attributes.get('href') ?? '');
      return draft(link ? 'a' : '', link);
    }
    case 'input':
      return draft('input', {
        type: 'checkbox',
        disabled: true,
        checked: attributes.has('checked'),
        'aria-label': attributes.has('checked') ? 'done' : 'to do',
      });
    case 'ol': {
      const start = Number(attributes.get('start') ?? 1);
      return draft('ol', Number.isSafeInteger(start) && start !== 1 ? { start } : {});
    }
    case 'th':
    case 'td': {
      const align = attributes.get('align') ?? '';
      return draft(source, /^(left|center|right)$/.test(align) ? { class: `align-${align}` } : {});
    }
    default:
      return draft(TAGS[source] ?? '');
  }
}

/** Undefined where it leads nowhere that a text of others may lead. */
function linkOf(href: string): Draft['attributes'] | undefined {
  if (/^\/(?![/\\])/.test(href)) return { href, rel: 'nofollow' };
  if (/^mailto:/i.test(href)) return { href };
  // The page that opens gets no hold of this one, and is not told of it.
  if (/^https?:\/\//i.test(href)) {
    return { href, rel: 'nofollow noopener noreferrer', target: '_blank' };
  }
  return undefined;
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, decoded(value)]),
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
};

/** What micromark has escaped. */
function decoded(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot);/g, (entity) => ENTITIES[entity] ?? entity);
}
