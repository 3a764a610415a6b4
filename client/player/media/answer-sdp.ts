/**
 * Asks for Opus in stereo (RFC 7587 §6.1). Chromium decodes to one channel unless its own
 * description says `stereo=1`, which it never writes by itself.
 */
export function withStereo(sdp: string): string {
  const payloadTypes = [...sdp.matchAll(/^a=rtpmap:(\d+) opus\//gim)].map((match) => match[1]);
  return payloadTypes.reduce<string>((result, payloadType) => {
    const format = new RegExp(`^(a=fmtp:${payloadType} )(?!.*\\bstereo=)(.*)$`, 'm');
    return result.replace(format, '$1$2;stereo=1');
  }, sdp);
}
