import { Distribution } from '../distribution.ts';
import { GateProblem } from '../gate-problem.ts';
import type { PageReport } from '../page-report.ts';
import type { KeepsUp } from '../scenario.ts';

/** Of a display at 60 Hz. */
const FRAME_MS = 1000 / 60;

/** What a run asked of the machine that the browser is on. */
export interface Strain {
  /** Of all processors; undefined where the system does not tell. */
  readonly busyShare: number | undefined;
  /** Of all processors: taken by other machines on the same host. */
  readonly stolenShare: number | undefined;
  readonly page: Pick<PageReport, 'framesMs' | 'framesPresented' | 'timersLateMs'>;
}

/** Why the figures of a run are the browser's and not the game's; undefined where they are the game's. */
export function saturation(
  { busyShare, stolenShare = 0, page }: Strain,
  limits: KeepsUp,
): GateProblem | undefined {
  const reasons: string[] = [];
  const lateMs = Distribution.of(page.timersLateMs).percentile(95);
  // All processors in use may be the game, which then is as slow as it is measured: it is the browser
  // only where that had to wait, too.
  if (busyShare !== undefined && busyShare > limits.busyShare && lateMs > FRAME_MS) {
    reasons.push(`the processors were ${percent(busyShare)} busy`);
  }
  if (lateMs > limits.timerLateMs || reasons.length > 0) {
    reasons.push(`the page's timers were ${Math.round(lateMs)} ms late`);
  }
  if (stolenShare > limits.stolenShare) {
    reasons.push(`other machines of the host took ${percent(stolenShare)} of the processors' time`);
  }
  const missedShare = missed(page);
  if (missedShare > limits.missedShare) {
    reasons.push(`${percent(missedShare)} of the pictures went by before the page could look`);
  }
  if (reasons.length === 0) return undefined;
  return new GateProblem(
    'browser-saturated',
    `The browser could not keep up: ${reasons.join(', ')}. Measure with nothing else running, on more processors, or a smaller picture.`,
  );
}

function missed({ framesMs, framesPresented }: Strain['page']): number {
  return framesPresented === 0 ? 0 : Math.max(0, 1 - framesMs.length / framesPresented);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
