// What clients of Ollama do: lines of JSON, joined.
import assert from 'node:assert/strict';
import { Client } from './http.mjs';

export function lines(text) {
  assert.ok(text.endsWith('\n'), `no whole line at the end: ${text.slice(-200)}`);
  return text.split('\n').slice(0, -1).map((line) => JSON.parse(line));
}

export function joined(all) {
  return {
    content: all.map((line) => line.message?.content ?? line.response ?? '').join(''),
    thinking: all.map((line) => line.message?.thinking ?? line.thinking ?? '').join(''),
    calls: all.flatMap((line) => line.message?.tool_calls ?? []),
    last: all.at(-1),
  };
}

export class OllamaClient extends Client {
  constructor(gateway, changes = {}) {
    super({ port: gateway.ollamaPort, ...changes });
  }

  /** A streamed call of /api/chat or /api/generate. */
  async call(path, body, options) {
    const answer = await this.post(path, body, options);
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers['content-type'], /^application\/x-ndjson/);
    return { answer, ...joined(lines(answer.text)) };
  }
}
