/*
 * IEEE 754 half precision (binary16): 1 sign bit, 5 of exponent with a bias of
 * 15, 10 of fraction. JavaScript's own Float16Array is too young to lean on.
 */

/** Value of a half; every half is a double exactly. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** Nearest half of a float, ties to even; what lies beyond the largest half (65,504) becomes infinite. */
export function toHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  // Below 2^-14 the spacing stops shrinking; there the formula gives the subnormals.
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  const steps = roundToEven(size * 2 ** (10 - exponent));
  // A carry out of the fraction moves into the exponent by itself.
  return sign | (((exponent + 14) << 10) + steps);
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
