import { WAVES } from './waves.ts';

/** Bands of the sea, each with larger facets than the one before. */
export const SEA_BANDS = 5;

/** What every shader knows of the frame; `frame-data.ts` writes it in this order. */
export const FRAME_WGSL = /* wgsl */ `
struct Palette {
  zenith: vec4f, mid: vec4f, low: vec4f, horizon: vec4f,
  sun: vec4f, glow: vec4f, deep: vec4f, foam: vec4f,
}
struct Band {
  // Size of a facet in metres (x, z), then where its lattice starts relative to the boat.
  cell: vec2f, origin: vec2f,
  // Which lattice point that is, for the jitter.
  index: vec2f, spare: vec2f,
}
struct Frame {
  viewProjection: mat4x4f,
  camera: vec4f,   // position; w: seconds
  right: vec4f,
  up: vec4f,       // w: night, 0 to 1
  sunward: vec4f,  // unit vector to the sun
  palette: Palette,
  waves: array<vec4f, ${WAVES.length}>, // wave vector, phase, amplitude
  bands: array<Band, ${SEA_BANDS}>,
}
@group(0) @binding(0) var<uniform> frame: Frame;

fn skyColour(toward: vec3f) -> vec3f {
  let y = max(toward.y, 0.0);
  var colour = mix(frame.palette.horizon.rgb, frame.palette.low.rgb, smoothstep(0.0, 0.13, y));
  colour = mix(colour, frame.palette.mid.rgb, smoothstep(0.07, 0.36, y));
  colour = mix(colour, frame.palette.zenith.rgb, smoothstep(0.28, 0.75, y));
  let near = max(dot(toward, frame.sunward.xyz), 0.0);
  let near4 = near * near * near * near;
  let near16 = near4 * near4 * near4 * near4;
  let near64 = near16 * near16 * near16 * near16;
  return colour + frame.palette.glow.rgb * (0.22 * near4 + 0.3 * near16 + 0.5 * near64 * near64);
}
`;
