// The Vercel AI SDK with its Anthropic provider, pointed at the gateway.
import assert from 'node:assert/strict';
import { createAnthropic } from '@ai-sdk/anthropic';
import { APICallError, generateObject, generateText, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const providerFor = (gateway) => createAnthropic({ baseURL: `http://127.0.0.1:${gateway.port}/v1`, apiKey: gateway.key });

suite('AI SDK: Anthropic provider', { accounts: 2, config: { accounts: { slots_per_account: 50 } } }, (test) => {
  const aiTest = (title, body) => test(title, (context) => body({ ...context, model: providerFor(context.gateway)(kModel) }));
  const weather = () => tool({ description: 'The weather', inputSchema: z.object({ city: z.string() }), execute: async ({ city }) => `sunny in ${city}` });

  aiTest('generateText', async ({ model }) => {
    const result = await generateText({ model, prompt: marked('text', { events: 5, seq: 1 }), maxRetries: 0 });
    assert.equal(result.text.trim(), sequence(5).trim());
    assert.equal(result.finishReason, 'stop');
    assert.ok(result.usage.inputTokens > 0);
    assert.equal(result.usage.outputTokens, 5);
  });

  aiTest('streamText', async ({ model }) => {
    const result = streamText({ model, prompt: marked('text', { events: 40, seq: 1, interval_ms: 1 }), maxRetries: 0 });
    let text = '';
    for await (const delta of result.textStream) text += delta;
    assert.equal(text, sequence(40));
    assert.equal(await result.finishReason, 'stop');
    assert.equal((await result.usage).outputTokens, 40);
  });

  aiTest('tools over several steps, streamed and whole', async ({ model }) => {
    const options = { model, tools: { get_weather: weather() }, stopWhen: stepCountIs(3), prompt: marked('tools', { n: 2 }), maxRetries: 0 };
    const whole = await generateText(options);
    assert.equal(whole.steps.length, 2);
    assert.match(whole.text, /The tool said: sunny in/);
    const streamed = streamText(options);
    assert.match(await streamed.text, /The tool said: sunny in/);
    assert.equal((await streamed.steps)[0].toolCalls.length, 2);
  });

  aiTest('generateObject', async ({ model }) => {
    const { object } = await generateObject({ model, schema: z.object({ answer: z.string() }), prompt: 'JSON please', maxRetries: 0 });
    assert.equal(typeof object.answer, 'string');
  });

  aiTest('reasoning with its signature through two turns', async ({ model, sim }) => {
    const providerOptions = { anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } } };
    const messages = [{ role: 'user', content: marked('reasoning', { events: 3, seq: 1 }) }];
    const first = await generateText({ model, messages, providerOptions, maxRetries: 0 });
    assert.match(first.reasoningText, /arithmetic/);
    await generateText({ model, messages: [...messages, ...first.response.messages, { role: 'user', content: 'And now?' }], providerOptions, maxRetries: 0 });
    assert.ok((await sim.lastRequest()).body.input.some((item) => item.type === 'reasoning' && item.encrypted_content));
  });

  aiTest('vision', async ({ model, sim }) => {
    const content = [{ type: 'text', text: marked('text', { events: 2 }) }, { type: 'image', image: Buffer.from(pixelPng, 'base64') }];
    await generateText({ model, messages: [{ role: 'user', content }], maxRetries: 0 });
    assert.ok(JSON.stringify((await sim.lastRequest()).body).includes(pixelPng));
  });

  aiTest('errors carry status and words', async ({ model, gateway }) => {
    const error = await generateText({ model: createAnthropic({ baseURL: `http://127.0.0.1:${gateway.port}/v1`, apiKey: 'pbk_wrong' })(kModel), prompt: 'hi', maxRetries: 0 }).catch((caught) => caught);
    assert.ok(APICallError.isInstance(error), String(error));
    assert.equal(error.statusCode, 401);
    assert.match(error.message, /client key/);
    const long = await generateText({ model, prompt: marked('context_length_exceeded'), maxRetries: 0 }).catch((caught) => caught);
    assert.equal(long.statusCode, 400);
    assert.equal(long.isRetryable, false);
  });

  aiTest('a cut stream is an error', async ({ model }) => {
    const errors = [];
    const result = streamText({ model, prompt: marked('cut', { after: 3, events: 9, seq: 1 }), maxRetries: 0, onError: ({ error }) => errors.push(error) });
    for await (const _ of result.textStream);
    assert.equal(errors.length, 1);
  });
});
