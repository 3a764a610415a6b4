import { FRAME_WGSL } from './frame-shader.ts';
import { QUAD_WGSL } from './quad-shader.ts';

/** Pearls, spray and sparks: quads that face the camera, stretched along their movement. */
export const SPRITE_WGSL = /* wgsl */ `${FRAME_WGSL}${QUAD_WGSL}
struct Sprite {
  centre: vec4f,  // w: radius in metres
  stretch: vec4f, // metres along which it is drawn out; w: hardness of the edge
  colour: vec4f,  // premultiplied; alpha 0 adds light
}
@group(1) @binding(0) var<storage, read> sprites: array<Sprite>;

struct Fragment {
  @builtin(position) position: vec4f,
  @location(0) @interpolate(linear) corner: vec2f,
  @location(1) @interpolate(flat) colour: vec4f,
  @location(2) @interpolate(flat) hardness: f32,
}

@vertex fn vertexMain(@builtin(vertex_index) vertex: u32) -> Fragment {
  let sprite = sprites[vertex / 6u];
  let corner = quadCorner(vertex % 6u) * 2.0 - 1.0;
  let place = sprite.centre.xyz
    + sprite.centre.w * (corner.x * frame.right.xyz + corner.y * frame.up.xyz)
    + sprite.stretch.xyz * corner.y;
  var out: Fragment;
  out.position = frame.viewProjection * vec4f(place, 1.0);
  out.corner = corner;
  out.colour = sprite.colour;
  out.hardness = sprite.stretch.w;
  return out;
}

@fragment fn fragmentMain(in: Fragment) -> @location(0) vec4f {
  let inside = max(1.0 - dot(in.corner, in.corner), 0.0);
  return in.colour * min(inside * inside * in.hardness, 1.0);
}
`;
