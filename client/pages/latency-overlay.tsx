import { LATENCY_STAGES, type LatencyStage } from '../../protocol/latency-stages.ts';
import type { LatencySnapshot, PlayerSnapshot, StreamSnapshot } from '../player/player-snapshot.ts';
import { codecName, formatBitrate, formatMs } from './display-units.ts';
import { layoutWaterfall, sparklinePoints } from './latency-waterfall.ts';

const STAGE_NAMES: Readonly<Record<LatencyStage, string>> = {
  uplink: 'Uplink',
  wait: 'Wait for tick',
  render: 'Render',
  encode: 'Encode',
  network: 'Network',
  decode: 'Decode',
  present: 'Present',
};

/** Where the time between a press and its picture goes. It takes no clicks: the game is under it. */
export function LatencyOverlay({ snapshot }: { readonly snapshot: PlayerSnapshot }) {
  const { latency, stream, containerName } = snapshot;
  return (
    <section class="latency" aria-label="Latency">
      {latency === undefined || latency.total.count === 0 ? (
        <p class="latency-empty">
          Press a key or move a stick: every input is timed to the frame that shows it.
        </p>
      ) : (
        <>
          <Totals latency={latency} />
          <Waterfall latency={latency} />
          <Sparkline latency={latency} />
        </>
      )}
      {stream !== undefined && (
        <StreamFacts
          stream={stream}
          rttMs={latency?.rttMs}
          clockErrorMs={latency?.clockErrorMs}
          machine={containerName}
        />
      )}
    </section>
  );
}

function Totals({ latency }: { readonly latency: LatencySnapshot }) {
  return (
    <header class="latency-totals">
      <h2>Click to photon</h2>
      <p>
        <strong>{formatMs(latency.total.p50)}</strong> ms{' '}
        <abbr title="half of all inputs">p50</abbr>
      </p>
      <p class="slow">
        <strong>{formatMs(latency.total.p95)}</strong> ms{' '}
        <abbr title="nineteen of twenty inputs">p95</abbr>
      </p>
    </header>
  );
}

function Waterfall({ latency }: { readonly latency: LatencySnapshot }) {
  const scaleMs = latency.total.p95;
  return (
    <>
      {(['p50', 'p95'] as const).map((percentile) => (
        <div class="waterfall" key={percentile} aria-hidden="true">
          <span>{percentile}</span>
          <div class="waterfall-bar">
            {layoutWaterfall(latency, percentile, scaleMs).map(({ stage, start, width }) => (
              <i
                key={stage}
                class={`stage-${stage}`}
                style={{ left: `${start * 100}%`, width: `${width * 100}%` }}
              />
            ))}
          </div>
        </div>
      ))}
      <table class="stages">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">p50</th>
            <th scope="col">p95</th>
          </tr>
        </thead>
        <tbody>
          {LATENCY_STAGES.map((stage) => (
            <tr key={stage}>
              <th scope="row">
                <i class={`stage-${stage}`} />
                {STAGE_NAMES[stage]}
              </th>
              <td>{formatMs(latency.stages[stage].p50)}</td>
              <td>{formatMs(latency.stages[stage].p95)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

const SPARKLINE_WIDTH = 240;
const SPARKLINE_HEIGHT = 36;

/** The scale ends at a round number, so that it does not breathe with every sample. */
function sparklineScaleMs(valuesMs: readonly number[]): number {
  const max = Math.max(...valuesMs);
  return max <= 50 ? 50 : Math.ceil(max / 100) * 100;
}

function Sparkline({ latency }: { readonly latency: LatencySnapshot }) {
  const valuesMs = latency.recent.map((sample) => sample.totalMs);
  if (valuesMs.length < 2) return null;
  const scaleMs = sparklineScaleMs(valuesMs);
  return (
    <figure class="sparkline">
      <svg
        viewBox={`0 0 ${SPARKLINE_WIDTH} ${SPARKLINE_HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <polyline points={sparklinePoints(valuesMs, scaleMs, SPARKLINE_WIDTH, SPARKLINE_HEIGHT)} />
      </svg>
      <figcaption>
        <span>{scaleMs} ms</span>
        <span>last {valuesMs.length} inputs</span>
      </figcaption>
    </figure>
  );
}

interface StreamFactsProps {
  readonly stream: StreamSnapshot;
  readonly rttMs: number | undefined;
  /** See `LatencySnapshot`. */
  readonly clockErrorMs: number | undefined;
  /** Its name. */
  readonly machine: string | undefined;
}

type Fact = readonly [name: string, value: string];

/** "960×540 of 1280×720" while the network takes less than the game draws. */
function pictureSize({ resolution, sent }: StreamSnapshot): string {
  const game = `${resolution.width}×${resolution.height}`;
  const picture = `${sent.width}×${sent.height}`;
  return picture === game ? game : `${picture} of ${game}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;
}

function networkFacts({ network }: StreamSnapshot): readonly Fact[] {
  if (!network) return [];
  return [
    ['Network', formatBitrate(network.estimateBps)],
    ['Loss now', percent(network.fractionLost)],
    ['Repair', percent(network.repairFraction)],
    ['Sender queue', `${formatMs(network.pacerQueueMs)} ms`],
    ['Skipped', String(network.skippedFrames)],
  ];
}

/** @param staysBecause undefined before anybody was asked for another machine. */
function strainWords(staysBecause: StreamSnapshot['staysBecause']): string {
  if (staysBecause === 'no-better-place') return 'no, none better free';
  if (staysBecause === 'too-heavy') return 'no, as on others';
  return 'no';
}

function StreamFacts({ stream, rttMs, clockErrorMs, machine }: StreamFactsProps) {
  const facts: readonly Fact[] = [
    ['Round trip', rttMs === undefined ? '–' : `${formatMs(rttMs)} ms`],
    ['Clock error', clockErrorMs === undefined ? '–' : `≤ ${formatMs(clockErrorMs)} ms`],
    ['Frames', `${stream.framesPerSecond.toFixed(0)} of ${stream.sent.frameRate}/s`],
    ['Picture', pictureSize(stream)],
    ['Bitrate', formatBitrate(stream.bitrateBps)],
    ...networkFacts(stream),
    ...(machine === undefined ? [] : [['Machine', machine] as const]),
    ['Codec', codecName(stream.codec)],
    ['Encoder', stream.encoder],
    ['Buffer', `${formatMs(stream.jitterBufferMs)} ms`],
    ['Lost packets', String(stream.packetsLost)],
    ['Freezes', String(stream.freezes)],
    ['Dropped', String(stream.droppedFrames)],
    ['Worker delay', `${formatMs(stream.workerLoopDelayP99Ms)} ms`],
    ...(stream.machineKeepsUp ? [] : [['Keeps up', strainWords(stream.staysBecause)] as const]),
    ...(stream.recoveries > 0 ? [['Recoveries', String(stream.recoveries)] as const] : []),
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
