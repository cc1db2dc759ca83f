// The SDKs of OpenAI and Anthropic at the bridge's address, as tools use them that take Ollama for a provider of either
// dialect: what they get is the frontend's own answer, with the bridge's key in place of theirs (client-protocols §F.11).
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { kModel, marked, pixelPng, sequence, weatherTool } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

// Ollama asks for no key, and the SDKs want one: this is what its own pages tell people to write.
const kAnyKey = 'ollama';
const user = (content) => ({ role: 'user', content });
const address = (gateway) => `http://127.0.0.1:${gateway.ollamaPort}`;
const sdks = (gateway) => ({
  openai: new OpenAI({ baseURL: `${address(gateway)}/v1`, apiKey: kAnyKey, maxRetries: 0 }),
  anthropic: new Anthropic({ baseURL: address(gateway), apiKey: kAnyKey, maxRetries: 0 }),
});
const oslo = { function: 'get_weather', arguments: { city: 'Oslo' } };

suite('the bridge: SDKs of other dialects', { accounts: 2 }, (test) => {
  test('OpenAI chat completions, whole and streamed', async ({ gateway }) => {
    const { openai } = sdks(gateway);
    const whole = await openai.chat.completions.create({ model: kModel, messages: [user(marked('text', { events: 9, seq: 1 }))] });
    assert.equal(whole.choices[0].message.content, sequence(9));
    assert.equal(whole.choices[0].finish_reason, 'stop');
    assert.equal(whole.usage.completion_tokens, 9);
    let text = '';
    let chunks = 0;
    for await (const chunk of await openai.chat.completions.create({ model: kModel, messages: [user(marked('text', { events: 40, seq: 1, interval_ms: 2 }))], stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
      ++chunks;
    }
    assert.equal(text, sequence(40));
    assert.ok(chunks > 5, `it came in ${chunks} pieces`);
  });

  test('OpenAI tools and images', async ({ gateway, sim }) => {
    const { openai } = sdks(gateway);
    await sim.script([oslo]);
    const content = [{ type: 'text', text: 'weather?' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}` } }];
    const { choices: [{ message, finish_reason: reason }] } = await openai.chat.completions.create({ model: kModel, messages: [user(content)], tools: [weatherTool] });
    assert.equal(reason, 'tool_calls');
    assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { city: 'Oslo' });
    assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(pixelPng));
  });

  test('OpenAI responses, streamed', async ({ gateway }) => {
    const { openai } = sdks(gateway);
    let completed;
    for await (const event of await openai.responses.create({ model: kModel, input: marked('text', { events: 9, seq: 1 }), stream: true })) {
      if (event.type === 'response.completed') completed = event.response;
    }
    assert.equal(completed.output.at(-1).content[0].text, sequence(9));
  });

  test('the list of models is the one that the same names are called by', async ({ gateway }) => {
    const { openai } = sdks(gateway);
    const ids = (await openai.models.list()).data.map(({ id }) => id);
    assert.ok(ids.includes(kModel), JSON.stringify(ids));
    assert.equal((await openai.models.retrieve(kModel)).id, kModel);
  });

  test('a name as Ollama lists it', async ({ gateway, sim }) => {
    const { openai, anthropic } = sdks(gateway);
    const model = `${kModel}:latest`;
    const chat = await openai.chat.completions.create({ model, messages: [user(marked('text', { events: 3, seq: 1 }))] });
    assert.equal(chat.choices[0].message.content, sequence(3));
    assert.equal((await sim.lastRequest()).body.model, kModel);
    const message = await anthropic.messages.create({ model, max_tokens: 4096, messages: [user(marked('text', { events: 3, seq: 1 }))] });
    assert.equal(message.content.at(-1).text, sequence(3));
  });

  test('Anthropic messages, whole and streamed', async ({ gateway }) => {
    const { anthropic } = sdks(gateway);
    const body = { model: kModel, max_tokens: 4096, messages: [user(marked('text', { events: 9, seq: 1 }))] };
    const whole = await anthropic.messages.create(body);
    assert.equal(whole.content.at(-1).text, sequence(9));
    assert.equal(whole.stop_reason, 'end_turn');
    const final = await anthropic.messages.stream(body).finalMessage();
    assert.equal(final.content.at(-1).text, sequence(9));
    assert.equal(final.usage.output_tokens, 9);
  });

  test('Anthropic tools', async ({ gateway, sim }) => {
    const { anthropic } = sdks(gateway);
    await sim.script([oslo]);
    const { name, description, parameters } = weatherTool.function;
    const { content, stop_reason: reason } = await anthropic.messages.create({ model: kModel, max_tokens: 4096, messages: [user('weather?')], tools: [{ name, description, input_schema: parameters }] });
    assert.equal(reason, 'tool_use');
    assert.deepEqual(content.at(-1).input, { city: 'Oslo' });
  });

  test('errors are of the SDK that asked', async ({ gateway }) => {
    const { openai, anthropic } = sdks(gateway);
    await assert.rejects(openai.chat.completions.create({ model: 'no-such-model', messages: [user('hi')] }), OpenAI.NotFoundError);
    await assert.rejects(anthropic.messages.create({ model: 'no-such-model', max_tokens: 9, messages: [user('hi')] }), Anthropic.NotFoundError);
  });

  test('leaving ends the call at the provider', async ({ gateway, sim }) => {
    const { openai } = sdks(gateway);
    const stream = await openai.chat.completions.create({ model: kModel, messages: [user(marked('text', { events: 500, interval_ms: 20 }))], stream: true });
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
    await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
  });

  test('the calls are counted to a key of the bridge, and what the SDK sent as a key goes no further', async ({ gateway, sim }) => {
    const { openai } = sdks(gateway);
    const { response } = await openai.chat.completions.create({ model: kModel, messages: [user('hi')] }).withResponse();
    const row = await gateway.usageOf(response.headers.get('x-request-id'));
    const { keys } = await gateway.json(['keys', 'list']);
    const test = keys.find(({ name }) => name === 'test');
    assert.ok(row.client_key_id, JSON.stringify(row));
    assert.notEqual(row.client_key_id, test.id, 'it went on the test\'s own key');
    assert.ok(!JSON.stringify(await sim.lastRequest()).includes(`Bearer ${kAnyKey}`));
  });
});
