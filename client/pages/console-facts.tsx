import type { MachineReport } from '../../protocol/console-report.ts';
import { codecName } from './display-units.ts';
import { formatMoment } from './time-words.ts';

/** What does not change while the container runs. */
export function ConsoleFacts({ report }: { readonly report: MachineReport }) {
  const { region, pricePerHour, gpu, encoders, firstSeenAtMs, live } = report;
  return (
    <section class="console-card">
      <h3>The machine</h3>
      <dl class="console-facts">
        <dt>Region</dt>
        <dd>{region}</dd>
        <dt>Price</dt>
        <dd>{pricePerHour === 0 ? 'Free' : `${pricePerHour} an hour and session`}</dd>
        {firstSeenAtMs !== null && (
          <>
            <dt>Joined first</dt>
            <dd>{formatMoment(firstSeenAtMs)}</dd>
          </>
        )}
        <dt>GPU</dt>
        <dd>{gpu === '' ? 'None' : gpu}</dd>
        <dt>Encoders</dt>
        <dd>
          <ul>
            {encoders.map(({ name, codec, hardware, pixelsPerSecond }) => (
              <li key={name}>
                {name}: {codecName(codec)}
                {hardware ? ' in hardware' : ''}, {Math.round(pixelsPerSecond / 1e6)} megapixels/s
              </li>
            ))}
          </ul>
        </dd>
        {live && (
          <>
            <dt>Games</dt>
            <dd>{live.games.map(({ title }) => title).join(', ')}</dd>
          </>
        )}
      </dl>
    </section>
  );
}
