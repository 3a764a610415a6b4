import { h, type VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { type MarkdownNode, markdownTree } from './markdown-tree.ts';

/** A text that somebody else wrote. It is made of elements of ours: no HTML is ever handed to the page. */
export function Markdown({ text }: { readonly text: string }) {
  const nodes = useMemo(() => markdownTree(text), [text]);
  return <div class="prose">{nodes.map(elementOf)}</div>;
}

function elementOf(node: MarkdownNode): VNode | string {
  if (typeof node === 'string') return node;
  return h(node.tag, { ...node.attributes }, node.children.map(elementOf));
}
