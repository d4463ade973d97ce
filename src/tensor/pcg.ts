/*
 * A counter-based generator: random bits as a pure function of four integers, so
 * that a stream resumes from two numbers and a GPU thread needs no state. It is
 * the four-dimensional PCG hash of Jarzynski and Olano, "Hash Functions for GPU
 * Rendering", JCGT 9(3), 2020, of which the first word is used. Its low bits are
 * weak for small inputs, so the high ones are folded into them at the end.
 */

/** 32 random bits of four integers (each taken modulo 2³²). */
export function pcgHash(a: number, b: number, c: number, d: number): number {
  let x = (Math.imul(a, 1664525) + 1013904223) | 0;
  let y = (Math.imul(b, 1664525) + 1013904223) | 0;
  let z = (Math.imul(c, 1664525) + 1013904223) | 0;
  let w = (Math.imul(d, 1664525) + 1013904223) | 0;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  return (x ^ (x >>> 16)) >>> 0;
}

/** {@link pcgHash} in WGSL: `fn pcgHash(v : vec4<u32>) -> u32`. */
export const PCG_WGSL = `
fn pcgHash(input : vec4<u32>) -> u32 {
  var v = input * 1664525u + 1013904223u;
  v.x += v.y * v.w;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v.w += v.y * v.z;
  v ^= v >> vec4<u32>(16u);
  v.x += v.y * v.w;
  return v.x ^ (v.x >> 16u);
}
`;

/** One word of a whole number up to 2⁵³, such that numbers under 2³² stand for themselves. */
export function foldToWord(value: number): number {
  return (value ^ Math.imul(Math.floor(value / 2 ** 32), 0x9e3779b1)) >>> 0;
}
