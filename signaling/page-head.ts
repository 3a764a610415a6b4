/** What a link to a page looks like where it is shared (Open Graph protocol, and HTML's own). */
export interface PageHead {
  readonly title: string;
  readonly description: string;
  /** Of the page, absolute. */
  readonly url: string;
  /** Of its picture, absolute; undefined where it has none. */
  readonly image:
    | { readonly url: string; readonly width: number; readonly height: number }
    | undefined;
}

/** Text for a double-quoted attribute, or between tags. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * A page of the built client with the head of what it shows, for programs that run no scripts: they
 * make previews of links.
 * @param html has one title, and one description.
 */
export function withHead(html: string, head: PageHead): string {
  const { title, description, url, image } = head;
  const properties: [string, string][] = [
    ['og:site_name', 'Rockpool'],
    ['og:type', 'website'],
    ['og:title', title],
    ['og:description', description],
    ['og:url', url],
    ...(image
      ? ([
          ['og:image', image.url],
          ['og:image:width', String(image.width)],
          ['og:image:height', String(image.height)],
          ['og:image:alt', title],
        ] satisfies [string, string][])
      : []),
  ];
  const lines = [
    `<title>${escapeHtml(`${title} — Rockpool`)}</title>`,
    `<meta name="description" content="${escapeHtml(description)}" />`,
    `<link rel="canonical" href="${escapeHtml(url)}" />`,
    ...properties.map(
      ([property, content]) => `<meta property="${property}" content="${escapeHtml(content)}" />`,
    ),
    `<meta name="twitter:card" content="${image ? 'summary_large_image' : 'summary'}" />`,
  ];
  // Functions, because a `$` in what is put in would otherwise mean something.
  return html
    .replace(/<title>[^<]*<\/title>/, () => lines.join('\n    '))
    .replace(/\s*<meta name="description" content="Games that[^"]*"\s*\/?>/, () => '');
}
