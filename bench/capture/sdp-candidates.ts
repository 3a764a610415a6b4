/**
 * @param sdp whose media are bundled: the first one's candidates are those of all.
 * @param candidates as `RTCIceCandidate.candidate` writes them.
 * @returns the SDP as it would be with them gathered before.
 */
export function withCandidates(sdp: string, candidates: readonly string[]): string {
  const lines = candidates.map((candidate) => `a=${candidate}\r\n`).join('');
  const second = sdp.indexOf('\r\nm=', sdp.indexOf('\r\nm=') + 1);
  const at = second < 0 ? sdp.length : second + 2;
  return `${sdp.slice(0, at)}${lines}a=end-of-candidates\r\n${sdp.slice(at)}`;
}
