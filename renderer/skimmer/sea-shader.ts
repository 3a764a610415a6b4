import { FRAME_WGSL } from './frame-shader.ts';

/**
 * The sea: a lattice of facets that stays where it is in the world while the boat passes. A facet is
 * lit once, at its first vertex, and filled flat: all the art is paid per vertex, none per pixel.
 */
export const SEA_WGSL = /* wgsl */ `${FRAME_WGSL}
struct Facet {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) colour: vec3f,
}

fn jitter(cell: vec2f) -> vec2f {
  var h = vec2u(vec2i(cell)) * vec2u(0x9e3779b1u, 0x85ebca6bu);
  let mixed = (h.x ^ h.y) * 0xc2b2ae35u;
  let low = (mixed ^ (mixed >> 15u)) * 0x27d4eb2fu;
  return vec2f(f32(low & 0xffffu), f32(low >> 16u)) / 65535.0 - 0.5;
}

@vertex fn vertexMain(@location(0) lattice: vec3f) -> Facet {
  let band = frame.bands[u32(lattice.z)];
  let random = jitter(lattice.xy + band.index);
  var point = band.origin + (lattice.xy + random * 0.55) * band.cell;

  var height = 0.0;
  var slope = vec2f(0.0);
  for (var i = 0; i < 4; i++) {
    let wave = frame.waves[i];
    // Waves shorter than two facets would only flicker.
    let amplitude = wave.w * clamp(2.2 - length(wave.xy) * band.cell.x * 0.55, 0.12, 1.0);
    // A sine of two parabolas, and its derivative: a sine proper costs a software driver ten times that.
    let turn = (dot(wave.xy, point) + wave.z) * 0.31830989;
    let fold = turn - 2.0 * floor(turn * 0.5 + 0.5);
    let crest = 1.0 - abs(fold);
    height += amplitude * 4.0 * fold * crest;
    slope += wave.xy * (amplitude * 1.2732395 * (crest - abs(fold)));
  }
  let place = vec3f(point.x, height, point.y);
  let normal = normalize(vec3f(-slope.x + random.y * 0.13, 1.0, -slope.y + random.x * 0.13));

  let offset = place - frame.camera.xyz;
  let distance = length(offset);
  let view = offset / distance;
  let facing = max(-dot(view, normal), 0.0);
  let grazing = 1.0 - facing;
  let mirror = reflect(view, normal);
  let toward = normalize(vec3f(mirror.x, max(abs(mirror.y), 0.1), mirror.z));

  let fresnel = 0.05 + 0.8 * grazing * grazing * grazing;
  var colour = mix(frame.palette.deep.rgb, skyColour(toward) * 0.8, fresnel);
  // Light through the crests, then the crests themselves.
  colour += frame.palette.mid.rgb * (0.13 * max(height + 0.15, 0.0) * (1.0 - grazing * 0.4));
  colour = mix(colour, frame.palette.foam.rgb, smoothstep(0.62, 1.0, height + random.x * 0.34) * 0.3);

  // The path of the sun: facets that mirror it, in two steps as if cut from paper.
  let flat_sun = normalize(vec3f(frame.sunward.x, 0.0, frame.sunward.z));
  let aligned = dot(normalize(view.xz), flat_sun.xz);
  let path = smoothstep(0.955, 1.0, aligned);
  let twinkle = random.y + 0.5 + 0.35 * sin(frame.camera.w * 2.3 + random.x * 40.0);
  let glint = path * path * (0.35 + 0.65 * smoothstep(0.0, -0.12, dot(slope, flat_sun.xz) - random.x * 0.1)) + twinkle * path * 0.28;
  let haze_near = smoothstep(8.0, 60.0, distance);
  let step_one = smoothstep(0.34, 0.42, glint);
  let step_two = smoothstep(0.74, 0.84, glint);
  let ember = mix(frame.palette.low.rgb, frame.palette.horizon.rgb, 0.35 + 0.65 * haze_near);
  colour = mix(colour, ember, step_one * (0.34 + 0.3 * haze_near));
  colour = mix(colour, frame.palette.sun.rgb, step_two * 0.75);

  // Distance melts into the sky just above it.
  let haze = distance / (distance + 420.0);
  let horizon = frame.palette.horizon.rgb + frame.palette.glow.rgb * (0.45 * path);
  colour = mix(colour, horizon, haze * haze);

  var facet: Facet;
  facet.position = frame.viewProjection * vec4f(place, 1.0);
  facet.colour = colour;
  return facet;
}

@fragment fn fragmentMain(facet: Facet) -> @location(0) vec4f {
  return vec4f(facet.colour, 1.0);
}
`;
