import { QUAD_WGSL } from './quad-shader.ts';

/**
 * Letters and bars: quads cut from one signed-distance atlas. Letters carry a soft shadow of
 * their own, so that they read on sun and sea alike.
 */
export const HUD_WGSL = /* wgsl */ `${QUAD_WGSL}
struct Mark {
  box: vec4f,    // left, top, width, height; fractions of the picture
  cut: vec4f,    // the same in the atlas
  colour: vec4f,
  edge: vec4f,   // threshold, sharpness, shadow; w: slant, fraction of the picture's width
}
@group(0) @binding(0) var atlas: texture_2d<f32>;
@group(0) @binding(1) var smoothly: sampler;
@group(1) @binding(0) var<storage, read> marks: array<Mark>;

struct Fragment {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(linear) uv: vec2f,
  @location(1) @interpolate(flat) colour: vec4f,
  @location(2) @interpolate(flat) edge: vec3f,
}

@vertex fn vertexMain(@builtin(vertex_index) vertex: u32) -> Fragment {
  let mark = marks[vertex / 6u];
  let corner = quadCorner(vertex % 6u);
  let at = mark.box.xy + corner * mark.box.zw + vec2f((0.5 - corner.y) * mark.edge.w, 0.0);
  var out: Fragment;
  out.position = vec4f(at.x * 2.0 - 1.0, 1.0 - at.y * 2.0, 0.0, 1.0);
  out.uv = mark.cut.xy + corner * mark.cut.zw;
  out.colour = mark.colour;
  out.edge = mark.edge.xyz;
  return out;
}

@fragment fn fragmentMain(in: Fragment) -> @location(0) vec4f {
  let near = textureSampleLevel(atlas, smoothly, in.uv, 0.0).r;
  let ink = clamp((near - in.edge.x) * in.edge.y + 0.5, 0.0, 1.0);
  let shadow = clamp(near * 1.7 - 0.46, 0.0, 1.0) * in.edge.z;
  return vec4f(in.colour.rgb * ink, max(ink, shadow)) * in.colour.a;
}
`;
