/**
 * Small quads are pulled from a storage buffer by vertex number, six vertices each: a software
 * driver handles every instance of an instanced draw as a draw of its own (7 µs each, measured).
 */
export const QUAD_WGSL = /* wgsl */ `
// Corner of a quad of two triangles, 0 to 1.
fn quadCorner(vertex: u32) -> vec2f {
  return vec2f(f32((0x32u >> vertex) & 1u), f32((0x2cu >> vertex) & 1u));
}
`;
