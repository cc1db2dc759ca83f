// The official SDK's WebSocket client (openai/resources/responses/ws) against the gateway.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { ResponsesWS } from 'openai/resources/responses/ws';
import { kModel, marked, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { within } from '../support/wait.mjs';

suite('openai SDK over WebSocket', { accounts: 1 }, (test) => {
  // Opens a socket, sends what `turns` says one after another, and gives what each was told.
  async function talk(gateway, ...turns) {
    const client = new OpenAI({ apiKey: gateway.key, baseURL: `http://127.0.0.1:${gateway.port}/v1`, maxRetries: 0 });
    const ws = new ResponsesWS(client);
    const told = [];
    const errors = [];
    ws.on('error', (error) => errors.push(error));
    try {
      for (const turn of turns) {
        const events = [];
        const over = new Promise((resolve) => {
          const take = (event) => {
            events.push(event);
            if (['response.completed', 'response.failed', 'response.incomplete', 'error'].includes(event.type)) {
              ws.off('event', take);
              resolve();
            }
          };
          ws.on('event', take);
        });
        ws.send({ type: 'response.create', model: kModel, ...turn(told) });
        await within(20_000, 'the end of a turn', over);
        told.push(events);
      }
    } finally {
      ws.close();
    }
    return { told, errors };
  }
  const text = (events) => events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join('');

  test('streams an answer, and continues it', async ({ gateway }) => {
    const { told, errors } = await talk(
      gateway,
      () => ({ input: marked('text', { events: 4, seq: 1 }) }),
      ([first]) => ({ input: marked('text', { events: 2, seq: 1 }), previous_response_id: first.at(-1).response.id }),
    );
    assert.deepEqual(errors, []);
    assert.equal(text(told[0]), sequence(4));
    assert.equal(text(told[1]), sequence(2));
    assert.equal(told[0].at(-1).response.output[0].content[0].text, sequence(4));
    assert.equal(told[0].at(-1).response.usage.output_tokens, 4);
  });

  test('is told of an error without losing the socket', async ({ gateway }) => {
    const { told, errors } = await talk(
      gateway,
      () => ({ input: marked('status', { kind: 'context_length_exceeded' }) }),
      () => ({ input: marked('text', { events: 1, seq: 1 }) }),
    );
    assert.equal(told[0].at(-1).error.code, 'context_length_exceeded');
    assert.equal(errors.length, 1);
    assert.equal(text(told[1]), sequence(1));
  });
});
