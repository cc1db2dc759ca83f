// Server-sent events, as bytes come in. The parser keeps comments too: heartbeats are something to test.
import { within } from './wait.mjs';

export class SseParser {
  constructor() {
    this.rest = '';
    this.decoder = new TextDecoder('utf-8', { fatal: true });
  }

  /** The events that `bytes` completes: {event, data} or {comment}. */
  push(bytes) {
    this.rest += this.decoder.decode(bytes, { stream: true });
    const events = [];
    for (;;) {
      const end = this.rest.indexOf('\n\n');
      if (end < 0) return events;
      const block = this.rest.slice(0, end);
      this.rest = this.rest.slice(end + 2);
      const event = { event: undefined, data: undefined };
      for (const line of block.split('\n')) {
        if (line.startsWith(':')) event.comment = line.slice(1).trim();
        else if (line.startsWith('event:')) event.event = line.slice(6).trim();
        else if (line.startsWith('data:')) event.data = (event.data === undefined ? '' : `${event.data}\n`) + line.slice(5).replace(/^ /, '');
      }
      events.push(event);
    }
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
