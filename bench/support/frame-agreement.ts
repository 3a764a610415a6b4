import type { ReportedFrame, SeenFrame } from '../page/frame-probe.ts';

/** What becomes of displayed frames when their pixels are held against their reports. */
export interface FrameAgreement {
  readonly frames: number;
  /** The picture has the frame number and the input of its report. */
  readonly same: number;
  /** The element had gone on to the next frame already, which is as its own report says. */
  readonly nextAlready: number;
  /** The picture is of a frame that the join does not lead to: an error of the accounting. */
  readonly otherFrame: number;
  /** The right frame with another input than reported: an error of the accounting. */
  readonly otherInput: number;
  readonly unread: number;
  readonly unreported: number;
}

/** The frames after this one that an element may show when the callback of this one runs. */
const AHEAD = 2;

/**
 * Joins displayed frames to their reports as the accounting does, by RTP timestamp, and compares what
 * the pixels say of the frame and the input that it shows.
 */
export function compareFrames(
  seen: readonly SeenFrame[],
  reported: readonly ReportedFrame[],
): FrameAgreement {
  const byTimestamp = new Map(reported.map((report) => [report.rtpTimestamp, report]));
  const byNumber = new Map(reported.map((report) => [report.frameNumber, report]));
  const counts = { same: 0, nextAlready: 0, otherFrame: 0, otherInput: 0 };
  let unread = 0;
  let unreported = 0;
  for (const { rtpTimestamp, mark } of seen) {
    const report = byTimestamp.get(rtpTimestamp);
    if (!report) unreported++;
    else if (!mark) unread++;
    else counts[outcome(mark, report, byNumber)]++;
  }
  return { frames: seen.length, ...counts, unread, unreported };
}

function outcome(
  mark: NonNullable<SeenFrame['mark']>,
  report: ReportedFrame,
  byNumber: ReadonlyMap<number, ReportedFrame>,
): 'same' | 'nextAlready' | 'otherFrame' | 'otherInput' {
  const ahead = mark.frameNumber - report.frameNumber;
  if (ahead < 0 || ahead > AHEAD) return 'otherFrame';
  const shown = byNumber.get(mark.frameNumber);
  // The report of a frame that has only just been shown may be on its way yet.
  if (shown && shown.inputSeq !== mark.inputSeq) return 'otherInput';
  return ahead === 0 ? 'same' : 'nextAlready';
}
