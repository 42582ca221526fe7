// A WebSocket as client/connection.js uses one, on a bare TCP socket, so that a test can cut it off, stop reading, or leave it
// behind unseen.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { frame } from '../../protocol/socket.mjs';

/** @param {string} url ws://host:port/path @param {(socket: Transport) => void} made @param {string} cookie */
export class Transport {
  onopen = null;
  onmessage = null;
  onclose = null;
  isOpen = false;
  isOver = false; // onclose has been called, or the owner has closed it
  isPaused = false;
  isGhost = false;
  #input = Buffer.alloc(0);
  #parts = [];
  #code = 1006;
  #socket;

  constructor(url, cookie) {
    const { hostname, port, host, pathname } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#take(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => this.#end(this.#code));
    this.#socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`
      + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nCookie: ${cookie}\r\n\r\n`);
  }

  send(text) {
    if (this.isOpen && !this.isOver) this.#socket.write(frame(1, text));
  }

  /** The owner gives it up: a closing handshake, or nothing at all when it is left behind. */
  close(code = 1000) {
    this.isOver = true;
    if (this.isGhost || this.#socket.destroyed) return;
    if (!this.isOpen) this.#socket.destroy();
    else this.#socket.end(frame(8, Buffer.from([code >> 8, code & 255])));
  }

  /** Cut off, by nobody's will: what is on its way is lost. */
  cut() {
    this.#socket.destroy();
    this.#end(1006);
  }

  /** From now on the owner believes it lost, and the server hears nothing of that until cut(). */
  leave() {
    this.isGhost = true;
    this.pause();
    this.#end(1006);
  }

  pause() {
    this.isPaused = true;
    this.#socket.pause();
  }

  resume() {
    this.isPaused = false;
    this.#socket.resume();
  }

  #end(code) {
    if (this.isOver) return;
    this.isOver = true;
    this.onclose?.({ code });
  }

  #take(chunk) {
    this.#input = this.#input.length ? Buffer.concat([this.#input, chunk]) : chunk;
    if (!this.isOpen && !this.#takeHead()) return;
    while (!this.isOver && this.#takeFrame());
  }

  #takeHead() {
    const end = this.#input.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const status = this.#input.toString('latin1', 0, this.#input.indexOf('\r\n'));
    if (!status.startsWith('HTTP/1.1 101')) {
      this.#socket.destroy();
      return false;
    }
    this.#input = this.#input.subarray(end + 4);
    this.isOpen = true;
    if (!this.isOver) this.onopen?.({});
    return true;
  }

  #takeFrame() {
    const input = this.#input;
    if (input.length < 2) return false;
    let at = 2, length = input[1] & 127;
    if (length === 126) { if (input.length < 4) return false; length = input.readUInt16BE(2); at = 4; }
    else if (length === 127) { if (input.length < 10) return false; length = Number(input.readBigUInt64BE(2)); at = 10; }
    if (input.length < at + length) return false;
    const opcode = input[0] & 15, payload = input.subarray(at, at + length);
    this.#input = input.subarray(at + length);
    if (opcode === 8) {
      this.#code = length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.#socket.end(frame(8, payload.subarray(0, 2)));
    } else if (opcode === 9) {
      this.#socket.write(frame(10, payload));
    } else if (opcode <= 2) {
      this.#parts.push(payload);
      if (input[0] & 128) this.onmessage?.({ data: Buffer.concat(this.#parts.splice(0)).toString() });
    }
    return true;
  }
}
