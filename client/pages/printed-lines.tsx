import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';

export interface PrintedLinesProps {
  readonly lines: string;
  /** What they are, and open at once; undefined: a game's log, which waits to be asked for. */
  readonly title: string | undefined;
}

/** Lines for those who can make something of them: to be read where they are, or copied. */
export function PrintedLines({ lines, title }: PrintedLinesProps) {
  const text = useRef<HTMLPreElement>(null);
  const copied = useSignal<string | undefined>(undefined);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(lines);
      copied.value = 'Copied';
    } catch (cause) {
      // Pages without TLS have no clipboard, and a browser may refuse.
      console.error('The browser did not copy.', cause);
      if (text.current !== null) getSelection()?.selectAllChildren(text.current);
      copied.value = 'Selected: copy it with Ctrl+C';
    }
  };
  return (
    <details class="printed-lines" open={title !== undefined}>
      <summary>{title ?? 'What the game said'}</summary>
      <section
        aria-label={title ?? 'What the game said'}
        // What scrolls is to be reached by keyboard, too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
        tabIndex={0}
      >
        <pre ref={text}>{lines}</pre>
      </section>
      <div class="printed-actions">
        <button type="button" class="button quiet" onClick={() => void copy()}>
          Copy
        </button>
        <span role="status">{copied.value}</span>
      </div>
    </details>
  );
}
