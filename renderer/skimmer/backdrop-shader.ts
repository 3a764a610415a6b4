import { FRAME_WGSL } from './frame-shader.ts';

/**
 * Everything beyond the sea in one opaque draw: sky, sun, clouds, stars and islands. Clouds and mist fade
 * into the colour that the sky has behind them, so nothing needs blending.
 */
export const BACKDROP_WGSL = /* wgsl */ `${FRAME_WGSL}
struct Backdrop {
  @builtin(position) position: vec4f,
  // Not perspective-correct: at this distance nobody sees it, and a software driver divides less.
  @location(0) @interpolate(linear) colour: vec3f,
}

// part: 0 sky, 1 sun, 2 cloud, 3 to 5 islands from far to near, 6 stars. body: 0 blends into the sky, 1 is solid.
@vertex fn vertexMain(@location(0) spot: vec3f, @location(1) part: f32, @location(2) body: f32) -> Backdrop {
  var toward = spot;
  if (part > 2.5 && part < 5.5) { toward.x -= frame.camera.x * (part - 2.0) * 0.00045; }
  let sky = skyColour(toward);
  var colour = sky;
  if (part > 5.5) {
    colour = mix(sky, frame.palette.sun.rgb, body * frame.up.w);
  } else if (part > 2.5) {
    let near = (part - 2.0) / 3.0;
    let rock = mix(frame.palette.mid.rgb, frame.palette.deep.rgb, 0.35 + 0.4 * near);
    colour = mix(sky, rock, body * (0.3 + 0.5 * near));
  } else if (part > 1.5) {
    let lit = 1.0 - smoothstep(0.05, 0.34, toward.y);
    let cloud = mix(frame.palette.mid.rgb * 0.8, frame.palette.low.rgb, lit * 0.55);
    colour = mix(sky, cloud, body);
  } else if (part > 0.5) {
    // The disc is a little redder towards the sea.
    colour = max(mix(frame.palette.sun.rgb, frame.palette.horizon.rgb, body * 0.45), sky);
  }
  var out: Backdrop;
  out.position = frame.viewProjection * vec4f(frame.camera.xyz + toward * 1500.0, 1.0);
  out.colour = colour;
  return out;
}

@fragment fn fragmentMain(in: Backdrop) -> @location(0) vec4f {
  return vec4f(in.colour, 1.0);
}
`;
