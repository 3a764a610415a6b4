import { describe, expect, it } from 'vitest';
import { escapeHtml, type PageHead, withHead } from '../../signaling/page-head.ts';

const HTML = `<!doctype html>
<html lang="en">
  <head>
    <meta name="description" content="Games that run on a machine near you." />
    <title>Rockpool</title>
    <script type="module" src="/main.js"></script>
  </head>
  <body></body>
</html>`;

const HEAD: PageHead = {
  title: 'Tide',
  description: 'Waves, and what they bring.',
  url: 'https://play.example/games/tide',
  image: { url: 'https://play.example/covers/tide/1.webp', width: 1280, height: 720 },
};

describe('the head of a page', () => {
  it('says what the link leads to, once, and leaves the rest of the page as it is', () => {
    const html = withHead(HTML, HEAD);
    expect(html.match(/<title>/g)).toHaveLength(1);
    expect(html.match(/name="description"/g)).toHaveLength(1);
    expect(html).toContain('<title>Tide — Rockpool</title>');
    expect(html).toContain('<meta property="og:title" content="Tide" />');
    expect(html).toContain(
      '<meta property="og:description" content="Waves, and what they bring." />',
    );
    expect(html).toContain(
      '<meta property="og:image" content="https://play.example/covers/tide/1.webp" />',
    );
    expect(html).toContain('<meta name="twitter:card" content="summary_large_image" />');
    expect(html).toContain('<script type="module" src="/main.js"></script>');
  });

  it('has no picture where there is none', () => {
    const html = withHead(HTML, { ...HEAD, image: undefined });
    expect(html).not.toContain('og:image');
    expect(html).toContain('<meta name="twitter:card" content="summary" />');
  });

  it.each([
    '"><script>alert(1)</script>',
    "' onload='alert(1)",
    '</title><script>alert(1)</script>',
    '</head><body>',
    '& &amp; $& $` $1',
  ])('shows what somebody wrote as what they wrote: %s', (text) => {
    const html = withHead(HTML, { ...HEAD, title: text, description: text });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<\/head>/g)).toHaveLength(1);
    expect(html.match(/<body>/g)).toHaveLength(1);
    expect(html).toContain(`<meta property="og:title" content="${escapeHtml(text)}" />`);
    const told = /og:title" content="([^"]*)"/.exec(html)?.[1] ?? '';
    const read = told.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
    expect(read).toBe(text);
  });
});
