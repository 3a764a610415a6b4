import { FRAME_WGSL } from './frame-shader.ts';

/** Foam on the water: strips whose opacity fades from vertex to vertex. */
export const TRAIL_WGSL = /* wgsl */ `${FRAME_WGSL}
struct Foam {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(linear) colour: vec4f,
}

@vertex fn vertexMain(@location(0) place: vec3f, @location(1) opacity: f32) -> Foam {
  var foam: Foam;
  foam.position = frame.viewProjection * vec4f(place, 1.0);
  // Negative opacity is the boat's shadow.
  let shade = select(frame.palette.foam.rgb, frame.palette.deep.rgb * 0.5, opacity < 0.0);
  let a = min(abs(opacity), 1.0);
  foam.colour = vec4f(shade * a, a);
  return foam;
}

@fragment fn fragmentMain(foam: Foam) -> @location(0) vec4f {
  return foam.colour;
}
`;
