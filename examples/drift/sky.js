// Draws everything as soft capsules, in one call a frame, over a sky whose colours are worked out at ten
// points only. Where there is no graphics card a pixel costs time: only what glows is paid for.

const FLOATS = 10;
const MAX_CAPSULES = 2000;
/** The picture is this high in the game's units, whatever its size in pixels. */
export const VIEW_HEIGHT = 720;

const VERTEX = `#version 300 es
layout(location = 0) in vec4 ends;
layout(location = 1) in vec2 size;
layout(location = 2) in vec4 tint;
uniform vec2 picture;
out vec2 at;
flat out vec3 shape;
flat out vec4 colour;
void main() {
  vec2 span = ends.zw - ends.xy;
  float halfLength = 0.5 * length(span);
  vec2 along = halfLength > 0.01 ? 0.5 * span / halfLength : vec2(1.0, 0.0);
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  float reach = size.x + size.y + 1.0;
  at = corner * vec2(halfLength + reach, reach);
  vec2 place = 0.5 * (ends.xy + ends.zw) + at.x * along + at.y * vec2(-along.y, along.x);
  shape = vec3(halfLength, size);
  colour = tint;
  gl_Position = vec4(place / picture * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec2 at;
flat in vec3 shape;
flat in vec4 colour;
out vec4 pixel;
void main() {
  float away = length(vec2(max(abs(at.x) - shape.x, 0.0), at.y)) - shape.y;
  float body = clamp(0.5 - away, 0.0, 1.0);
  float glow = clamp(1.0 - away / max(shape.z, 0.01), 0.0, 1.0);
  glow *= glow * glow;
  pixel = vec4(colour.rgb * (body + 0.45 * glow * (1.0 - body)), colour.a * body);
}`;

const SKY_POINTS = 10;
const SKY_VERTEX = `#version 300 es
uniform float dusk;
out vec3 colour;
void main() {
  float up = float(gl_VertexID >> 1) / 4.0;
  float violet = up * up;
  float teal = pow(1.0 - up, 3.0);
  colour = vec3(5.0, 8.0, 20.0 - 6.0 * dusk);
  colour += violet * vec3(18.0 + 12.0 * dusk, 8.0, 29.0) + teal * vec3(0.0, 12.0, 12.0);
  colour /= 255.0;
  gl_Position = vec4(float(gl_VertexID & 1) * 2.0 - 1.0, up * 2.0 - 1.0, 0.0, 1.0);
}`;

const SKY_FRAGMENT = `#version 300 es
precision mediump float;
in vec3 colour;
out vec4 pixel;
void main() {
  pixel = vec4(colour, 1.0);
}`;

function compile(gl, type, source) {
  const shader = gl.createShader(type);
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS))
    throw new Error(gl.getShaderInfoLog(shader));
  return shader;
}

function link(gl, vertex, fragment) {
  const program = gl.createProgram();
  gl.attachShader(program, compile(gl, gl.VERTEX_SHADER, vertex));
  gl.attachShader(program, compile(gl, gl.FRAGMENT_SHADER, fragment));
  gl.linkProgram(program);
  return program;
}

export class Sky {
  #gl;
  #canvas;
  #data = new Float32Array(MAX_CAPSULES * FLOATS);
  #count = 0;
  #back;
  #front;
  #duskAt;
  #pictureAt;
  #scale = 1;
  /** Middle of the view in the world. */
  camera = { x: 0, y: 0 };
  /** How bright the world is, 0 to 1: less behind words. */
  brightness = 1;

  /** @throws Error where there is no WebGL 2. */
  constructor(canvas) {
    const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, depth: false });
    if (!gl) throw new Error('This browser has no WebGL 2.');
    this.#gl = gl;
    this.#canvas = canvas;
    this.#back = link(gl, SKY_VERTEX, SKY_FRAGMENT);
    this.#front = link(gl, VERTEX, FRAGMENT);
    this.#duskAt = gl.getUniformLocation(this.#back, 'dusk');
    this.#pictureAt = gl.getUniformLocation(this.#front, 'picture');
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, this.#data.byteLength, gl.STREAM_DRAW);
    let offset = 0;
    for (const [location, floats] of [4, 2, 4].entries()) {
      gl.enableVertexAttribArray(location);
      gl.vertexAttribPointer(location, floats, gl.FLOAT, false, FLOATS * 4, offset);
      gl.vertexAttribDivisor(location, 1);
      offset += floats * 4;
    }
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  /** Width of the view in the game's units. */
  get viewWidth() {
    return this.#canvas.width / this.#scale;
  }

  /**
   * Takes the window's size on, and begins a picture with an empty sky.
   * @param dusk how near it is, 0 to 1.
   */
  begin(dusk) {
    const { width, height } = this.#fit();
    const gl = this.#gl;
    gl.viewport(0, 0, width, height);
    gl.disable(gl.BLEND);
    gl.useProgram(this.#back);
    gl.uniform1f(this.#duskAt, dusk);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, SKY_POINTS);
    this.#count = 0;
  }

  #fit() {
    const canvas = this.#canvas;
    const width = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    const height = Math.max(1, Math.round(canvas.clientHeight * devicePixelRatio));
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.#scale = height / VIEW_HEIGHT;
    return canvas;
  }

  /**
   * A capsule in the world. `depth` 1 moves with the camera, less stays behind. Colours are red, green,
   * blue; `light` scales them. `solid` 0 adds light, 1 hides what is behind.
   */
  stroke(ax, ay, bx, by, radius, glow, colour, light = 1, solid = 0, depth = 1) {
    const x = this.viewWidth / 2 - this.camera.x * depth;
    const y = VIEW_HEIGHT / 2 - this.camera.y * depth;
    this.mark(ax + x, ay + y, bx + x, by + y, radius, glow, colour, light * this.brightness, solid);
  }

  /** A capsule on the glass: 0, 0 is the upper left corner of the view. */
  mark(ax, ay, bx, by, radius, glow, colour, light = 1, solid = 0) {
    const reach = radius + glow;
    const right = this.viewWidth + reach;
    const below = VIEW_HEIGHT + reach;
    if (this.#count === MAX_CAPSULES || light <= 0.004) return;
    if (Math.max(ax, bx) < -reach || Math.min(ax, bx) > right) return;
    if (Math.max(ay, by) < -reach || Math.min(ay, by) > below) return;
    const s = this.#scale;
    const data = this.#data;
    let at = this.#count++ * FLOATS;
    data[at++] = ax * s;
    data[at++] = ay * s;
    data[at++] = bx * s;
    data[at++] = by * s;
    data[at++] = radius * s;
    data[at++] = glow * s;
    data[at++] = colour[0] * light;
    data[at++] = colour[1] * light;
    data[at++] = colour[2] * light;
    data[at] = solid;
  }

  end() {
    const gl = this.#gl;
    gl.enable(gl.BLEND);
    gl.useProgram(this.#front);
    gl.bufferSubData(gl.ARRAY_BUFFER, 0, this.#data, 0, this.#count * FLOATS);
    gl.uniform2f(this.#pictureAt, this.#canvas.width, this.#canvas.height);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.#count);
  }
}
