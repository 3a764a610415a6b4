import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type MarkdownElement,
  type MarkdownNode,
  markdownTree,
} from '../../../client/pages/markdown-tree.ts';

/** Every element of a text, the outer ones first. */
function elementsOf(nodes: readonly MarkdownNode[]): MarkdownElement[] {
  return nodes.flatMap((node) =>
    typeof node === 'string' ? [] : [node, ...elementsOf(node.children)],
  );
}

function textOf(nodes: readonly MarkdownNode[]): string {
  return nodes.map((node) => (typeof node === 'string' ? node : textOf(node.children))).join('');
}

const tagsOf = (text: string) => elementsOf(markdownTree(text)).map(({ tag }) => tag);

function linksOf(text: string): unknown[] {
  return elementsOf(markdownTree(text))
    .filter(({ tag }) => tag === 'a')
    .map(({ attributes }) => attributes.href);
}

const ALLOWED_TAGS = new Set(
  'h3 h4 h5 h6 p ul ol li em strong del code pre blockquote hr br sup table thead tbody tr th td a input'.split(
    ' ',
  ),
);
const ALLOWED_ATTRIBUTES = new Set(
  'href rel target start class type disabled checked aria-label'.split(' '),
);

/** Nothing but what the page may hold, whoever wrote the text. */
function expectHarmless(text: string): void {
  for (const { tag, attributes } of elementsOf(markdownTree(text))) {
    expect(ALLOWED_TAGS).toContain(tag);
    for (const [name, value] of Object.entries(attributes)) {
      expect(ALLOWED_ATTRIBUTES).toContain(name);
      if (name === 'href') expect(value).toMatch(/^(https?:\/\/|mailto:|\/(?![/\\]))/i);
    }
    if (attributes.target === '_blank') expect(attributes.rel).toMatch(/noopener/);
  }
}

describe('a description in Markdown', () => {
  it('has paragraphs, headings below those of its page, lists and tables', () => {
    expect(tagsOf('# Tide\n\nWaves, *and* **what** they ~~bring~~ take.')).toEqual([
      'h3',
      'p',
      'em',
      'strong',
      'del',
    ]);
    expect(tagsOf('3. three\n4. four')).toEqual(['ol', 'li', 'li']);
    expect(tagsOf('| a | b |\n|:-|-:|\n| 1 | 2 |')).toEqual(
      'table thead tr th th tbody tr td td'.split(' '),
    );
    const [list] = markdownTree('3. three') as MarkdownElement[];
    expect(list?.attributes).toEqual({ start: 3 });
    const [box] = elementsOf(markdownTree('- [x] done')).filter(({ tag }) => tag === 'input');
    expect(box?.attributes).toMatchObject({ type: 'checkbox', disabled: true, checked: true });
  });

  it('says what was written, character for character', () => {
    expect(textOf(markdownTree('`a < b && "c" > d`'))).toBe('a < b && "c" > d');
    expect(textOf(markdownTree('&amp;lt; &copy; \\*no emphasis\\*'))).toBe('&lt; © *no emphasis*');
  });

  it('leads to the web in a tab of its own, which gets no hold of the page', () => {
    const [, link] = elementsOf(markdownTree('[more](https://tide.example/?a=1&b=2 "title")'));
    expect(link?.attributes).toEqual({
      href: 'https://tide.example/?a=1&b=2',
      rel: 'nofollow noopener noreferrer',
      target: '_blank',
    });
    expect(linksOf('www.tide.example and ada@tide.example')).toEqual([
      'http://www.tide.example',
      'mailto:ada@tide.example',
    ]);
    expect(linksOf('[play](/play/tide)')).toEqual(['/play/tide']);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](&#106;avascript:alert(1))',
    '[x](java\nscript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:msgbox(1))',
    '[x](//evil.example)',
    '[x](#anchor)',
    '[x](relative/path)',
    '[x](file:///etc/passwd)',
    '<javascript:alert(1)>',
    '[x]: javascript:alert(1)\n\n[x]',
  ])('leads nowhere by %j', (text) => {
    expect(linksOf(text)).toEqual([]);
    expectHarmless(text);
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<svg/onload=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://evil.example"></iframe>',
    '<style>*{display:none}</style>',
    '<!-- <p> -->',
    '<p onclick="alert(1)">x</p>',
    '[x](/\\evil.example)',
    '```html\n<script>alert(1)</script>\n```',
    '[<img src=x onerror=alert(1)>](https://tide.example)',
    '[x](https://tide.example "\\" onmouseover=alert(1) x=\\"")',
    '![x" onerror="alert(1)](https://tide.example/x.png)',
    '| <b>a</b> |\n|--|\n| <i>b</i> |',
  ])('shows HTML as the text it is: %j', (text) => {
    expectHarmless(text);
    expect(tagsOf(text)).not.toContain('script');
  });

  it('fetches no picture, and says what it would have shown', () => {
    const text = '![a *wave*](https://evil.example/pixel.png) and ![](x.png)';
    expectHarmless(text);
    expect(textOf(markdownTree(text))).toBe('a wave and ');
  });

  it('is no deeper than a page can be, and loses nothing of what lies deep', () => {
    const deep = `${'> '.repeat(2_000)}the bottom`;
    let depth = 0;
    for (let nodes = markdownTree(deep); nodes.length > 0; depth++) {
      nodes = nodes.flatMap((node) => (typeof node === 'string' ? [] : node.children));
    }
    expect(depth).toBeLessThan(30);
    expect(textOf(markdownTree(deep))).toContain('the bottom');
  });

  it('is harmless, whatever is written', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(
        ...['<', '>', '"', "'", '&', '&quot;', '[', '](', ')', '!', '`', '\n', '> ', '- ', '|'],
        ...[
          'javascript:',
          'https://',
          '//',
          '<a href="',
          ' onclick=',
          '</',
          '/>',
          '[^1]',
          '[^1]: ',
        ],
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => expectHarmless(pieces.join(''))),
      { numRuns: 300 },
    );
  });
});
