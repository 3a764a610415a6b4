/**
 * Asks for Opus in stereo (RFC 7587 §6.1). Chromium decodes to one channel unless its own
 * description says `stereo=1`, which it never writes by itself.
 */
export function withStereo(sdp: string): string {
  return withParameter(sdp, 'opus', 'stereo');
}

/**
 * Has libwebrtc, and so most browsers, wait for all of an H.264 keyframe. Left alone it takes the
 * slices of one for the whole as soon as these are there, though the packet with the parameter sets
 * before them is late or lost (bugs.webrtc.org/7106). Where the picture has another size than before,
 * each one from then on is decoded as if it had the old: rubble, of which no error tells and which
 * asks for no keyframe. With this parameter in the browser's own description a keyframe is one only
 * with its parameter sets, and anything else has to wait for what is missing before it. Browsers that
 * do not know it leave it alone.
 */
export function withWholeKeyframes(sdp: string): string {
  return withParameter(sdp, 'H264', 'sps-pps-idr-in-keyframe');
}

/** Sets a parameter to 1 in every format of an encoding, but where it is set already. */
function withParameter(sdp: string, encoding: string, name: string): string {
  const formats = new RegExp(`^a=rtpmap:(\\d+) ${encoding}/`, 'gim');
  const payloadTypes = [...sdp.matchAll(formats)].map((match) => match[1]);
  return payloadTypes.reduce<string>((result, payloadType) => {
    const format = new RegExp(`^(a=fmtp:${payloadType} )(?!.*\\b${name}=)(.*)$`, 'm');
    return result.replace(format, `$1$2;${name}=1`);
  }, sdp);
}
