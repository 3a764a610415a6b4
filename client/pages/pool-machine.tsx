import type { EncoderReport } from '../../protocol/container-messages.ts';
import type { PooledContainer } from '../../protocol/pool-report.ts';
import { codecName, formatMs } from './display-units.ts';
import { Icon } from './icon.tsx';
import {
  countOf,
  formatPixelRate,
  formatPrice,
  gpuSentence,
  loadSentence,
  readinessOf,
} from './pool-words.ts';
import { formatDuration } from './time-words.ts';

/** More places than this are drawn as one bar, fewer one by one. */
const MOST_SEATS = 16;

/** One machine of the pool. */
export function PoolMachine({ machine }: { readonly machine: PooledContainer }) {
  const { label, tone } = readinessOf(machine);
  return (
    <article class={`machine ${tone}`} data-focus-box>
      <header>
        <h3>{machine.name}</h3>
        <p class="readiness">{label}</p>
      </header>
      <div>
        <LoadBar machine={machine} />
        <p class="load-words">{loadSentence(machine)}</p>
      </div>
      <p class="gpu" title={gpuSentence(machine)}>
        <Icon name={machine.gpu.kind === 'hardware' ? 'gpu' : 'server'} />
        <span>{gpuSentence(machine)}</span>
      </p>
      <dl class="machine-facts">
        <div>
          <dt>Click to photon</dt>
          <dd>
            <ClickToPhoton recent={machine.recent} />
          </dd>
        </div>
        <div>
          <dt>Price</dt>
          <dd>{formatPrice(machine.pricePerHour)}</dd>
        </div>
        <div>
          <dt>Here for</dt>
          <dd>{formatDuration(Math.max(0, Date.now() - machine.joinedAtMs))}</dd>
        </div>
      </dl>
      <Encoders encoders={machine.encoders} />
    </article>
  );
}

function LoadBar({ machine }: { readonly machine: PooledContainer }) {
  const { sessions, freePlaces } = machine;
  const places = sessions + freePlaces;
  if (places > 0 && places <= MOST_SEATS) {
    return (
      <div class="load-bar" aria-hidden="true">
        {Array.from({ length: places }, (_, seat) => (
          <i key={seat} class={seat < sessions ? 'taken' : ''} />
        ))}
      </div>
    );
  }
  return (
    <div class="load-bar" aria-hidden="true">
      {sessions > 0 && <i class="taken" style={{ flexGrow: sessions }} />}
      <i style={{ flexGrow: Math.max(freePlaces, places === 0 ? 1 : 0) }} />
    </div>
  );
}

function ClickToPhoton({ recent }: Pick<PooledContainer, 'recent'>) {
  if (!recent || recent.clickToPhotonP95Ms === null) {
    return <span class="unknown">not measured yet</span>;
  }
  return (
    <>
      {formatMs(recent.clickToPhotonP95Ms)} ms
      <small title="The median of its recent sessions' 95th percentiles">
        p95 of {countOf(recent.sessions, 'session')}
      </small>
    </>
  );
}

function Encoders({ encoders }: { readonly encoders: readonly EncoderReport[] }) {
  if (encoders.length === 0) return null;
  const hardware = encoders.filter((encoder) => encoder.hardware).length;
  const codecs = [...new Set(encoders.map(({ codec }) => codecName(codec)))];
  return (
    <details class="encoders">
      <summary>
        <span>{countOf(encoders.length, 'encoder')}</span>
        <small>
          {codecs.join(', ')}
          {hardware > 0 && ` · ${hardware} in hardware`}
        </small>
      </summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Encoder</th>
            <th scope="col">Codec</th>
            <th scope="col">Measured</th>
          </tr>
        </thead>
        <tbody>
          {encoders.map(({ name, codec, hardware, pixelsPerSecond }) => (
            <tr key={name}>
              <th scope="row">
                {name}
                {hardware && ' '}
                {hardware && <span class="tag">hardware</span>}
              </th>
              <td>{codecName(codec)}</td>
              <td>{formatPixelRate(pixelsPerSecond)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
