import type { FrameReport } from '../../protocol/frame-messages.ts';
import type { AppliedInput } from '../../renderer/desktop/applied-inputs.ts';
import type { EncodedVideo } from '../encode/video-pipeline.ts';

/**
 * What a viewer is told of a frame that was sent to them.
 * @param own the last input of a guest that the picture shows; left out for the session's player.
 */
export function frameReport(
  video: EncodedVideo,
  sentUs: number,
  own: AppliedInput | undefined,
): FrameReport {
  return {
    type: 'frame',
    rtpTimestamp: video.rtpTimestamp,
    frameNumber: video.frameNumber,
    inputSeq: own?.seq ?? video.inputSeq,
    inputReceivedUs: own?.receivedUs ?? video.inputReceivedUs,
    tickUs: video.tickUs,
    renderUs: video.renderedUs - video.tickUs,
    encodeUs: video.encodedUs - video.renderedUs,
    sendUs: sentUs - video.encodedUs,
    bytes: video.data.byteLength,
    keyframe: video.keyframe,
  };
}
