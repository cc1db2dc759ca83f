// The Vercel AI SDK with its Ollama provider, pointed at the bridge.
import assert from 'node:assert/strict';
import { APICallError, Output, embed, generateText, isStepCount, stepCountIs, streamText, tool } from 'ai';
import { createOllama } from 'ollama-ai-provider-v2';
import { z } from 'zod';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const steps = stepCountIs ?? isStepCount;
const provider = (gateway) => createOllama({ baseURL: `http://127.0.0.1:${gateway.ollamaPort}/api` });

const weather = (asked) =>
  tool({
    description: 'The weather of a city',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      asked.push(city);
      return `sunny in ${city}`;
    },
  });

for (const streamed of [false, true]) {
  suite(`AI SDK: ollama-ai-provider-v2, ${streamed ? 'streamed' : 'whole'}`, { accounts: 2 }, (test) => {
    // What generateText and streamText tell, in one shape.
    const run = async (gateway, request) => {
      const call = { model: provider(gateway)(kModel), maxRetries: 0, ...request };
      if (!streamed) return generateText(call);
      let failure;
      const result = streamText({ ...call, onError: ({ error }) => (failure ??= error) });
      let text = '';
      for await (const piece of result.textStream) text += piece;
      if (failure) throw failure;
      return { text, finishReason: await result.finishReason, usage: await result.usage, steps: await result.steps, reasoningText: await result.reasoningText, output: request.output && (await result.output) };
    };

    test('text and usage', async ({ gateway, sim }) => {
      const { text, finishReason, usage } = await run(gateway, { prompt: marked('text', { events: 20, seq: 1 }), system: 'Be brief.' });
      assert.equal(text, sequence(20));
      assert.equal(finishReason, 'stop');
      assert.equal(usage.outputTokens, 20);
      assert.ok(usage.inputTokens > 0);
      assert.ok(JSON.stringify((await sim.lastRequest()).body).includes('Be brief.'));
    });

    test('tools over several steps', async ({ gateway, sim }) => {
      const asked = [];
      const { text, steps: taken } = await run(gateway, { prompt: marked('tools', { n: 2, reasoning: 1 }), tools: { get_weather: weather(asked) }, stopWhen: steps(4) });
      assert.match(text, /The tool said: .*sunny in/);
      assert.equal(asked.length, 2);
      assert.equal(taken.length, 2);
      const { input } = (await sim.lastRequest()).body;
      const calls = input.filter((item) => item.type === 'function_call');
      const outputs = input.filter((item) => item.type === 'function_call_output');
      assert.deepEqual(outputs.map(({ output }) => output), asked.map((city) => `sunny in ${city}`));
      assert.deepEqual(outputs.map(({ call_id }) => call_id), calls.map(({ call_id }) => call_id));
    });

    test('structured output', async ({ gateway, sim }) => {
      const schema = z.object({ name: z.string(), tags: z.array(z.string()) });
      const { output } = await run(gateway, { prompt: 'make one', output: Output.object({ schema }) });
      assert.equal(typeof output.name, 'string');
      assert.ok(Array.isArray(output.tags));
      assert.equal((await sim.lastRequest()).body.text.format.type, 'json_schema');
    });

    test('vision', async ({ gateway, sim }) => {
      // As base64: given bytes, this version of the provider fails before it sends anything.
      const picture = { type: 'file', mediaType: 'image/png', data: pixelPng };
      const { text } = await run(gateway, { messages: [{ role: 'user', content: [{ type: 'text', text: 'what is it?' }, picture] }] });
      assert.ok(text);
      assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(`data:image/png;base64,${pixelPng}`));
    });

    test('reasoning, when it is asked for', async ({ gateway, sim }) => {
      await sim.script([{ reasoning: 'Let me see.' }, { text: 'Four.' }]);
      const { text, reasoningText } = await run(gateway, { prompt: '2 + 2?', providerOptions: { ollama: { think: true } } });
      assert.equal(text, 'Four.');
      assert.equal(reasoningText, 'Let me see.');
    });

    test('an answer that is cut by length', async ({ gateway }) => {
      const { finishReason, text } = await run(gateway, { prompt: marked('incomplete', { events: 2, seq: 1 }) });
      assert.equal(finishReason, 'length');
      assert.equal(text, sequence(2));
    });

    test('a refusal keeps its status', async ({ gateway }) => {
      const error = await run(gateway, { prompt: marked('context_length_exceeded') }).catch((caught) => caught);
      assert.ok(APICallError.isInstance(error), String(error));
      assert.equal(error.statusCode, 400);
    });

    test('abort stops the provider', async ({ gateway, sim }) => {
      const controller = new AbortController();
      const call = run(gateway, { prompt: marked('text', { events: 2000, interval_ms: 10 }), abortSignal: controller.signal }).catch((caught) => caught);
      await eventually('the provider to be asked', async () => (await sim.requests()).length > 0);
      controller.abort();
      await call;
      await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
    });
  });
}

suite('AI SDK: ollama-ai-provider-v2, besides', { accounts: 1 }, (test) => {
  test('its completion models', async ({ gateway }) => {
    const { text, usage } = await generateText({ model: provider(gateway).completion(kModel), prompt: marked('text', { events: 9, seq: 1 }), maxRetries: 0 });
    assert.equal(text, sequence(9));
    assert.equal(usage.outputTokens, 9);
  });

  test('embeddings of a model that makes none are refused plainly', async ({ gateway }) => {
    const error = await embed({ model: provider(gateway).embeddingModel(kModel), value: 'x', maxRetries: 0 }).catch((caught) => caught);
    assert.ok(APICallError.isInstance(error), String(error));
    assert.ok([400, 501].includes(error.statusCode), `${error.statusCode}`);
    assert.match(error.responseBody, /embeddings/);
  });
});
