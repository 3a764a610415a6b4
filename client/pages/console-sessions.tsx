import { useSignal } from '@preact/signals';
import type { MachineReport, PastPlay } from '../../protocol/console-report.ts';
import { ENDING_WORDS, isMishap, titleOf } from './console-words.ts';
import { formatMs } from './display-units.ts';
import { formatDay, formatDuration, formatMoment, formatTime } from './time-words.ts';

/** A screenful. */
const SHOWN_AT_FIRST = 10;
const MORE = 50;

export interface ConsoleSessionsProps {
  readonly report: MachineReport;
  readonly sessions: readonly PastPlay[];
  readonly nowMs: number;
}

/** The sessions one by one, newest first. */
export function ConsoleSessions({ report, sessions, nowMs }: ConsoleSessionsProps) {
  const shown = useSignal(SHOWN_AT_FIRST);
  const left = sessions.length - shown.value;
  return (
    <>
      <table class="console-sessions">
        <thead>
          <tr>
            <th scope="col">Game</th>
            <th scope="col">Began</th>
            <th scope="col">Lasted</th>
            <th scope="col">Ended</th>
            <th scope="col">
              <abbr title="Click to photon: half of all inputs, and nineteen of twenty">
                p50 / p95
              </abbr>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.slice(0, shown.value).map((session) => (
            <SessionRow
              key={`${session.startedAtMs} ${session.gameId} ${session.endedAtMs}`}
              title={titleOf(report, session.gameId)}
              session={session}
              nowMs={nowMs}
            />
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <button
          type="button"
          class="button"
          onClick={() => {
            shown.value += MORE;
          }}
        >
          Show {Math.min(MORE, left)} more
        </button>
      )}
    </>
  );
}

interface SessionRowProps {
  readonly title: string;
  readonly session: PastPlay;
  readonly nowMs: number;
}

function SessionRow({ title, session, nowMs }: SessionRowProps) {
  const { startedAtMs, endedAtMs, reason, clickToPhotonP50Ms, clickToPhotonP95Ms } = session;
  return (
    <tr>
      <th scope="row">{title}</th>
      <td>
        <time dateTime={new Date(startedAtMs).toISOString()} title={formatMoment(startedAtMs)}>
          {formatDay(startedAtMs, nowMs)}, {formatTime(startedAtMs)}
        </time>
      </td>
      <td>{formatDuration(Math.max(0, (endedAtMs ?? nowMs) - startedAtMs))}</td>
      <td class={reason && isMishap(reason) ? 'mishap' : ''}>
        {reason ? ENDING_WORDS[reason] : 'Being played'}
      </td>
      <td>
        {clickToPhotonP50Ms === null || clickToPhotonP95Ms === null
          ? '–'
          : `${formatMs(clickToPhotonP50Ms)} / ${formatMs(clickToPhotonP95Ms)} ms`}
      </td>
    </tr>
  );
}
