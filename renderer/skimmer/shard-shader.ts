import { FRAME_WGSL } from './frame-shader.ts';

/** Drops of spray: opaque triangles, cut from the same paper as the sea. */
export const SHARD_WGSL = /* wgsl */ `${FRAME_WGSL}
struct Shard {
  centre: vec4f,  // w: radius in metres
  stretch: vec4f, // metres along which it is drawn out; w: turn in radians
  colour: vec4f,  // a: how much of it is the foam's colour
}
@group(1) @binding(0) var<storage, read> shards: array<Shard>;

struct Facet {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(flat) colour: vec3f,
}

@vertex fn vertexMain(@builtin(vertex_index) vertex: u32) -> Facet {
  let shard = shards[vertex / 3u];
  let k = f32(vertex % 3u);
  let angle = shard.stretch.w + k * 2.0943951;
  let corner = vec2f(cos(angle), sin(angle)) * shard.centre.w;
  let place = shard.centre.xyz + corner.x * frame.right.xyz + corner.y * frame.up.xyz
    + shard.stretch.xyz * (k - 1.0);
  let colour = shard.colour.rgb;
  var facet: Facet;
  facet.position = frame.viewProjection * vec4f(place, 1.0);
  facet.colour = mix(colour, frame.palette.foam.rgb * colour, shard.colour.a);
  return facet;
}

@fragment fn fragmentMain(facet: Facet) -> @location(0) vec4f {
  return vec4f(facet.colour, 1.0);
}
`;
