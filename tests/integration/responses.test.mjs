// POST /v1/responses: the byte-transparent route, streamed and collected.
import assert from 'node:assert/strict';
import { kModel, marked, responses, sequence, weatherTool } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const kPath = '/v1/responses';

function textOf(events) {
  return events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join('');
}

const flatTool = { type: 'function', name: weatherTool.function.name, parameters: weatherTool.function.parameters, strict: true };

suite('responses', { accounts: 2 }, (test) => {
  test('streams the provider\'s events to their end', async ({ client }) => {
    const stream = await client.stream(kPath, responses(marked('text', { events: 30, seq: 1 })));
    await stream.all();
    assert.equal(stream.status, 200, stream.body.toString());
    assert.match(stream.headers['content-type'], /^text\/event-stream/);
    const events = stream.json;
    assert.equal(events[0].type, 'response.created');
    assert.equal(events.at(-1).type, 'response.completed');
    assert.equal(textOf(events), sequence(30));
    assert.equal(events.at(-1).response.usage.output_tokens, 30);
    assert.deepEqual(events.map((event) => event.sequence_number), events.map((_, i) => i));
  });

  test('collects one JSON document for stream:false', async ({ client }) => {
    const answer = await client.post(kPath, responses(marked('text', { events: 12, seq: 1 }), { stream: false }));
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers['content-type'], /^application\/json/);
    const body = answer.json();
    assert.equal(body.object, 'response');
    assert.equal(body.status, 'completed');
    const message = body.output.find((item) => item.type === 'message');
    assert.equal(message.content.map((part) => part.text).join(''), sequence(12));
    assert.equal(body.usage.output_tokens, 12);
  });

  test('fills what the public API allows and the backend demands', async ({ client, sim }) => {
    const body = { model: kModel, input: marked('text', { events: 3, seq: 1 }), stream: true };
    const stream = await client.stream(kPath, body);
    await stream.all();
    assert.equal(stream.status, 200, stream.body.toString());
    assert.equal(textOf(stream.json), sequence(3));
    const seen = (await sim.lastRequest()).body;
    assert.equal(seen.store, false);
    assert.equal(seen.stream, true);
    assert.ok(Array.isArray(seen.input));
  });

  test('passes tools and reasoning untouched', async ({ client, sim }) => {
    const body = responses(marked('tools', { n: 2, reasoning: 1 }), { tools: [flatTool], tool_choice: 'auto', parallel_tool_calls: true });
    const stream = await client.stream(kPath, body);
    await stream.all();
    const items = stream.json.filter((event) => event.type === 'response.output_item.done').map((event) => event.item);
    assert.deepEqual(items.map((item) => item.type), ['reasoning', 'function_call', 'function_call']);
    assert.ok(items[0].encrypted_content);
    assert.deepEqual((await sim.lastRequest()).body.tools, [flatTool]);

    const input = [
      ...body.input,
      ...items.slice(1).map(({ call_id, name, arguments: text }) => ({ type: 'function_call', call_id, name, arguments: text })),
      ...items.slice(1).map(({ call_id }) => ({ type: 'function_call_output', call_id, output: 'sunny' })),
    ];
    const second = await client.post(kPath, { ...body, input, stream: false });
    assert.match(JSON.stringify(second.json().output), /The tool said: sunny/);
  });

  test('says that an answer is incomplete', async ({ client }) => {
    const stream = await client.stream(kPath, responses(marked('incomplete', { events: 2 })));
    await stream.all();
    assert.equal(stream.json.at(-1).type, 'response.incomplete');
    const answer = (await client.post(kPath, responses(marked('incomplete', { events: 2 }), { stream: false }))).json();
    assert.equal(answer.status, 'incomplete');
    assert.equal(answer.incomplete_details.reason, 'max_output_tokens');
  });

  test('ends a cut stream with an error and never with success', async ({ client }) => {
    for (const scenario of ['cut', 'rst', 'eof']) {
      const stream = await client.stream(kPath, responses(marked(scenario, { after: 3, events: 10, seq: 1, interval_ms: 5 })));
      await stream.all();
      const types = stream.json.map((event) => event.type);
      assert.equal(textOf(stream.json), sequence(3), scenario);
      assert.ok(!types.includes('response.completed'), scenario);
      assert.ok(['error', 'response.failed'].includes(types.at(-1)), `${scenario}: ${types.at(-1)}`);
      assert.equal(stream.cut, null, `${scenario}: the body itself ends properly`);
    }
  });

  test('writes one usage row for each call', async ({ client, gateway }) => {
    const ids = ['stream', 'collect'].map((kind) => `resp-${kind}-${Date.now()}`);
    const stream = await client.stream(kPath, responses(marked('text', { events: 7 })), { headers: { 'x-request-id': ids[0] } });
    await stream.all();
    await client.post(kPath, responses(marked('text', { events: 7 }), { stream: false }), { headers: { 'x-request-id': ids[1] } });
    for (const id of ids) assert.equal(Number((await gateway.usageOf(id)).usage.output_tokens), 7, id);
  });

  test('refuses what a stateless gateway cannot keep', async ({ client }) => {
    const answer = await client.post(kPath, responses('hi', { previous_response_id: 'resp_1' }));
    assert.equal(answer.status, 400);
    assert.equal(answer.json().error.param, 'previous_response_id');
    assert.equal(answer.json().error.code, 'previous_response_not_found');
  });
});
