// The Vercel AI SDK with the two packages that speak OpenAI's protocols.
import assert from 'node:assert/strict';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, Output, generateText, isStepCount, stepCountIs, streamText, tool } from 'ai';
import { z } from 'zod';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const steps = stepCountIs ?? isStepCount;
const config = { accounts: { slots_per_account: 50 }, upstream: { first_byte_timeout: '3s', stall_timeout: '3s' } };
const options = (gateway) => ({ baseURL: `http://127.0.0.1:${gateway.port}/v1`, apiKey: gateway.key });

const models = {
  '@ai-sdk/openai, responses': (gateway) => createOpenAI(options(gateway)).responses(kModel),
  '@ai-sdk/openai, chat': (gateway) => createOpenAI(options(gateway)).chat(kModel),
  '@ai-sdk/openai-compatible': (gateway) => createOpenAICompatible({ name: 'gateway', supportsStructuredOutputs: true, includeUsage: true, ...options(gateway) })(kModel),
};

const weather = (asked) =>
  tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      asked.push(city);
      return `sunny in ${city}`;
    },
  });

for (const [name, modelOf] of Object.entries(models)) {
  for (const streamed of [false, true]) {
    suite(`AI SDK: ${name}, ${streamed ? 'streamed' : 'whole'}`, { accounts: 2, config }, (test) => {
      // What generateText and streamText tell, in one shape.
      const run = async (gateway, request) => {
        const call = { model: modelOf(gateway), maxRetries: 0, ...request };
        if (!streamed) return generateText(call);
        let failure;
        const result = streamText({ ...call, onError: ({ error }) => (failure ??= error) });
        let text = '';
        for await (const piece of result.textStream) text += piece;
        if (failure) throw failure;
        return { text, finishReason: await result.finishReason, usage: await result.usage, steps: await result.steps, reasoningText: await result.reasoningText, toolCalls: await result.toolCalls, output: request.output && (await result.output) };
      };

      test('text and usage', async ({ gateway }) => {
        const { text, finishReason, usage } = await run(gateway, { prompt: marked('text', { events: 20, seq: 1 }), system: 'Be brief.' });
        assert.equal(text, sequence(20));
        assert.equal(finishReason, 'stop');
        assert.equal(usage.outputTokens, 20);
        assert.ok(usage.inputTokens > 0);
      });

      test('tools over several steps', async ({ gateway, sim }) => {
        const asked = [];
        const { text, steps: taken } = await run(gateway, { prompt: marked('tools', { n: 2, reasoning: 1 }), tools: { get_weather: weather(asked) }, stopWhen: steps(4) });
        assert.match(text, /The tool said: .*sunny in/);
        assert.equal(asked.length, 2);
        assert.equal(taken.length, 2);
        // What the first step said is there again in the second: the SDK may send references only.
        const { body } = await sim.lastRequest();
        assert.equal(body.input.filter((item) => item.type === 'function_call').length, 2);
        assert.equal(body.input.filter((item) => item.type === 'function_call_output').length, 2);
      });

      test('structured output', async ({ gateway }) => {
        const schema = z.object({ name: z.string(), tags: z.array(z.string()) });
        const { output } = await run(gateway, { prompt: 'make one', output: Output.object({ schema }) });
        assert.equal(typeof output.name, 'string');
        assert.ok(Array.isArray(output.tags));
      });

      test('vision', async ({ gateway, sim }) => {
        const image = Buffer.from(pixelPng, 'base64');
        const { text } = await run(gateway, { messages: [{ role: 'user', content: [{ type: 'text', text: 'what is it?' }, { type: 'image', image }] }] });
        assert.ok(text);
        assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(pixelPng));
      });

      test('an answer that is cut by length', async ({ gateway }) => {
        const { finishReason, text } = await run(gateway, { prompt: marked('incomplete', { events: 2, seq: 1 }) });
        assert.equal(finishReason, 'length');
        assert.equal(text, sequence(2));
      });

      test('errors with their status', async ({ gateway }) => {
        for (const [scenario, status] of [['context_length_exceeded', 400], ['500', 502]]) {
          const error = await run(gateway, { prompt: marked(scenario) }).catch((caught) => caught);
          assert.ok(APICallError.isInstance(error), String(error));
          assert.equal(error.statusCode, status);
          assert.equal(error.isRetryable, status >= 500);
        }
      });

      test('abort stops the provider', async ({ gateway, sim }) => {
        const controller = new AbortController();
        const call = run(gateway, { prompt: marked('text', { events: 2000, interval_ms: 10 }), abortSignal: controller.signal }).catch((caught) => caught);
        await eventually('the provider to be asked', async () => (await sim.requests()).length > 0);
        controller.abort();
        await call;
        await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
      });

      if (!name.includes('@ai-sdk/openai, chat')) {
        test('reasoning', async ({ gateway }) => {
          const { reasoningText } = await run(gateway, { prompt: marked('reasoning', { events: 2 }), providerOptions: { openai: { reasoningEffort: 'high', reasoningSummary: 'auto' }, gateway: { reasoningEffort: 'high' } } });
          assert.ok(reasoningText, 'no reasoning was shown');
        });
      }
    });
  }
}

suite('AI SDK: images and embeddings', { accounts: 1, config }, (test) => {
  test('an image', async ({ gateway }) => {
    const { experimental_generateImage, generateImage } = await import('ai');
    const { image } = await (generateImage ?? experimental_generateImage)({ model: createOpenAI(options(gateway)).image('gpt-image-1'), prompt: 'A cat', maxRetries: 0 });
    assert.equal(image.base64.slice(0, 5), 'iVBOR');
  });

  test('embeddings of a model that makes none are refused plainly', async ({ gateway }) => {
    const { embed } = await import('ai');
    const error = await embed({ model: createOpenAI(options(gateway)).embedding(kModel), value: 'x', maxRetries: 0 }).catch((caught) => caught);
    assert.equal(error.statusCode, 400);
    assert.match(error.message, /makes no embeddings/);
  });
});
