/** A name that no other browser will give to anything: 128 random bits in hexadecimal. (`crypto.randomUUID` is missing on plain http.) */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A seed of 31 random bits, for draws that nobody has asked to repeat. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] >>> 1;
}
