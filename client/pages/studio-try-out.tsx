import '../styles/studio-try-out.css';
import { useContext } from 'preact/hooks';
import { buildMediaPath } from '../../protocol/game-media.ts';
import type { BuildDetails } from '../../protocol/studio-builds.ts';
import type { Screenshot, TryOutReport } from '../../protocol/try-out-report.ts';
import { PrintedLines } from './printed-lines.tsx';
import { StudioContext } from './studio-context.ts';
import { Problem, When } from './studio-parts.tsx';
import {
  type FigureBar,
  figureBars,
  figureFacts,
  momentsOf,
  problemOf,
  type ShownMoment,
  seconds,
} from './studio-try-out-words.ts';
import { useTask } from './use-task.ts';

export interface StudioTryOutProps {
  readonly slug: string;
  readonly gameId: string;
  readonly build: BuildDetails;
  readonly nowMs: number;
  /** Whether they may have it tried again. */
  readonly mayChange: boolean;
  readonly onChange: () => void;
}

/** What was seen of a build when the platform ran it: pictures, a clip, figures, and what went wrong. */
export function StudioTryOut(props: StudioTryOutProps) {
  const { state, tryOut } = props.build;
  if (state !== 'failed' && (state !== 'ready' || tryOut === null)) return null;
  return (
    <section class="try-out" aria-label="Try-out">
      {state === 'failed' && <Failure {...props} />}
      {tryOut !== null && <Seen {...props} report={tryOut} />}
    </section>
  );
}

function Failure({ slug, gameId, build, mayChange, onChange }: StudioTryOutProps) {
  const { requests } = useContext(StudioContext);
  const task = useTask();
  const problem = build.tryOut && problemOf(build.tryOut);
  return (
    <div class="try-out-failure">
      <p class="studio-problem">{problem?.sentence ?? build.stateDetail}</p>
      {problem?.remedy !== undefined && <p class="studio-note">{problem.remedy}</p>}
      {problem && problem.lines !== '' && (
        <PrintedLines title="What the game wrote last" lines={problem.lines} />
      )}
      {mayChange && (
        <div>
          <button
            type="button"
            class="button studio-small"
            disabled={task.busy.value}
            onClick={() =>
              void task.run(async () => {
                await requests.tryAgain(slug, gameId, build.number);
                onChange();
              })
            }
          >
            Try again
          </button>
        </div>
      )}
      <Problem task={task} />
    </div>
  );
}

interface SeenProps extends StudioTryOutProps {
  readonly report: TryOutReport;
}

function Seen({ slug, gameId, build, nowMs, report }: SeenProps) {
  const urlOf = ({ sha256 }: { readonly sha256: string }) =>
    buildMediaPath(slug, gameId, build.number, sha256);
  const moments = momentsOf(report);
  const { clip, poster, notes, log, containerName, region, atMs } = report;
  const bars = build.manifest ? figureBars(report, build.manifest) : [];
  return (
    <>
      {(clip !== null || moments.length > 0) && (
        <div class="try-out-media">
          {clip !== null && (
            <video
              class="try-out-clip"
              aria-label="What it looks like, fifteen seconds"
              src={urlOf(clip)}
              poster={poster === null ? undefined : urlOf(poster)}
              controls
              muted
              loop
              playsInline
              preload="none"
            />
          )}
          <ul class="try-out-pictures">
            {moments.map((moment) => (
              <li key={moment.atMs}>
                <Moment moment={moment} urlOf={urlOf} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {bars.length > 0 && (
        <dl class="try-out-bars">
          {bars.map((bar) => (
            <Bar key={bar.title} bar={bar} />
          ))}
        </dl>
      )}
      <dl class="try-out-facts">
        {figureFacts(report).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {notes.map((note) => (
        <p key={note} class="studio-note">
          {note}
        </p>
      ))}
      <p class="studio-note">
        Seen on <b>{containerName}</b> in {region} <When atMs={atMs} nowMs={nowMs} />: figures of
        another machine are others.
      </p>
      {build.state === 'ready' && log.length > 0 && (
        <PrintedLines title={undefined} lines={log.join('\n')} />
      )}
    </>
  );
}

interface MomentProps {
  readonly moment: ShownMoment;
  readonly urlOf: (picture: Screenshot) => string;
}

function Moment({ moment, urlOf }: MomentProps) {
  const { atMs, avif, webp, largest } = moment;
  const sourceSet = (pictures: readonly Screenshot[]) =>
    pictures.map((one) => `${urlOf(one)} ${one.width}w`).join(', ');
  const sizes = '(min-width: 64rem) 16rem, 45vw';
  const words = `The game ${seconds(atMs)} after its first window`;
  return (
    <a href={urlOf(largest)} target="_blank" rel="noreferrer" aria-label={words}>
      <picture>
        {avif.length > 0 && <source type="image/avif" srcset={sourceSet(avif)} sizes={sizes} />}
        <img
          src={urlOf(largest)}
          srcset={sourceSet(webp)}
          sizes={sizes}
          width={largest.width}
          height={largest.height}
          loading="lazy"
          alt=""
        />
      </picture>
    </a>
  );
}

function Bar({ bar }: { readonly bar: FigureBar }) {
  const percent = (share: number) => `${(100 * share).toFixed(2)}%`;
  return (
    <div>
      <dt>{bar.title}</dt>
      <dd>
        <svg class="try-out-bar" width="100%" height="12" aria-hidden="true" focusable="false">
          <rect class="try-out-track" width="100%" height="12" rx="4" />
          {bar.parts.map(({ kind, from, to }) => (
            <rect
              key={kind}
              class={`try-out-${kind}`}
              x={percent(from)}
              width={percent(Math.max(0, to - from))}
              height="12"
              rx="4"
            />
          ))}
          {bar.mark !== undefined && (
            <rect
              class="try-out-mark"
              x={percent(Math.min(bar.mark, 0.99))}
              width="2"
              height="12"
            />
          )}
        </svg>
        <span>{bar.words}</span>
      </dd>
    </div>
  );
}
