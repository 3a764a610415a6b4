import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { MachineWatch } from './console-watch.ts';
import { Icon } from './icon.tsx';
import { useQuietRefresh } from './use-quiet-refresh.ts';

/** What the container wrote to its log last: read only while it is open, and not while it is paused. */
export function ConsoleLog({ watch }: { readonly watch: MachineWatch }) {
  const open = useSignal(false);
  return (
    <details
      class="console-card console-log"
      onToggle={({ currentTarget }) => {
        open.value = currentTarget.open;
      }}
    >
      <summary>
        <h3>Log</h3>
      </summary>
      {open.value && <OpenLog watch={watch} />}
    </details>
  );
}

function OpenLog({ watch }: { readonly watch: MachineWatch }) {
  const paused = useSignal(false);
  const refresh = useRef({
    refresh: async () => {
      if (!paused.peek()) await watch.refreshLog();
    },
  });
  useQuietRefresh(refresh.current);
  const log = watch.log.value;
  if (log === undefined) return <p>Asking for it…</p>;
  if (!log.connected) return <p>The machine is not connected, so its log cannot be asked for.</p>;
  return (
    <>
      <div class="console-log-bar">
        <p role="status">
          {paused.value ? 'Paused.' : `The last ${log.lines.length} lines, as they come.`}
        </p>
        <button
          type="button"
          class="button"
          aria-pressed={paused.value}
          onClick={() => {
            paused.value = !paused.peek();
            void refresh.current.refresh();
          }}
        >
          <Icon name={paused.value ? 'play' : 'pause'} />
          {paused.value ? 'Follow' : 'Pause'}
        </button>
      </div>
      <Lines lines={log.lines} follows={!paused.value} />
    </>
  );
}

interface LinesProps {
  readonly lines: Extract<NonNullable<MachineWatch['log']['value']>, { connected: true }>['lines'];
  readonly follows: boolean;
}

function Lines({ lines, follows }: LinesProps) {
  const box = useRef<HTMLElement>(null);
  /** Whoever has scrolled up reads there. */
  const atEnd = useRef(true);
  // What is new scrolls into sight.
  useEffect(() => {
    if (follows && atEnd.current) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [lines, follows]);
  return (
    <section
      ref={box}
      aria-label="Log lines"
      // What scrolls is to be reached by keyboard, too; its arrows scroll it.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
      tabIndex={0}
      onKeyDown={(event) => event.stopPropagation()}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 8;
      }}
    >
      <ol>
        {lines.map(({ atMs, level, message, detail }, index) => (
          <li key={`${atMs} ${index}`} class={`level-${level}`}>
            <time dateTime={new Date(atMs).toISOString()}>{secondOf(atMs)}</time> <b>{level}</b>{' '}
            {message} <span>{detail}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** "21:14:05", where the person is. */
function secondOf(atMs: number): string {
  return new Date(atMs).toLocaleTimeString('en-GB');
}
