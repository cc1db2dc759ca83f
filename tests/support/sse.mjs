// Server-sent events, as bytes come in. The parser keeps comments too: heartbeats are something to test.
import { within } from './wait.mjs';

export class SseParser {
  constructor() {
    this.rest = '';
    this.decoder = new TextDecoder('utf-8', { fatal: true });
  }

  /**
   * What `bytes` completes: {event, data}, or {comment}, which is a line and needs no empty one behind it. As the readers
   * of some SDKs do, every empty line dispatches what came before it, and if that is nothing: an event without data.
   */
  push(bytes) {
    this.rest += this.decoder.decode(bytes, { stream: true });
    const events = [];
    let from = 0; // of what is not dispatched yet
    let at = 0;
    let event = { event: undefined, data: undefined };
    for (let end = this.rest.indexOf('\n'); end >= 0; end = this.rest.indexOf('\n', at)) {
      const line = this.rest.slice(at, end);
      at = end + 1;
      if (line.startsWith(':')) {
        events.push({ event: undefined, data: undefined, comment: line.slice(1).trim() });
        if (event.event === undefined && event.data === undefined) from = at;
      } else if (line === '') {
        events.push(event);
        event = { event: undefined, data: undefined };
        from = at;
      } else if (line.startsWith('event:')) event.event = line.slice(6).trim();
      else if (line.startsWith('data:')) event.data = (event.data === undefined ? '' : `${event.data}\n`) + line.slice(5).replace(/^ /, '');
    }
    this.rest = this.rest.slice(from);
    return events;
  }
}

/** Reads one streamed answer. */
export class SseReader {
  constructor({ status, headers, response, request }) {
    Object.assign(this, { status, headers, response, request });
    this.parser = new SseParser();
    this.pending = [];
    this.events = [];
    this.raw = [];
    this.iterator = response[Symbol.asyncIterator]();
    this.cut = null;
  }

  /** The next event, or null at the end of the body. */
  async next(ms = 30_000) {
    while (this.pending.length === 0) {
      let piece;
      try {
        piece = await within(ms, 'the next event of a stream', this.iterator.next());
      } catch (error) {
        if (/not within/.test(error.message)) throw error;
        this.cut = error;
        return null;
      }
      if (piece.done) return null;
      this.raw.push(piece.value);
      this.pending.push(...this.parser.push(piece.value));
    }
    const event = this.pending.shift();
    this.events.push(event);
    return event;
  }

  /** Reads to the end of the body. */
  async all(ms) {
    while (await this.next(ms)) {
      // next() keeps every event.
    }
    return this.events;
  }

  /** Bytes that came after the last whole event: must be none. */
  get leftover() {
    return this.parser.rest;
  }

  get body() {
    return Buffer.concat(this.raw);
  }

  /** Leaves in the middle of the stream, as a client does that is closed. */
  leave() {
    this.request.destroy();
  }

  get comments() {
    return this.events.filter((event) => event.comment !== undefined && event.data === undefined);
  }

  get data() {
    return this.events.filter((event) => event.data !== undefined);
  }

  /** What a reader that is too strict for comments would try to parse. */
  get empty() {
    return this.events.filter((event) => event.comment === undefined && event.data === undefined);
  }

  get finishedWithDone() {
    return this.data.at(-1)?.data === '[DONE]';
  }

  get json() {
    return this.data.filter((event) => event.data !== '[DONE]').map((event) => JSON.parse(event.data));
  }
}

/** What a client of /v1/chat/completions has learnt from the chunks it read. */
export function chatOutcome(chunks) {
  const outcome = { text: '', reasoning: '', refusal: '', toolCalls: [], finish: null, usage: null, error: null, chunks: chunks.length };
  for (const chunk of chunks) {
    if (chunk.error) outcome.error = chunk.error;
    if (chunk.usage) outcome.usage = chunk.usage;
    const choice = chunk.choices?.[0];
    if (!choice) continue;
    if (choice.finish_reason) outcome.finish = choice.finish_reason;
    outcome.text += choice.delta.content ?? '';
    outcome.refusal += choice.delta.refusal ?? '';
    outcome.reasoning += choice.delta.reasoning_content ?? '';
    for (const call of choice.delta.tool_calls ?? []) {
      const known = (outcome.toolCalls[call.index] ??= { id: call.id, name: call.function?.name, arguments: '' });
      known.arguments += call.function?.arguments ?? '';
    }
  }
  return outcome;
}
