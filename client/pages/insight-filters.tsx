import type { ComponentChildren } from 'preact';
import { INSIGHT_DAYS, type InsightReport } from '../../protocol/studio-insight.ts';
import type { InsightWish } from './insight-wish.ts';
import { browserWords } from './insight-words.ts';
import { Choice } from './studio-parts.tsx';

const DAY_WORDS: Readonly<Record<(typeof INSIGHT_DAYS)[number], string>> = {
  1: 'A day',
  7: '7 days',
  30: '30 days',
  90: '90 days',
};

const ANY = '';

export interface InsightFiltersProps {
  /** For what there is to choose from; undefined until it is there. */
  readonly report: InsightReport | undefined;
  readonly wish: InsightWish;
  readonly onChange: (part: Partial<InsightWish>) => void;
  /** What else can be done with what is shown. */
  readonly children: ComponentChildren;
}

/** Which sessions are looked at. What was chosen stays to be chosen, though nothing is there now. */
export function InsightFilters({ report, wish, onChange, children }: InsightFiltersProps) {
  const builds = report?.builds.flatMap(({ number }) => number ?? []) ?? [];
  const regions = report?.regions.map(({ region }) => region) ?? [];
  const browsers = report?.browsers.flatMap(({ browser }) => browser ?? []) ?? [];
  return (
    <div class="insight-filters">
      <div class="segments" role="radiogroup" aria-label="How far back">
        {INSIGHT_DAYS.map((days) => (
          <label key={days}>
            <input
              type="radio"
              name="insight-days"
              checked={days === wish.days}
              onChange={() => onChange({ days })}
            />
            <span>{DAY_WORDS[days]}</span>
          </label>
        ))}
      </div>
      <Choice
        label="Channel"
        options={options('Every channel', report?.channels ?? [], wish.channel)}
        value={wish.channel ?? ANY}
        onChange={(channel) => onChange({ channel: channel || undefined })}
      />
      <Choice
        label="Build"
        options={options(
          'Every build',
          builds.map(String),
          wish.build?.toString(),
          (build) => `Build ${build}`,
        )}
        value={wish.build?.toString() ?? ANY}
        onChange={(build) => onChange({ build: build === ANY ? undefined : Number(build) })}
      />
      <Choice
        label="Region"
        options={options('Every region', regions, wish.region)}
        value={wish.region ?? ANY}
        onChange={(region) => onChange({ region: region || undefined })}
      />
      <Choice
        label="Browser"
        options={options('Every browser', browsers, wish.browser, browserWords)}
        value={wish.browser ?? ANY}
        onChange={(browser) => onChange({ browser: browser || undefined })}
      />
      {children}
    </div>
  );
}

function options(
  any: string,
  values: readonly string[],
  chosen: string | undefined,
  words: (value: string) => string = (value) => value,
) {
  const all = chosen === undefined || values.includes(chosen) ? values : [chosen, ...values];
  return [{ value: ANY, words: any }, ...all.map((value) => ({ value, words: words(value) }))];
}
