import { useEffect, useRef } from 'preact/hooks';
import type { LiveMachine, MachineReport } from '../../protocol/console-report.ts';
import { ConsoleFacts } from './console-facts.tsx';
import { ConsoleLoad } from './console-load.tsx';
import { ConsoleLog } from './console-log.tsx';
import { ConsolePast } from './console-past.tsx';
import type { MachineWatch } from './console-watch.ts';
import { describeMachine, RUNNING_WORDS, titleOf } from './console-words.ts';
import { Icon } from './icon.tsx';
import { StaleNotice } from './stale-notice.tsx';
import { formatDuration } from './time-words.ts';

/** Sessions end by the minute; their last reports come a little later. */
const HISTORY_EVERY_MS = 30_000;

export interface ConsoleMachineProps {
  readonly watch: MachineWatch;
  readonly name: string;
  /** Whether it was picked from the list, which on a phone lies above it. */
  readonly chosen: boolean;
  readonly onForget: () => void;
}

/** All there is to know of one machine, and what can be done with it. */
export function ConsoleMachine({ watch, name, chosen, onForget }: ConsoleMachineProps) {
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === 'visible') void watch.refreshHistory();
    };
    refresh();
    const timer = setInterval(refresh, HISTORY_EVERY_MS);
    return () => clearInterval(timer);
  }, [watch]);
  const state = watch.state.value;
  const report = state.name === 'ready' ? state.report : undefined;
  return (
    <article class="console-machine" aria-labelledby="console-machine-name">
      {state.name === 'ready' && state.stale && <StaleNotice />}
      <State watch={watch} name={name} chosen={chosen} />
      {report?.live && (
        <div class="console-pair">
          <section class="console-card">
            <h3>Load</h3>
            <ConsoleLoad live={report.live} />
          </section>
          <Running report={report} live={report.live} />
        </div>
      )}
      {report && <ConsolePast report={report} history={watch.history.value} />}
      {report && <ConsoleLog watch={watch} />}
      {report && <ConsoleFacts report={report} />}
      <p class="console-forget">
        <button type="button" class="button quiet" onClick={onForget}>
          <Icon name="close" />
          Forget this machine
        </button>
      </p>
    </article>
  );
}

function State({ watch, name, chosen }: Omit<ConsoleMachineProps, 'onForget'>) {
  const state = watch.state.value;
  const { tone, title, advice } = describeMachine(state);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (chosen) card.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const report = state.name === 'ready' ? state.report : undefined;
  return (
    <section ref={card} class={`console-card console-state ${tone}`}>
      <div>
        <h2 id="console-machine-name">{name}</h2>
        <p class="console-title" role="status">
          <i class="console-dot" aria-hidden="true" />
          {title}
        </p>
        <p>{advice}</p>
        {report && !report.live && (
          <p>
            <code>rockpool container --join {location.origin} --token TOKEN</code>
          </p>
        )}
      </div>
      {report?.live && <DrainButton watch={watch} live={report.live} />}
    </section>
  );
}

function DrainButton({
  watch,
  live,
}: {
  readonly watch: MachineWatch;
  readonly live: LiveMachine;
}) {
  const draining = live.state === 'draining';
  const busy = watch.commanding.value;
  const problem = watch.problem.value;
  return (
    <div class="console-command">
      <button
        type="button"
        class={draining ? 'button primary' : 'button'}
        aria-disabled={busy}
        onClick={() => void watch.command(draining ? 'resume' : 'drain')}
      >
        <Icon name={draining ? 'play' : 'pause'} />
        {draining ? 'Take games again' : 'Drain'}
      </button>
      <p>
        {draining
          ? 'It stays drained until you press this, or start its container anew.'
          : 'Lets games end, starts no new ones. You can take it back.'}
      </p>
      {problem !== undefined && (
        <p class="console-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function Running({ report, live }: { readonly report: MachineReport; readonly live: LiveMachine }) {
  return (
    <section class="console-card">
      <h3>Being played now</h3>
      {live.running.length === 0 ? (
        <p>Nothing at the moment.</p>
      ) : (
        <ul class="console-running">
          {live.running.map(({ gameId, sinceMs, state }) => (
            <li key={`${sinceMs} ${gameId}`}>
              <b>{titleOf(report, gameId)}</b>
              <span>
                {RUNNING_WORDS[state]}, {formatDuration(Math.max(0, report.nowMs - sinceMs))}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
