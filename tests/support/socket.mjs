// The Responses API over WebSocket as clients speak it: one socket, turns one after another.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { bound } from './wait.mjs';
import { kModel } from './bodies.mjs';

const kWithin = 20_000;
const kLast = new Set(['response.completed', 'response.failed', 'response.incomplete', 'error']);

/** The headers by which the gateway knows the Codex CLI. */
export const codexHeaders = (thread) => ({
  originator: 'codex_exec',
  'user-agent': 'codex_exec/0.171.0 (Debian 12.0.0; x86_64) dumb (codex_exec; 0.171.0)',
  'openai-beta': 'responses_websockets=2026-02-06',
  'session-id': thread,
  'thread-id': thread,
  'x-client-request-id': thread,
  'x-codex-window-id': `${thread}:0`,
});

/** A turn of the simulated model; `text` may carry a marker. */
export function create(text, extra = {}) {
  return {
    type: 'response.create',
    model: kModel,
    instructions: 'Be brief.',
    input: text === undefined ? [] : [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
    tools: [],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    store: false,
    stream: true,
    include: ['reasoning.encrypted_content'],
    ...extra,
  };
}

export const warmUp = (extra = {}) => create(undefined, { generate: false, ...extra });

/** A handshake that was answered with something else than 101. */
export class Refused extends Error {
  constructor(status, headers, body) {
    super(`refused with ${status}: ${body}`);
    Object.assign(this, { status, headers, body });
  }
  json() {
    return JSON.parse(this.body);
  }
}

export class SocketClient {
  constructor({ port, key, path = '/v1/responses', headers = {}, options = {}, scheme = 'ws' }) {
    this.frames = [];
    this.waiting = [];
    this.closed = undefined; // {code, reason} once it is
    this.ws = new WebSocket(`${scheme}://127.0.0.1:${port}${path}`, { headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers }, ...options });
    this.opened = new Promise((resolve, reject) => {
      this.ws.once('open', resolve);
      this.ws.once('upgrade', (response) => (this.headers = response.headers));
      this.ws.once('unexpected-response', (_, response) => {
        const pieces = [];
        response.on('data', (piece) => pieces.push(piece));
        response.on('end', () => reject(new Refused(response.statusCode, response.headers, Buffer.concat(pieces).toString())));
      });
      this.ws.once('error', reject);
    });
    this.opened.catch(() => {});
    this.ws.on('error', (error) => (this.error = error));
    this.ws.on('message', (data, binary) => this.take({ frame: binary ? data : JSON.parse(data.toString()) }));
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.take({ closed: this.closed });
    });
  }

  static async open(options) {
    const client = new SocketClient(options);
    await client.opened;
    return client;
  }

  take(what) {
    const waiter = this.waiting.shift();
    if (waiter) waiter(what);
    else this.frames.push(what);
  }

  /** The next frame, or the end: {frame} or {closed}. */
  next(ms = kWithin) {
    if (this.frames.length > 0) return Promise.resolve(this.frames.shift());
    if (this.closed) return Promise.resolve({ closed: this.closed });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no frame within ${bound(ms)} ms`)), bound(ms));
      this.waiting.push((what) => {
        clearTimeout(timer);
        resolve(what);
      });
    });
  }

  send(frame) {
    this.ws.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }

  /** Sends a turn and reads until its last frame, or the socket's end. */
  async turn(frame, ms) {
    this.send(frame);
    return this.answer(ms);
  }

  async answer(ms) {
    const frames = [];
    for (;;) {
      const { frame, closed } = await this.next(ms);
      if (closed) return new Turn(frames, closed);
      frames.push(frame);
      if (kLast.has(frame.type)) return new Turn(frames);
    }
  }

  async closing(ms = kWithin) {
    for (;;) {
      const { closed } = await this.next(ms);
      if (closed) return closed;
    }
  }

  close() {
    this.ws.close();
  }

  abort() {
    this.ws.terminate();
  }
}

/** What one turn was told. */
export class Turn {
  constructor(frames, closed) {
    this.frames = frames;
    this.closed = closed;
  }
  get types() {
    return this.frames.map((frame) => frame.type);
  }
  get last() {
    return this.frames.at(-1);
  }
  get text() {
    return this.frames.filter((frame) => frame.type === 'response.output_text.delta').map((frame) => frame.delta).join('');
  }
  get id() {
    return this.last?.response?.id;
  }
  /** The response's id, of a turn that must have completed. */
  completed() {
    assert.equal(this.last?.type, 'response.completed', JSON.stringify(this.last ?? this.closed));
    assert.equal(this.types.filter((type) => kLast.has(type)).length, 1);
    return this.id;
  }
  /** The error object, of a turn that must have ended with an error frame. */
  failed(status, code) {
    assert.equal(this.last?.type, 'error', JSON.stringify(this.last ?? this.closed));
    assert.equal(this.last.status, status, JSON.stringify(this.last));
    if (code) assert.equal(this.last.error.code ?? this.last.error.type, code, JSON.stringify(this.last));
    return this.last.error;
  }
}
