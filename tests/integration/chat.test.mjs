// The life of a chat completion: an OpenAI client in front, the simulated Codex backend behind, four processes between.
// ThreadSanitizer: the ordinary way through all four processes.
import assert from 'node:assert/strict';
import { chat, chatStream, kModel, marked, pixelPng, sequence, weatherTool } from '../support/bodies.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';

const kPath = '/v1/chat/completions';

async function streamed(client, body, options) {
  const stream = await client.stream(kPath, body, options);
  await stream.all();
  assert.equal(stream.status, 200, stream.body.toString());
  assert.equal(stream.leftover, '');
  return { stream, ...chatOutcome(stream.json) };
}

async function completed(client, body) {
  const answer = await client.post(kPath, body);
  assert.equal(answer.status, 200, answer.text);
  return { answer, body: answer.json(), choice: answer.json().choices[0] };
}

suite('chat completions', { accounts: 2 }, (test) => {
  test('streams the deltas one by one and ends with usage and [DONE]', async ({ client }) => {
    const { stream, text, finish, usage } = await streamed(client, chatStream(marked('text', { events: 40, seq: 1 })));
    assert.match(stream.headers['content-type'], /^text\/event-stream/);
    assert.equal(text, sequence(40));
    assert.equal(finish, 'stop');
    assert.ok(stream.finishedWithDone);
    assert.equal(usage.prompt_tokens + usage.completion_tokens, usage.total_tokens);
    const chunks = stream.json;
    assert.deepEqual([...new Set(chunks.map((chunk) => chunk.id))].length, 1);
    assert.ok(chunks.every((chunk) => chunk.object === 'chat.completion.chunk' && chunk.model === kModel));
    assert.equal(chunks[0].choices[0].delta.role, 'assistant');
    assert.deepEqual(chunks.at(-1).choices, []);
    assert.ok(chunks.slice(0, -1).every((chunk) => chunk.usage === null), 'earlier chunks carry "usage": null');
  });

  test('sends no usage chunk that was not asked for', async ({ client }) => {
    const { stream, usage } = await streamed(client, chat(marked('text', { events: 3 }), { stream: true }));
    assert.equal(usage, null);
    assert.ok(stream.finishedWithDone);
  });

  test('collects the same answer without stream', async ({ client }) => {
    const { body, choice } = await completed(client, chat(marked('text', { events: 25, seq: 1 })));
    assert.equal(body.object, 'chat.completion');
    assert.equal(choice.message.role, 'assistant');
    assert.equal(choice.message.content, sequence(25));
    assert.equal(choice.message.refusal, null);
    assert.equal(choice.finish_reason, 'stop');
    assert.ok(body.usage.total_tokens > 0);
  });

  test('keeps every character whatever pieces the provider sends', async ({ client }) => {
    const whole = await completed(client, chat(marked('text', { events: 90, unicode: 1 })));
    for (const split_bytes of [1, 7, 64]) {
      const { text } = await streamed(client, chatStream(marked('text', { events: 90, unicode: 1, split_bytes })));
      assert.equal(text, whole.choice.message.content);
    }
    for (const scenario of ['crlf', 'comments', 'missing_event_lines', 'unknown_event']) {
      const { text } = await streamed(client, chatStream(marked(scenario, { events: 90, unicode: 1, after: 3 })));
      assert.equal(text, whole.choice.message.content, scenario);
    }
  });

  test('translates the roles of a conversation', async ({ client, sim }) => {
    const messages = [
      { role: 'system', content: 'Speak plainly.' },
      { role: 'developer', content: [{ type: 'text', text: 'And briefly.' }] },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: [{ type: 'text', text: marked('text', { echo: 1 }, 'three') }] },
    ];
    const { choice } = await completed(client, { model: kModel, messages });
    assert.equal(choice.message.content.trim(), 'three');
    const seen = JSON.stringify((await sim.lastRequest()).body);
    for (const word of ['Speak plainly.', 'And briefly.', 'one', 'two']) assert.ok(seen.includes(word), word);
    assert.ok(!seen.includes('"role":"system"'), 'the backend refuses system items');
  });

  test('calls tools in parallel and takes their results', async ({ client }) => {
    const body = chatStream(marked('tools', { n: 2 }), { tools: [weatherTool], parallel_tool_calls: true });
    const { toolCalls, finish, stream } = await streamed(client, body);
    assert.equal(finish, 'tool_calls');
    assert.equal(toolCalls.length, 2);
    assert.notEqual(toolCalls[0].id, toolCalls[1].id);
    for (const call of toolCalls) {
      assert.equal(call.name, 'get_weather');
      assert.equal(typeof JSON.parse(call.arguments).city, 'string');
    }
    assert.ok(stream.finishedWithDone);

    const messages = [
      ...body.messages,
      { role: 'assistant', content: null, tool_calls: toolCalls.map(({ id, name, arguments: text }) => ({ id, type: 'function', function: { name, arguments: text } })) },
      ...toolCalls.map(({ id }, i) => ({ role: 'tool', tool_call_id: id, content: `sunny ${i}` })),
    ];
    const second = await completed(client, { ...body, stream: false, stream_options: undefined, messages });
    assert.match(second.choice.message.content, /The tool said: sunny 1/);
    assert.equal(second.choice.finish_reason, 'stop');
  });

  test('answers a tool call without stream', async ({ client }) => {
    const { choice } = await completed(client, chat('weather?', { tools: [weatherTool], tool_choice: 'required' }));
    assert.equal(choice.finish_reason, 'tool_calls');
    assert.equal(choice.message.content, null);
    assert.equal(choice.message.tool_calls[0].type, 'function');
    assert.equal(choice.message.tool_calls[0].function.name, 'get_weather');
  });

  test('honours tool_choice by name', async ({ client }) => {
    const other = { type: 'function', function: { name: 'other', parameters: { type: 'object', properties: {} } } };
    const tool_choice = { type: 'function', function: { name: 'other' } };
    const { choice } = await completed(client, chat('go', { tools: [weatherTool, other], tool_choice }));
    assert.deepEqual(choice.message.tool_calls.map((call) => call.function.name), ['other']);
  });

  test('forwards a JSON schema and returns a value that fits', async ({ client, sim }) => {
    const schema = { type: 'object', properties: { answer: { type: 'string' }, n: { type: 'integer' } }, required: ['answer', 'n'], additionalProperties: false };
    const response_format = { type: 'json_schema', json_schema: { name: 'shape', strict: true, schema } };
    const { choice } = await completed(client, chat('give me JSON', { response_format }));
    const value = JSON.parse(choice.message.content);
    assert.equal(typeof value.answer, 'string');
    assert.ok(Number.isInteger(value.n));
    const seen = (await sim.lastRequest()).body.text.format;
    assert.equal(seen.type, 'json_schema');
    assert.equal(seen.name, 'shape');
    assert.deepEqual(seen.schema, schema);
  });

  test('forwards images', async ({ client, sim }) => {
    const content = [
      { type: 'text', text: marked('text', { events: 2 }, 'what is this?') },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}`, detail: 'low' } },
    ];
    await completed(client, { model: kModel, messages: [{ role: 'user', content }] });
    const parts = (await sim.lastRequest()).body.input.at(-1).content;
    assert.ok(parts.some((part) => part.type === 'input_image' && part.image_url.endsWith(pixelPng)));
  });

  test('shows reasoning beside the answer', async ({ client, sim }) => {
    const { reasoning, text, usage } = await streamed(client, chatStream(marked('reasoning', { events: 3, seq: 1 }), { reasoning_effort: 'high' }));
    assert.match(reasoning, /Checking the arithmetic/);
    assert.equal(text, sequence(3));
    assert.ok(usage.completion_tokens_details.reasoning_tokens > 0);
    assert.equal((await sim.lastRequest()).body.reasoning.effort, 'high');
  });

  test('passes a refusal on as a refusal', async ({ client }) => {
    const { refusal, finish } = await streamed(client, chatStream(marked('refusal')));
    assert.match(refusal, /can't help/);
    assert.equal(finish, 'stop');
    const { choice } = await completed(client, chat(marked('refusal')));
    assert.match(choice.message.refusal, /can't help/);
  });

  test('says that an answer is incomplete, and why', async ({ client }) => {
    const cut = await streamed(client, chatStream(marked('incomplete', { events: 4, seq: 1 })));
    assert.equal(cut.finish, 'length');
    assert.equal(cut.text, sequence(4));
    assert.ok(cut.usage);
    const filtered = await completed(client, chat(marked('incomplete', { events: 2, reason: 'content_filter' })));
    assert.equal(filtered.choice.finish_reason, 'content_filter');
  });

  test('accepts and echoes a request id, and makes one otherwise', async ({ client, gateway }) => {
    const id = `it-${Date.now()}`;
    const answer = await client.post(kPath, chat('hi'), { headers: { 'x-request-id': id } });
    assert.equal(answer.headers['x-request-id'], id);
    const other = await client.post(kPath, chat('hi'), { headers: { 'x-request-id': 'bad id!' } });
    assert.match(other.headers['x-request-id'], /^req_/);
    await gateway.usageOf(id);
  });

  test('counts what was used in exactly one row per request', async ({ client, gateway }) => {
    const ids = Array.from({ length: 8 }, (_, i) => `row-${Date.now()}-${i}`);
    await Promise.all(ids.map((id) => client.post(kPath, chat(marked('text', { events: 5 })), { headers: { 'x-request-id': id } })));
    for (const id of ids) assert.equal(Number((await gateway.usageOf(id)).usage.output_tokens), 5);
  });

  test('lists models and finds one', async ({ client }) => {
    const list = (await client.get('/v1/models')).json();
    assert.equal(list.object, 'list');
    assert.ok(list.data.some((model) => model.id === kModel && model.object === 'model'));
    const one = await client.get(`/v1/models/${kModel}`);
    assert.equal(one.json().id, kModel);
    assert.equal((await client.get('/v1/models/nothing')).status, 404);
  });

  test('tells its health without a key', async ({ client }) => {
    const anonymous = client.with({ key: undefined });
    assert.equal((await anonymous.get('/health')).status, 200);
    assert.equal((await anonymous.get('/ready')).status, 200);
    anonymous.close();
  });
});
