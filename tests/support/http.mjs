// HTTP as clients speak it: ordinary requests over kept-alive connections, and raw sockets for what no client library
// would send (split writes, half a head, pipelined requests).
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { bound, within } from './wait.mjs';
import { SseReader } from './sse.mjs';

const kAnswerWithin = 30_000;

/** One answer, its body read to the end. */
export class Answer {
  constructor(status, headers, body, { complete = true } = {}) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.complete = complete;
  }
  get text() {
    return this.body.toString('utf8');
  }
  json() {
    try {
      return JSON.parse(this.text);
    } catch {
      throw new Error(`status ${this.status}, not JSON: ${this.text.slice(0, 400)}`);
    }
  }
}

/** A client of one address. `key` goes along as a bearer token unless the headers say otherwise. */
export class Client {
  // With `tls` (options of node:tls, {} for none) it speaks https; with `socketPath`, over a Unix socket.
  constructor({ host = '127.0.0.1', port, key, tls, socketPath, maxSockets = Infinity, keepAlive = true }) {
    Object.assign(this, { host, port, key, tls, socketPath });
    this.protocol = tls ? https : http;
    this.agent = new this.protocol.Agent({ keepAlive, maxSockets, scheduling: 'lifo', ...tls });
  }

  close() {
    this.agent.destroy();
  }

  with(changes) {
    return new Client({ host: this.host, port: this.port, key: this.key, tls: this.tls, socketPath: this.socketPath, ...changes });
  }

  /** Sends the request and resolves when the answer's head is there: {status, headers, response, request}. */
  open(method, path, { body, headers = {}, agent } = {}) {
    const payload = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const all = { ...(this.key ? { authorization: `Bearer ${this.key}` } : {}) };
    if (payload) Object.assign(all, { 'content-type': 'application/json', 'content-length': payload.length });
    for (const [name, value] of Object.entries(headers)) all[name.toLowerCase()] = value;
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name];
    return new Promise((resolve, reject) => {
      const where = this.socketPath ? { socketPath: this.socketPath } : { host: this.host, port: this.port };
      const options = { ...where, method, path, headers: all, agent: agent ?? this.agent };
      const request = this.protocol.request(options);
      request.on('response', (response) => resolve({ status: response.statusCode, headers: response.headers, response, request }));
      request.on('error', reject);
      request.setTimeout(bound(kAnswerWithin * 2), () => request.destroy(new Error('no bytes for too long')));
      request.end(payload);
    });
  }

  async request(method, path, options = {}) {
    const opened = await within(kAnswerWithin, `an answer to ${method} ${path}`, this.open(method, path, options));
    const pieces = [];
    let complete = true;
    try {
      for await (const piece of opened.response) pieces.push(piece);
    } catch (error) {
      complete = false;
      if (!options.allowCut) throw error;
    }
    return new Answer(opened.status, opened.headers, Buffer.concat(pieces), { complete });
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  post(path, body, options = {}) {
    return this.request('POST', path, { ...options, body });
  }

  /** Opens a stream and reads it event by event. */
  async stream(path, body, options = {}) {
    const opened = await within(kAnswerWithin, `the head of POST ${path}`, this.open('POST', path, { ...options, body }));
    return new SseReader(opened);
  }
}

/** A TCP connection under the test's full control. */
export class RawConnection {
  static async open({ host = '127.0.0.1', port }) {
    const socket = net.connect({ host, port, allowHalfOpen: true });
    const connection = new RawConnection(socket);
    await within(5000, 'to connect', new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    }));
    return connection;
  }

  constructor(socket) {
    this.socket = socket;
    this.received = Buffer.alloc(0);
    this.ended = false;
    this.waiters = [];
    socket.setNoDelay(true);
    socket.on('data', (piece) => {
      this.received = Buffer.concat([this.received, piece]);
      this.wake();
    });
    const end = () => {
      this.ended = true;
      this.wake();
    };
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', (error) => {
      this.error = error;
      end();
    });
  }

  wake() {
    for (const waiter of this.waiters.splice(0)) waiter();
  }

  changed() {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  write(data) {
    return new Promise((resolve) => this.socket.write(data, () => resolve()));
  }

  halfClose() {
    return new Promise((resolve) => this.socket.end(resolve));
  }

  reset() {
    this.socket.resetAndDestroy();
  }

  destroy() {
    this.socket.destroy();
  }

  async until(what, probe, ms = 10_000) {
    return within(ms, what, (async () => {
      for (;;) {
        const found = probe(this.received);
        if (found) return found;
        if (this.ended) throw new Error(`the connection ended before ${what}; received: ${this.received.toString('latin1').slice(0, 300)}`);
        await this.changed();
      }
    })());
  }

  /** Reads until the server closes; resolves with all bytes. */
  async untilClosed(ms = 20_000) {
    await within(ms, 'the server to close the connection', (async () => {
      while (!this.ended) await this.changed();
    })());
    return this.received.toString('latin1');
  }

  /** Takes one whole answer off the connection (interim 1xx answers count as answers of their own). */
  async answer(ms = 10_000) {
    const parsed = await this.until('a whole answer', parseAnswer, ms);
    this.received = this.received.subarray(parsed.size);
    return parsed.answer;
  }
}

/** {answer, size} when `bytes` starts with a whole HTTP/1.1 answer. */
export function parseAnswer(bytes) {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const [statusLine, ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const status = Number(statusLine.split(' ')[1]);
  let at = headEnd + 4;
  if (status < 200 || status === 204 || status === 304) return { answer: new Answer(status, headers, Buffer.alloc(0)), size: at };
  if (headers['transfer-encoding'] !== 'chunked') {
    const length = Number(headers['content-length'] ?? 0);
    if (bytes.length < at + length) return null;
    return { answer: new Answer(status, headers, bytes.subarray(at, at + length)), size: at + length };
  }
  const pieces = [];
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16);
    at = lineEnd + 2;
    if (bytes.length < at + size + 2) return null;
    pieces.push(bytes.subarray(at, at + size));
    at += size + 2;
    if (size === 0) return { answer: new Answer(status, headers, Buffer.concat(pieces)), size: at };
  }
}

/** A request head as bytes; `headers` in the order given. */
export function head(method, path, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
