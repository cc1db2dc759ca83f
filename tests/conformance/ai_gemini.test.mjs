// The `ai` SDK with @ai-sdk/google, pointed at the gateway.
import assert from 'node:assert/strict';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { APICallError, generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const config = { accounts: { slots_per_account: 50 }, upstream: { first_byte_timeout: '3s', stall_timeout: '3s' } };

suite('ai SDK with the Google provider', { accounts: 2, config }, (test) => {
  const modelOf = (gateway, apiKey = gateway.key) => createGoogleGenerativeAI({ apiKey, baseURL: `http://127.0.0.1:${gateway.port}/v1beta` })(kModel);
  const text = (gateway, prompt, extra = {}) => generateText({ model: modelOf(gateway), prompt, maxRetries: 0, ...extra });
  const stream = (gateway, prompt, extra = {}) => streamText({ model: modelOf(gateway), prompt, maxRetries: 0, onError: () => {}, ...extra });
  const weather = (asked) => tool({
    description: 'The weather of a city',
    inputSchema: jsonSchema({ type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false }),
    execute: async ({ city }) => (asked.push(city), { sky: 'sunny', city }),
  });

  test('text and usage', async ({ gateway }) => {
    const whole = await text(gateway, marked('text', { events: 9, seq: 1 }));
    assert.equal(whole.text, sequence(9));
    assert.equal(whole.finishReason, 'stop');
    assert.equal(whole.usage.outputTokens, 9);
    const streamed = stream(gateway, marked('text', { events: 40, seq: 1, interval_ms: 2 }));
    assert.equal(await streamed.text, sequence(40));
    assert.equal((await streamed.usage).outputTokens, 40);
  });

  test('reasoning', async ({ gateway }) => {
    const answer = await text(gateway, marked('reasoning', { events: 5, seq: 1 }), { providerOptions: { google: { thinkingConfig: { includeThoughts: true } } } });
    assert.ok(answer.reasoningText);
    assert.equal(answer.text, sequence(5));
  });

  test('tools over several steps, and the reasoning between them comes back', async ({ gateway, sim }) => {
    for (const turn of [text, stream]) {
      await sim.script(
        [{ reasoning: 'two cities' }, { function: 'get_weather', arguments: { city: 'Oslo' } }, { function: 'get_weather', arguments: { city: 'Paris' } }],
        [{ reasoning: 'one more' }, { function: 'get_weather', arguments: { city: 'Rome' } }],
        [{ text: 'Sunny everywhere.' }],
      );
      const asked = [];
      const answer = await turn(gateway, 'weather?', { tools: { get_weather: weather(asked) }, stopWhen: stepCountIs(5) });
      assert.equal(await answer.text, 'Sunny everywhere.');
      assert.deepEqual(asked.sort(), ['Oslo', 'Paris', 'Rome']);
      const { input } = (await sim.lastRequest()).body;
      const ids = input.filter((item) => item.type === 'function_call').map((item) => item.call_id);
      assert.equal(new Set(ids).size, 3);
      assert.equal(input.filter((item) => item.type === 'reasoning').length, 2);
      assert.ok(input.some((item) => item.type === 'function_call_output' && item.output.includes('Oslo')));
    }
  });

  test('a tool can be demanded', async ({ gateway, sim }) => {
    await text(gateway, 'hi', { tools: { get_weather: weather([]) }, toolChoice: 'required' });
    assert.equal((await sim.lastRequest()).body.tool_choice, 'required');
  });

  test('structured output', async ({ gateway }) => {
    const schema = jsonSchema({ type: 'object', properties: { answer: { type: 'string' }, steps: { type: 'array', items: { type: 'string' } } }, required: ['answer', 'steps'], additionalProperties: false });
    const answer = await text(gateway, 'solve it', { output: Output.object({ schema }) });
    assert.equal(typeof answer.output.answer, 'string');
  });

  test('vision', async ({ gateway, sim }) => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: marked('text', { events: 3 }) }, { type: 'image', image: Buffer.from(pixelPng, 'base64'), mediaType: 'image/png' }] }];
    const answer = await generateText({ model: modelOf(gateway), messages, maxRetries: 0 });
    assert.ok(answer.text);
    assert.ok(JSON.stringify((await sim.lastRequest()).body).includes(pixelPng));
  });

  test('a length that was reached', async ({ gateway }) => {
    assert.equal((await text(gateway, marked('incomplete', { reason: 'max_output_tokens' }))).finishReason, 'length');
  });

  test('errors have their status, and say whether to try again', async ({ gateway }) => {
    const rows = [['cyber_policy', 400, false], ['500', 502, true], ['503', 503, true], ['429 retry_after=11', 429, true]];
    for (const [scenario, status, retryable] of rows) {
      const error = await text(gateway, marked(scenario)).then(() => assert.fail(scenario), (caught) => caught);
      assert.ok(APICallError.isInstance(error), String(error));
      assert.equal(error.statusCode, status);
      assert.equal(error.isRetryable, retryable);
    }
    const error = await generateText({ model: modelOf(gateway, 'pbk_wrong'), prompt: 'hi', maxRetries: 0 }).catch((caught) => caught);
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /key is not valid/);
  });

  test('a stream that breaks off is an error', async ({ gateway }) => {
    const seen = [];
    for await (const part of stream(gateway, marked('cut', { after: 3, events: 9, seq: 1 })).fullStream) seen.push(part);
    assert.equal(seen.filter((part) => part.type === 'text-delta').map((part) => part.text).join(''), sequence(3));
    assert.ok(seen.some((part) => part.type === 'error'));
  });

  test('abort stops the provider', async ({ gateway, sim }) => {
    const controller = new AbortController();
    let count = 0;
    for await (const part of stream(gateway, marked('text', { events: 2000, interval_ms: 10 }), { abortSignal: controller.signal }).fullStream) {
      if (part.type === 'text-delta' && ++count === 3) controller.abort();
    }
    await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
  });
});
