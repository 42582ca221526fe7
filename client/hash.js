// hash.js - the hash of a value (docs/protocol.md §1): XXH32 of its canonical bytes with seeds 0 and 1, in hex. 32-bit
// arithmetic only. Algorithm: Collet, github.com/Cyan4973/xxHash, doc/xxhash_spec.md.

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const imul = Math.imul;

/** @param {number} x @param {number} bits */
const rotate = (x, bits) => (x << bits) | (x >>> (32 - bits));

/**
 * @param {Uint8Array} bytes
 * @param {number} seed
 * @returns {number} unsigned
 */
export function xxh32(bytes, seed) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = bytes.length;
  let at = 0;
  let hash = seed + P5;
  if (end >= 16) {
    const lanes = [seed + P1 + P2, seed + P2, seed, seed - P1];
    for (; at + 16 <= end; at += 16)
      for (let i = 0; i < 4; i++) lanes[i] = imul(rotate(lanes[i] + imul(view.getUint32(at + 4 * i, true), P2), 13), P1);
    hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
  }
  hash = (hash + end) | 0;
  for (; at + 4 <= end; at += 4) hash = imul(rotate(hash + imul(view.getUint32(at, true), P3), 17), P4);
  for (; at < end; at++) hash = imul(rotate(hash + imul(bytes[at], P5), 11), P1);
  hash = imul(hash ^ (hash >>> 15), P2);
  hash = imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * @param {string} text canonical JSON
 * @returns {string} 16 digits
 */
export function hashOf(text) {
  const bytes = new TextEncoder().encode(text);
  return [0, 1].map((seed) => xxh32(bytes, seed).toString(16).padStart(8, '0')).join('');
}
