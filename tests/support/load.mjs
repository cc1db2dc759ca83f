// Sixty-four clients that each ask for one paced stream after another, and remember exactly how each went.
import { chatStream, marked, sequence } from './bodies.mjs';
import { chatOutcome } from './sse.mjs';

const kPath = '/v1/chat/completions';

/** One request and how it ended. Times are Date.now(). */
export class Call {
  constructor(id, events) {
    this.id = id;
    this.events = events;
    this.startedAt = Date.now();
    this.text = '';
  }

  get whole() {
    return this.status === 200 && this.text === sequence(this.events) && this.done && !this.error && !this.failure;
  }

  /** What arrived is the beginning of what was to come: nothing lost, doubled or out of order. */
  get prefixIsExact() {
    return sequence(this.events).startsWith(this.text);
  }

  inFlightAt(time) {
    return this.startedAt <= time && (this.endedAt === undefined || this.endedAt >= time);
  }

  toString() {
    const { id, status, text, error, failure, done } = this;
    const refusal = this.refusal?.slice(0, 200);
    return JSON.stringify({ id, status, received: text.length, done, error, failure, refusal, startedAt: this.startedAt, firstAt: this.firstAt, endedAt: this.endedAt });
  }
}

export class Load {
  constructor(client, { clients = 64, events = 30, interval_ms = 10, tag = 'load' } = {}) {
    Object.assign(this, { client, clients, events, interval_ms, tag });
    this.calls = [];
    this.stopped = false;
    this.next = 0;
  }

  start() {
    // Spread over one stream's length, so that a kill meets streams in every phase of their life.
    const spread = (this.events * this.interval_ms) / this.clients;
    this.running = Array.from({ length: this.clients }, (_, i) => new Promise((resolve) => setTimeout(resolve, i * spread)).then(() => this.#clientLoop()));
    return this;
  }

  async #clientLoop() {
    while (!this.stopped) {
      const call = await this.once();
      // A client that was refused does not hammer.
      if (!call.whole) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async once(params = {}) {
    const events = params.events ?? this.events;
    const call = new Call(`${this.tag}-${this.next++}`, events);
    this.calls.push(call);
    const text = marked('text', { events, seq: 1, interval_ms: params.interval_ms ?? this.interval_ms }, call.id);
    try {
      const stream = await this.client.stream(kPath, chatStream(text), { headers: { 'x-request-id': call.id } });
      call.status = stream.status;
      for (let event = await stream.next(); event; event = await stream.next()) {
        if (event.data === '[DONE]') call.done = true;
        else if (event.data !== undefined) {
          const outcome = chatOutcome([JSON.parse(event.data)]);
          if (outcome.text && !call.firstAt) call.firstAt = Date.now();
          call.text += outcome.text;
          call.error ??= outcome.error;
          call.finish ??= outcome.finish;
        }
      }
      if (stream.cut) call.failure = String(stream.cut.code ?? stream.cut.message);
      if (call.status !== 200) call.refusal = stream.body.toString() || '(no body)';
    } catch (error) {
      call.failure = String(error.code ?? error.message);
    }
    call.endedAt = Date.now();
    return call;
  }

  /** No new calls; resolves when those in flight have ended. */
  async stop() {
    this.stopped = true;
    await Promise.all(this.running);
    return this.calls;
  }

  get active() {
    return this.calls.filter((call) => call.endedAt === undefined);
  }
}
