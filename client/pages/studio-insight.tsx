import '../styles/console-machine.css';
import '../styles/insight.css';
import { useSignal } from '@preact/signals';
import { useContext } from 'preact/hooks';
import {
  INSIGHT_DAYS,
  type InsightReport,
  MAX_INSIGHT_SESSIONS,
} from '../../protocol/studio-insight.ts';
import { formatMs } from './display-units.ts';
import { Illustration } from './illustration.tsx';
import { InsightComparison } from './insight-comparison.tsx';
import { InsightFilters } from './insight-filters.tsx';
import { InsightPlots } from './insight-plots.tsx';
import { InsightStages } from './insight-stages.tsx';
import { InsightTable } from './insight-tables.tsx';
import { FIRST_WISH, type InsightWish, insightWords } from './insight-wish.ts';
import {
  browserWords,
  figureWords,
  minutesWords,
  playersWords,
  sessionsWords,
} from './insight-words.ts';
import { StudioContext } from './studio-context.ts';
import type { GameTabProps } from './studio-game.tsx';
import { Card } from './studio-parts.tsx';
import { useLoaded } from './use-loaded.ts';

/** How a game performs for those who play it. */
export function StudioInsight({ studio, gameId }: GameTabProps) {
  const { requests } = useContext(StudioContext);
  const wish = useSignal<InsightWish>(FIRST_WISH);
  const words = insightWords(wish.value);
  const { value, failure, reload } = useLoaded(`${studio.slug} ${gameId} ${words}`, () =>
    requests.insight(studio.slug, gameId, wish.peek()),
  );
  const report = value.value;
  const change = (part: Partial<InsightWish>) => {
    wish.value = { ...wish.peek(), ...part };
  };
  return (
    <div class="insight">
      <InsightFilters report={report} wish={wish.value} onChange={change}>
        <a
          class="button"
          href={`/api/studio/studios/${studio.slug}/games/${gameId}/insight.csv${words}`}
          download={`${gameId}-insight.csv`}
        >
          Export as CSV
        </a>
      </InsightFilters>
      {failure.value !== undefined && (
        <p class="studio-problem" role="alert">
          {failure.value}{' '}
          <button type="button" class="link" onClick={() => void reload()}>
            Try again
          </button>
        </p>
      )}
      {report === undefined ? (
        failure.value === undefined && <Skeleton />
      ) : (
        <Shown report={report} wish={wish.value} onChange={change} />
      )}
    </div>
  );
}

interface ShownProps {
  readonly report: InsightReport;
  readonly wish: InsightWish;
  readonly onChange: (part: Partial<InsightWish>) => void;
}

function Shown({ report, wish, onChange }: ShownProps) {
  if (report.total.sessions === 0) return <Nothing wish={wish} onChange={onChange} />;
  const { total, builds, regions, browsers } = report;
  return (
    <>
      <Figures report={report} />
      {report.comparison && (
        <InsightComparison
          comparison={report.comparison}
          builds={builds.flatMap(({ number }) => number ?? [])}
          onChoose={onChange}
        />
      )}
      <Card title="Over time" note="A point or bar at the beginning of what it sums up.">
        <InsightPlots report={report} />
      </Card>
      <Card
        title="What the delay is made of"
        note="Half of the sessions take less in each stage. Medians do not add up to the one of the whole."
      >
        <InsightStages stagesMs={total.stagesMs} />
      </Card>
      <Card title="By build">
        <InsightTable
          title="By build"
          head="Build"
          rows={builds.map(({ number, label, figures }) => ({
            key: String(number),
            name: number === null ? 'not told' : `${number}${label === '' ? '' : ` · ${label}`}`,
            figures,
          }))}
        />
      </Card>
      <Card title="By region of the machine">
        <InsightTable
          title="By region"
          head="Region"
          rows={regions.map(({ region, figures }) => ({ key: region, name: region, figures }))}
        />
      </Card>
      <Card title="By browser">
        <InsightTable
          title="By browser"
          head="Browser"
          rows={browsers.map(({ browser, figures }) => ({
            key: String(browser),
            name: browserWords(browser),
            figures,
          }))}
        />
      </Card>
      <p class="studio-note">
        From what players’ own pages measured; who they are is told to nobody.
        {report.limited &&
          ` There were more sessions than are looked at: these are the newest ${MAX_INSIGHT_SESSIONS.toLocaleString('en-GB')}.`}
      </p>
    </>
  );
}

function Figures({ report: { total } }: { readonly report: InsightReport }) {
  const delay = total.clickToPhotonP50Ms;
  const worst = total.clickToPhotonP95Ms;
  const figures: readonly (readonly [string, string, string])[] = [
    ['Sessions', String(total.sessions), playersWords(total.players)],
    ['Played', minutesWords(total.lastedMs), `${sessionsWords(total.reported)} reported`],
    [
      'Click to photon',
      delay === null ? '–' : `${formatMs(delay)} ms`,
      worst === null ? 'not measured' : `p95 ${formatMs(worst)} ms`,
    ],
    ['Frames a second', figureWords(total.frameRate, 1), 'mean of what was shown'],
    [
      'Freezes an hour',
      figureWords(total.freezesPerHour, 1),
      total.frozenShare === null
        ? 'not measured'
        : `${(total.frozenShare * 100).toFixed(2)} % of the time`,
    ],
  ];
  return (
    <dl class="insight-figures">
      {figures.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b>
            <small>{more}</small>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Nothing({ wish, onChange }: Omit<ShownProps, 'report'>) {
  const isFiltered = [wish.build, wish.region, wish.browser, wish.channel].some(
    (part) => part !== undefined,
  );
  const longest = Math.max(...INSIGHT_DAYS) as InsightWish['days'];
  return (
    <section class="panel">
      <Illustration icon="latency" />
      <h2>{isFiltered ? 'No session fits' : 'Nobody has played it yet'}</h2>
      <p>
        {isFiltered
          ? 'Look at other builds, regions or browsers, or at more days.'
          : 'Release a build and share its link. What players’ pages measure is here a quarter of a minute later.'}
      </p>
      {(isFiltered || wish.days !== longest) && (
        <div class="panel-actions">
          <button
            type="button"
            class="button primary"
            onClick={() =>
              onChange({
                days: longest,
                build: undefined,
                against: undefined,
                region: undefined,
                browser: undefined,
                channel: undefined,
              })
            }
          >
            All of the last {longest} days
          </button>
        </div>
      )}
    </section>
  );
}

function Skeleton() {
  return (
    <div class="skeleton rows" role="status">
      <span class="visually-hidden">Adding up what was played</span>
      <div class="bone" />
      <div class="bone" />
    </div>
  );
}
