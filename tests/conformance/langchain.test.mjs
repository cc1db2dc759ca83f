// LangChain with each of its packages that can speak to patchbay.
import assert from 'node:assert/strict';
import { ChatAnthropic } from '@langchain/anthropic';
import { HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { ChatOllama } from '@langchain/ollama';
import { ChatOpenAI } from '@langchain/openai';
import { z } from 'zod';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const origin = (gateway) => `http://127.0.0.1:${gateway.port}`;
const common = (gateway) => ({ model: kModel, apiKey: gateway.key, maxRetries: 0 });
// No key, and nothing but the bridge's address.
const chatOllama = (gateway, options = {}) => new ChatOllama({ model: kModel, baseUrl: `http://127.0.0.1:${gateway.ollamaPort}`, maxRetries: 0, ...options });
const chatOpenAi = (gateway, useResponsesApi) => new ChatOpenAI({ ...common(gateway), useResponsesApi, configuration: { baseURL: `${origin(gateway)}/v1` } });

const models = {
  '@langchain/openai over Responses': (gateway) => chatOpenAi(gateway, true),
  '@langchain/openai over Chat Completions': (gateway) => chatOpenAi(gateway, false),
  '@langchain/anthropic': (gateway) => new ChatAnthropic({ ...common(gateway), anthropicApiUrl: origin(gateway) }),
  '@langchain/google-genai': (gateway) => new ChatGoogleGenerativeAI({ ...common(gateway), baseUrl: origin(gateway) }),
  '@langchain/ollama': (gateway) => chatOllama(gateway),
};

// LangChain's own part, and the one that its packages for OpenAI and Ollama want.
const kImage = { type: 'image', mimeType: 'image/png', data: pixelPng };
const kImageUrl = { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}` } };

const weather = tool(async ({ city }) => `sunny in ${city}`, { name: 'get_weather', description: 'The weather of a city', schema: z.object({ city: z.string() }) });

for (const [name, modelOf] of Object.entries(models)) {
  suite(`LangChain: ${name}`, { accounts: 2 }, (test) => {
    test('text and usage', async ({ gateway }) => {
      const answer = await modelOf(gateway).invoke(marked('text', { events: 20, seq: 1 }));
      assert.equal(answer.text, sequence(20));
      assert.equal(answer.usage_metadata.output_tokens, 20);
      assert.ok(answer.usage_metadata.input_tokens > 0);
    });

    test('a stream, with usage', async ({ gateway }) => {
      let whole;
      const pieces = [];
      for await (const chunk of await modelOf(gateway).stream(marked('text', { events: 20, seq: 1 }))) {
        if (chunk.text) pieces.push(chunk.text);
        whole = whole ? whole.concat(chunk) : chunk;
      }
      assert.equal(pieces.join(''), sequence(20));
      assert.ok(pieces.length > 1, 'the text came in one piece');
      assert.equal(whole.usage_metadata.output_tokens, 20);
      assert.ok(whole.usage_metadata.input_tokens > 0);
    });

    test('an image', async ({ gateway, sim }) => {
      const content = [{ type: 'text', text: 'what is it?' }, /openai|ollama/.test(name) ? kImageUrl : kImage];
      assert.ok((await modelOf(gateway).invoke([new HumanMessage({ content })])).text);
      assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(pixelPng));
    });

    test('a tool, there and back', async ({ gateway, sim }) => {
      await sim.script([{ reasoning: 'I ask' }, { function: 'get_weather', arguments: { city: 'Oslo' } }], [{ text: 'It is sunny.' }]);
      const model = modelOf(gateway).bindTools([weather]);
      const question = new HumanMessage('How is the weather in Oslo?');
      const asking = await model.invoke([question]);
      assert.deepEqual(asking.tool_calls.map((call) => [call.name, call.args]), [['get_weather', { city: 'Oslo' }]]);
      const result = await weather.invoke(asking.tool_calls[0]);
      assert.ok(ToolMessage.isInstance(result));
      const answer = await model.invoke([question, asking, result]);
      assert.equal(answer.text, 'It is sunny.');
      const { input } = (await sim.lastRequest()).body;
      assert.deepEqual(input.filter((item) => item.type === 'function_call_output').map((item) => item.output), ['sunny in Oslo']);
    });
  });
}

suite('LangChain: @langchain/ollama besides', { accounts: 1 }, (test) => {
  const City = z.object({ name: z.string(), people: z.number() });

  test('structured output by a schema, by JSON and by a function', async ({ gateway, sim }) => {
    City.parse(await chatOllama(gateway).withStructuredOutput(City).invoke('A city.'));
    assert.equal((await sim.lastRequest()).body.text.format.type, 'json_schema');

    await sim.script([{ text: '{"name":"Oslo","people":717710}' }]);
    assert.deepEqual(await chatOllama(gateway).withStructuredOutput(City, { method: 'jsonMode' }).invoke('A city, as JSON.'), { name: 'Oslo', people: 717710 });
    assert.equal((await sim.lastRequest()).body.text.format.type, 'json_object');

    await sim.script([{ function: 'extract', arguments: { name: 'Oslo', people: 717710 } }]);
    assert.deepEqual(await chatOllama(gateway).withStructuredOutput(City, { method: 'functionCalling' }).invoke('A city.'), { name: 'Oslo', people: 717710 });
  });

  test('two calls in one turn', async ({ gateway, sim }) => {
    await sim.script(['Oslo', 'Bergen'].map((city) => ({ function: 'get_weather', arguments: { city } })), [{ text: 'Both sunny.' }]);
    const model = chatOllama(gateway).bindTools([weather]);
    const question = new HumanMessage('Oslo and Bergen?');
    const asking = await model.invoke([question]);
    assert.deepEqual(asking.tool_calls.map(({ args }) => args.city), ['Oslo', 'Bergen']);
    const results = await Promise.all(asking.tool_calls.map((call) => weather.invoke(call)));
    assert.equal((await model.invoke([question, asking, ...results])).text, 'Both sunny.');
    const outputs = (await sim.lastRequest()).body.input.filter((item) => item.type === 'function_call_output');
    assert.deepEqual(outputs.map(({ output }) => output), ['sunny in Oslo', 'sunny in Bergen']);
  });

  test('thinking beside the text', async ({ gateway, sim }) => {
    await sim.script([{ reasoning: 'Let me see.' }, { text: 'Four.' }]);
    const answer = await chatOllama(gateway, { think: true }).invoke('2 + 2?');
    assert.equal(answer.additional_kwargs.reasoning_content, 'Let me see.');
    assert.equal(answer.text, 'Four.');
  });

  test('a model that it pulls first where it is not there', async ({ gateway }) => {
    assert.ok((await chatOllama(gateway, { checkOrPullModel: true }).invoke('hi')).text);
    await assert.rejects(chatOllama(gateway, { model: 'no-such-model', checkOrPullModel: true }).invoke('hi'), /pull model manifest: file does not exist/);
  });
});
