// A WebSocket client for tests, from RFC 6455 alone, on a bare TCP socket: it shares no code with Dew and can also send what no
// browser would.
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';

/** One frame, masked as clients must. */
export function frame(opcode, payload, { fin = true, masked = true, reserved = 0 } = {}) {
  const data = Buffer.isBuffer(payload) ? payload : Buffer.from(payload);
  const length = data.length < 126 ? Buffer.from([data.length])
    : data.length < 65536 ? Buffer.from([126, data.length >> 8, data.length & 255])
      : Buffer.concat([Buffer.from([127, 0, 0, 0, 0]), Buffer.from(Uint32Array.of(data.length).buffer).reverse()]);
  if (masked) length[0] |= 0x80;
  const mask = masked ? randomBytes(4) : Buffer.alloc(0);
  const body = masked ? Buffer.from(data.map((byte, i) => byte ^ mask[i & 3])) : data;
  return Buffer.concat([Buffer.from([(fin ? 0x80 : 0) | reserved << 4 | opcode]), length, mask, body]);
}

/** Opens `path` on a local port; resolves to {send, raw, next, closed, pause, resume, end}. */
export async function openSocket(port, path = '/_dew/ws', headers = {}) {
  const socket = connect(port, '127.0.0.1');
  const key = randomBytes(16).toString('base64');
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  let input = Buffer.alloc(0), open = false, parts = [];
  const waiting = [], arrived = [];
  let done;
  const closed = new Promise((resolve) => { done = resolve; });
  const deliver = (message) => (waiting.length ? waiting.shift().resolve(message) : arrived.push(message));
  const fail = (error) => { while (waiting.length) waiting.shift().reject(error); };
  let ready, refused;
  const opened = new Promise((resolve, reject) => { ready = resolve; refused = reject; });
  let closeInfo = { code: 1006, reason: '' };

  function takeFrames() {
    for (;;) {
      if (input.length < 2) return;
      let at = 2, length = input[1] & 127;
      if (length === 126) { if (input.length < 4) return; length = input.readUInt16BE(2); at = 4; }
      else if (length === 127) { if (input.length < 10) return; length = Number(input.readBigUInt64BE(2)); at = 10; }
      if (input.length < at + length) return;
      const opcode = input[0] & 15, fin = (input[0] & 128) !== 0, payload = input.subarray(at, at + length);
      input = input.subarray(at + length);
      if (opcode === 8) {
        closeInfo = { code: payload.length >= 2 ? payload.readUInt16BE(0) : 1005, reason: payload.subarray(2).toString() };
        socket.write(frame(8, payload.subarray(0, 2)));
      }
      else if (opcode === 9) socket.write(frame(10, payload));
      else if (opcode <= 2) {
        parts.push(payload);
        if (fin) { deliver(JSON.parse(Buffer.concat(parts).toString())); parts = []; }
      }
    }
  }
  socket.on('data', (chunk) => {
    input = Buffer.concat([input, chunk]);
    if (!open) {
      const end = input.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = input.subarray(0, end).toString();
      input = input.subarray(end + 4);
      const accept = createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
      if (!head.startsWith('HTTP/1.1 101') || !head.includes(accept)) { refused(new Error(head.split('\r\n')[0])); socket.destroy(); return; }
      open = true;
      ready();
    }
    takeFrames();
  });
  socket.on('error', () => {});
  socket.on('close', () => { refused(new Error('closed')); done(closeInfo); fail(new Error(`closed ${closeInfo.code} ${closeInfo.reason}`)); });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
    + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${extra}\r\n`);
  await opened;
  return {
    send: (message) => socket.write(frame(1, JSON.stringify(message))),
    raw: (bytes) => socket.write(bytes),
    next: () => (arrived.length ? Promise.resolve(arrived.shift()) : new Promise((resolve, reject) => waiting.push({ resolve, reject }))),
    closed,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.destroy(),
  };
}

/** XXH32, from its specification. */
export function xxh32(bytes, seed) {
  const P1 = 0x9e3779b1, P2 = 0x85ebca77, P3 = 0xc2b2ae3d, P4 = 0x27d4eb2f, P5 = 0x165667b1;
  const rotl = (x, r) => (x << r) | (x >>> (32 - r));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const round = (lane, word) => Math.imul(rotl((lane + Math.imul(word, P2)) | 0, 13), P1);
  let at = 0, h;
  if (bytes.length >= 16) {
    let a = (seed + P1 + P2) | 0, b = (seed + P2) | 0, c = seed | 0, d = (seed - P1) | 0;
    for (; at + 16 <= bytes.length; at += 16) {
      a = round(a, view.getUint32(at, true)); b = round(b, view.getUint32(at + 4, true));
      c = round(c, view.getUint32(at + 8, true)); d = round(d, view.getUint32(at + 12, true));
    }
    h = (rotl(a, 1) + rotl(b, 7) + rotl(c, 12) + rotl(d, 18)) | 0;
  } else h = (seed + P5) | 0;
  h = (h + bytes.length) | 0;
  for (; at + 4 <= bytes.length; at += 4) h = Math.imul(rotl((h + Math.imul(view.getUint32(at, true), P3)) | 0, 17), P4);
  for (; at < bytes.length; at++) h = Math.imul(rotl((h + Math.imul(bytes[at], P5)) | 0, 11), P1);
  h = Math.imul(h ^ (h >>> 15), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The hash that frames carry, of a value as JSON.parse gave it. */
export function valueHash(value) {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return [0, 1].map((seed) => xxh32(bytes, seed).toString(16).padStart(8, '0')).join('');
}
