import type { ComponentChildren } from 'preact';
import type { InsightFigures } from '../../protocol/studio-insight.ts';
import { figureWords, minutesWords } from './insight-words.ts';

export interface InsightRow {
  readonly key: string;
  readonly name: ComponentChildren;
  readonly figures: InsightFigures;
}

export interface InsightTableProps {
  /** What its rows are. */
  readonly title: string;
  readonly head: string;
  readonly rows: readonly InsightRow[];
}

/** Some sessions a line, side by side. */
export function InsightTable({ title, head, rows }: InsightTableProps) {
  if (rows.length === 0) return null;
  return (
    // It can be pushed aside on a small screen: by keys, too.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
    <section class="insight-table" aria-label={title} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{head}</th>
            <th scope="col">Sessions</th>
            <th scope="col">p50, ms</th>
            <th scope="col">p95, ms</th>
            <th scope="col">Frames/s</th>
            <th scope="col">Freezes/h</th>
            <th scope="col">Players</th>
            <th scope="col">Played</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, figures }) => (
            <tr key={key}>
              <th scope="row">{name}</th>
              <td>{figures.sessions}</td>
              <td>{figureWords(figures.clickToPhotonP50Ms)}</td>
              <td>{figureWords(figures.clickToPhotonP95Ms)}</td>
              <td>{figureWords(figures.frameRate, 1)}</td>
              <td>{figureWords(figures.freezesPerHour, 1)}</td>
              <td>{figures.players}</td>
              <td>{minutesWords(figures.lastedMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
