export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const TOKEN = /<\?xml [^>]*\?>|<\/([\w.-]+)>|<([\w.-]+)((?: [\w.-]+="[^"<]*")*) ?(\/?)>|([^<]+)/y;
const ENTITY = /&(?:amp|lt|gt|quot|#\d+);/g;
const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
};

function unescaped(text: string): string {
  if (text.replace(ENTITY, '').includes('&')) throw new SyntaxError(`a bare & in ${text}`);
  return text.replace(
    ENTITY,
    (entity) => ENTITIES[entity] ?? String.fromCodePoint(Number(entity.slice(2, -1))),
  );
}

/**
 * Reads XML of elements, attributes and text as strictly as XML 1.0 asks for.
 * @throws SyntaxError for anything that is not well-formed.
 */
export function readXml(text: string): XmlElement {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const allowed = code >= 0x20 ? code !== 0xfffe && code !== 0xffff : [9, 10, 13].includes(code);
    if (!allowed || (code >= 0xd800 && code <= 0xdfff)) {
      throw new SyntaxError(`character ${code.toString(16)}`);
    }
  }
  const top: Open = { name: '', attributes: {}, children: [], text: '' };
  const open: Open[] = [top];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text);
    if (!token) throw new SyntaxError(`not understood: ${text.slice(at, at + 60)}`);
    const [, closed, opened, list = '', empty, content] = token;
    const inner = open.at(-1) ?? top;
    if (content !== undefined) inner.text += unescaped(content);
    if (closed !== undefined) {
      if (inner.name !== closed) throw new SyntaxError(`</${closed}> in <${inner.name}>`);
      open.pop();
    }
    if (opened !== undefined) {
      const attributes: Record<string, string> = {};
      for (const [, key = '', value = ''] of list.matchAll(/([\w.-]+)="([^"]*)"/g)) {
        if (key in attributes) throw new SyntaxError(`${key} twice`);
        attributes[key] = unescaped(value);
      }
      const element: Open = { name: opened, attributes, children: [], text: '' };
      inner.children.push(element);
      if (empty === '') open.push(element);
    }
  }
  const [root] = top.children;
  if (open.length !== 1 || !root || top.children.length !== 1 || top.text.trim() !== '') {
    throw new SyntaxError('not one element');
  }
  return root;
}
