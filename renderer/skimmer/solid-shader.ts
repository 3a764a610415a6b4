import { FRAME_WGSL } from './frame-shader.ts';

/** Boat and rocks: flat facets, lit against the low sun. */
export const SOLID_WGSL = /* wgsl */ `${FRAME_WGSL}
struct Facet {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) colour: vec3f,
}

// albedo.a: how much of it is its own light. row0 to row2: the rows of an affine transform.
@vertex fn vertexMain(
  @location(0) point: vec3f, @location(1) normal: vec3f, @location(2) albedo: vec4f,
  @location(3) row0: vec4f, @location(4) row1: vec4f, @location(5) row2: vec4f,
) -> Facet {
  let local = vec4f(point, 1.0);
  let place = vec3f(dot(row0, local), dot(row1, local), dot(row2, local));
  let n = normalize(vec3f(dot(row0.xyz, normal), dot(row1.xyz, normal), dot(row2.xyz, normal)));
  let offset = place - frame.camera.xyz;
  let distance = length(offset);
  let view = offset / distance;

  let above = mix(frame.palette.low.rgb, frame.palette.mid.rgb, 0.4) * 1.15 + 0.12;
  let below = frame.palette.deep.rgb * 1.5;
  let ambient = mix(below, above, n.y * 0.5 + 0.5);
  let sun = max(dot(n, frame.sunward.xyz) * 0.9 + 0.1, 0.0);
  let behind = max(-n.z, 0.0) * 0.22;
  var colour = albedo.rgb * (ambient * 0.85 + behind + frame.palette.horizon.rgb * sun * 0.9);
  let grazing = 1.0 - max(-dot(view, n), 0.0);
  colour += frame.palette.glow.rgb * (grazing * grazing * grazing * 0.7);
  colour = mix(colour, albedo.rgb, albedo.a);
  // What is under water takes the water's colour.
  colour = mix(colour, frame.palette.deep.rgb, clamp(-place.y * 1.1, 0.0, 0.8) * (1.0 - albedo.a));
  let haze = distance / (distance + 260.0);
  colour = mix(colour, frame.palette.horizon.rgb, haze * haze * 0.9);

  var facet: Facet;
  facet.position = frame.viewProjection * vec4f(place, 1.0);
  facet.colour = colour;
  return facet;
}

@fragment fn fragmentMain(facet: Facet) -> @location(0) vec4f {
  return vec4f(facet.colour, 1.0);
}
`;
