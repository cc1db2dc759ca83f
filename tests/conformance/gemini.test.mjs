// Google's own SDK, pointed at the gateway: what a user's program does must simply work.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { ApiError, FunctionCallingConfigMode, GoogleGenAI, ThinkingLevel, Type } from '@google/genai';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { TinyProvider, vectorOf } from '../support/tiny_provider.mjs';
import { eventually } from '../support/wait.mjs';

const config = { accounts: { slots_per_account: 50 }, upstream: { first_byte_timeout: '3s', stall_timeout: '3s' } };
const kWeather = {
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
};
const kTools = [{ functionDeclarations: [kWeather] }];

const sdk = (gateway, options = {}) => new GoogleGenAI({ apiKey: gateway.key, httpOptions: { baseUrl: `http://127.0.0.1:${gateway.port}`, ...options } });

function sdkSuite(name, options, define) {
  suite(name, { accounts: 2, config, ...options }, (test) => define((title, body) => test(title, (context) => body({ ...context, genai: sdk(context.gateway) }))));
}

const generate = (genai, contents, settings = {}) => genai.models.generateContent({ model: kModel, contents, config: settings });

async function streamed(genai, contents, settings = {}) {
  const chunks = [];
  for await (const chunk of await genai.models.generateContentStream({ model: kModel, contents, config: settings })) chunks.push(chunk);
  const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
  return { chunks, parts, last: chunks.at(-1), text: parts.filter((part) => !part.thought).map((part) => part.text ?? '').join('') };
}

sdkSuite('Google SDK: generateContent', {}, (test) => {
  test('text', async ({ genai }) => {
    const response = await generate(genai, marked('text', { events: 9, seq: 1 }));
    assert.equal(response.text, sequence(9));
    assert.equal(response.candidates[0].finishReason, 'STOP');
    assert.equal(response.modelVersion, kModel);
    assert.ok(response.responseId);
    const { promptTokenCount, candidatesTokenCount, totalTokenCount } = response.usageMetadata;
    assert.ok(promptTokenCount > 0);
    assert.equal(candidatesTokenCount, 9);
    assert.ok(totalTokenCount >= promptTokenCount + candidatesTokenCount);
  });

  test('text, streamed', async ({ genai }) => {
    const { chunks, text, last } = await streamed(genai, marked('text', { events: 60, seq: 1, interval_ms: 2 }));
    assert.equal(text, sequence(60));
    assert.equal(last.candidates[0].finishReason, 'STOP');
    assert.equal(last.usageMetadata.candidatesTokenCount, 60);
    assert.equal(new Set(chunks.map((chunk) => chunk.responseId)).size, 1);
    assert.ok(chunks.slice(0, -1).every((chunk) => !chunk.candidates[0].finishReason));
  });

  test('in the version v1', async ({ gateway }) => {
    const response = await generate(sdk(gateway, { apiVersion: 'v1' }), marked('text', { events: 3, seq: 1 }));
    assert.equal(response.text, sequence(3));
  });

  test('system instruction and sampling reach the provider or are reported', async ({ genai, sim }) => {
    const response = await generate(genai, 'hi', { systemInstruction: 'Be brief.', temperature: 0.5, topK: 4, safetySettings: [] });
    const { body } = await sim.lastRequest();
    assert.match(body.instructions, /Be brief\./);
    const ignored = response.sdkHttpResponse.headers['x-patchbay-ignored'].split(', ');
    for (const name of ['generationConfig.temperature', 'generationConfig.topK', 'safetySettings']) assert.ok(ignored.includes(name), name);
  });

  test('thoughts only when they are asked for', async ({ genai, sim }) => {
    for (const includeThoughts of [true, false]) {
      const { parts, text } = await streamed(genai, marked('reasoning', { events: 6, seq: 1 }), { thinkingConfig: { includeThoughts, thinkingLevel: ThinkingLevel.LOW } });
      const { body } = await sim.lastRequest();
      assert.equal(body.reasoning.effort, 'low');
      assert.equal(body.reasoning.summary, includeThoughts ? 'auto' : undefined);
      assert.equal(text, sequence(6));
      assert.equal(parts.some((part) => part.thought), includeThoughts);
      assert.ok(parts.some((part) => part.thoughtSignature && !part.thought));
    }
  });

  test('function calls, whole and streamed, and their results', async ({ genai, sim }) => {
    for (const turn of [generate, streamed]) {
      const question = { role: 'user', parts: [{ text: marked('tools', { n: 1 }) }] };
      const answer = await turn(genai, [question], { tools: kTools });
      const parts = answer.parts ?? answer.candidates[0].content.parts;
      const calls = parts.filter((part) => part.functionCall);
      assert.equal(calls.length, 1);
      assert.equal(calls[0].functionCall.name, 'get_weather');
      assert.equal(typeof calls[0].functionCall.args.city, 'string');
      const result = { role: 'user', parts: [{ functionResponse: { id: calls[0].functionCall.id, name: 'get_weather', response: { output: 'sunny' } } }] };
      const second = await generate(genai, [question, { role: 'model', parts: calls }, result], { tools: kTools });
      assert.match(second.text, /The tool said: sunny/);
      const { body } = await sim.lastRequest();
      assert.equal(body.input.find((item) => item.type === 'function_call_output').call_id, calls[0].functionCall.id);
    }
  });

  test('parallel calls', async ({ genai }) => {
    const { parts, last } = await streamed(genai, marked('tools', { n: 3 }), { tools: kTools });
    const calls = parts.filter((part) => part.functionCall).map((part) => part.functionCall);
    assert.equal(calls.length, 3);
    assert.equal(new Set(calls.map((call) => call.id)).size, 3);
    assert.equal(last.candidates[0].finishReason, 'STOP');
  });

  test('a call can be demanded and forbidden', async ({ genai, sim }) => {
    const choice = async (functionCallingConfig) => {
      await generate(genai, 'hi', { tools: kTools, toolConfig: { functionCallingConfig } });
      return (await sim.lastRequest()).body.tool_choice;
    };
    assert.equal(await choice({ mode: FunctionCallingConfigMode.ANY }), 'required');
    assert.equal(await choice({ mode: FunctionCallingConfigMode.NONE }), 'none');
    assert.deepEqual(await choice({ mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['get_weather'] }), { type: 'function', name: 'get_weather' });
  });

  test('structured output', async ({ genai, sim }) => {
    const responseSchema = { type: Type.OBJECT, properties: { steps: { type: Type.ARRAY, items: { type: Type.STRING } }, answer: { type: Type.STRING } }, required: ['steps', 'answer'] };
    for (const turn of [generate, streamed]) {
      const { text } = await turn(genai, 'solve it', { responseMimeType: 'application/json', responseSchema });
      const answer = JSON.parse(text);
      assert.ok(Array.isArray(answer.steps));
      assert.equal(typeof answer.answer, 'string');
    }
    assert.equal((await sim.lastRequest()).body.text.format.strict, true);
  });

  test('structured output whose root is no object', async ({ genai }) => {
    const list = await generate(genai, 'list', { responseMimeType: 'application/json', responseSchema: { type: Type.ARRAY, items: { type: Type.STRING } } });
    assert.ok(Array.isArray(JSON.parse(list.text)));
    const word = await generate(genai, 'choose', { responseMimeType: 'text/x.enum', responseSchema: { type: Type.STRING, enum: ['yes', 'no'] } });
    assert.ok(['yes', 'no'].includes(word.text), word.text);
  });

  test('JSON without a schema', async ({ genai }) => {
    assert.doesNotThrow(async () => JSON.parse((await generate(genai, 'anything', { responseMimeType: 'application/json' })).text));
  });

  test('vision', async ({ genai, sim }) => {
    const response = await generate(genai, [{ role: 'user', parts: [{ text: marked('text', { events: 3 }) }, { inlineData: { mimeType: 'image/png', data: pixelPng } }] }]);
    assert.ok(response.text);
    assert.ok(JSON.stringify((await sim.lastRequest()).body).includes(`data:image/png;base64,${pixelPng}`));
  });

  test('a generated image', async ({ genai }) => {
    const response = await generate(genai, marked('image', { bytes: 300 }), { responseModalities: ['TEXT', 'IMAGE'] });
    const image = response.candidates[0].content.parts.find((part) => part.inlineData);
    assert.match(image.inlineData.mimeType, /^image\//);
    assert.ok(response.data.length > 0);
  });

  test('stop sequences end the answer', async ({ genai }) => {
    const { text } = await streamed(genai, marked('text', { events: 9, seq: 1 }), { stopSequences: ['5 '] });
    assert.equal(text, sequence(5));
  });

  test('a search says where its answer comes from', async ({ genai, sim }) => {
    await sim.script([{ web_search: 'weather oslo' }, { text: 'Sunny.' }]);
    const response = await generate(genai, 'weather?', { tools: [{ googleSearch: {} }] });
    assert.equal(response.text, 'Sunny.');
    assert.deepEqual(response.candidates[0].groundingMetadata.webSearchQueries, ['weather oslo']);
    assert.equal((await sim.lastRequest()).body.tools[0].type, 'web_search');
  });

  test('an answer cut at its length, a filtered one and a refusal', async ({ genai }) => {
    const finish = async (...scenario) => (await generate(genai, marked(...scenario))).candidates[0].finishReason;
    assert.equal(await finish('incomplete', { reason: 'max_output_tokens' }), 'MAX_TOKENS');
    assert.equal(await finish('incomplete', { reason: 'content_filter' }), 'SAFETY');
    assert.equal(await finish('refusal'), 'SAFETY');
  });

  test('abort stops the provider', async ({ genai, sim }) => {
    const controller = new AbortController();
    const stream = await genai.models.generateContentStream({ model: kModel, contents: marked('text', { events: 2000, interval_ms: 10 }), config: { abortSignal: controller.signal } });
    await assert.rejects(async () => {
      let seen = 0;
      for await (const chunk of stream) if (chunk && ++seen === 3) controller.abort();
    });
    await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
  });
});

sdkSuite('Google SDK: chats', {}, (test) => {
  test('a chat plays everything back, reasoning included', async ({ genai, sim }) => {
    await sim.script([{ reasoning: 'I need the weather' }, { function: 'get_weather', arguments: { city: 'Oslo' } }], [{ reasoning: 'Now I know' }, { text: 'Sunny in Oslo.' }], [{ text: 'You are welcome.' }]);
    const chat = genai.chats.create({ model: kModel, config: { tools: kTools } });
    const first = await chat.sendMessage({ message: 'weather in Oslo?' });
    const [call] = first.functionCalls;
    const second = await chat.sendMessage({ message: [{ functionResponse: { id: call.id, name: call.name, response: { output: 'sunny' } } }] });
    assert.equal(second.text, 'Sunny in Oslo.');
    let third = '';
    for await (const chunk of await chat.sendMessageStream({ message: 'thanks' })) third += chunk.text ?? '';
    assert.equal(third, 'You are welcome.');
    const { input } = (await sim.lastRequest()).body;
    assert.deepEqual(input.map((item) => item.type), ['message', 'reasoning', 'function_call', 'function_call_output', 'reasoning', 'message', 'message']);
    assert.ok(input.filter((item) => item.type === 'reasoning').every((item) => item.encrypted_content));
  });

  test('a chat goes on without its reasoning on an account that cannot read it', async ({ genai, gateway, sim }) => {
    await sim.script([{ reasoning: 'hm' }, { text: 'One.' }]);
    const chat = genai.chats.create({ model: kModel });
    await chat.sendMessage({ message: 'first' });
    for (const account of gateway.accounts) await sim.setScenario(account, { name: 'status', code: 400, kind: 'invalid_encrypted_content', count: 1 });
    const second = await chat.sendMessage({ message: 'second' });
    assert.ok(second.text);
    const { input } = (await sim.lastRequest()).body;
    assert.deepEqual(input.map((item) => item.type), ['message', 'message', 'message']);
  });

  test('a streamed answer is one text again in the next turn', async ({ genai, sim }) => {
    const chat = genai.chats.create({ model: kModel });
    for await (const chunk of await chat.sendMessageStream({ message: marked('text', { events: 12, seq: 1 }) })) assert.ok(chunk);
    await chat.sendMessage({ message: 'and now?' });
    const said = (await sim.lastRequest()).body.input.filter((item) => item.role === 'assistant');
    assert.equal(said.length, 1);
    assert.equal(said[0].content[0].text, sequence(12));
  });
});

sdkSuite('Google SDK: models', {}, (test) => {
  test('Google’s own names are served by models of their size', async ({ genai, sim }) => {
    const response = await genai.models.generateContent({ model: 'gemini-2.5-flash', contents: 'hi' });
    assert.ok(response.text);
    assert.equal(response.modelVersion, 'gemini-2.5-flash');
    assert.match((await sim.lastRequest()).body.model, /^gpt-/);
  });

  test('list and get', async ({ genai }) => {
    const names = [];
    for await (const model of await genai.models.list()) names.push(model.name);
    assert.ok(names.includes(`models/${kModel}`), names.join());
    const paged = [];
    for await (const model of await genai.models.list({ config: { pageSize: 2 } })) paged.push(model.name);
    assert.deepEqual(paged, names);
    const model = await genai.models.get({ model: kModel });
    assert.equal(model.name, `models/${kModel}`);
    assert.ok(model.inputTokenLimit > 0);
    assert.ok((await genai.models.get({ model: 'gemini-2.5-pro' })).name);
    await assert.rejects(genai.models.get({ model: 'nothing' }), (error) => error instanceof ApiError && error.status === 404);
  });
});

sdkSuite('Google SDK: without an account', { accounts: 0 }, (test) => {
  test('UNAVAILABLE, and not worth another try', async ({ genai }) => {
    const error = await generate(genai, 'hi').catch((caught) => caught);
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 503);
    const { status, details } = JSON.parse(error.message).error;
    assert.equal(status, 'UNAVAILABLE');
    assert.equal(details[0].reason, 'MODEL_CAPACITY_EXHAUSTED');
  });
});

sdkSuite('Google SDK: countTokens', {}, (test) => {
  test('counts without asking anybody', async ({ genai, sim }) => {
    const few = await genai.models.countTokens({ model: kModel, contents: 'The quick brown fox jumps over the lazy dog.' });
    assert.ok(few.totalTokens >= 8 && few.totalTokens <= 30, String(few.totalTokens));
    const many = await genai.models.countTokens({ model: kModel, contents: 'The quick brown fox jumps over the lazy dog. '.repeat(100) });
    assert.ok(many.totalTokens > 50 * 10);
    assert.equal((await sim.requests()).length, 0);
  });

  test('embeddings of a model that makes none are refused in so many words', async ({ genai }) => {
    const error = await genai.models.embedContent({ model: kModel, contents: 'hi' }).catch((caught) => caught);
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 400);
    assert.match(error.message, /makes no embeddings/);
  });
});

// A provider of the operator's own whose row says which of its models make embeddings.
const tiny = await new TinyProvider().start();
tiny.models = [{ id: 'tiny-embed', object: 'model', created: 1 }];
after(() => tiny.stop());
const mine = { base_url: tiny.baseUrl, allow_private: true, dialect: 'openai_chat', auth: { mode: 'none' }, models: { embeddings: ['*embed*'] } };

suite('Google SDK: embeddings', { accounts: 0, config: { ...config, providers: { mine } } }, (test) => {
  test('of one text and of several', async ({ gateway }) => {
    const genai = sdk(gateway);
    await gateway.json(['accounts', 'add', '--provider', 'mine']);
    const ask = (contents) => genai.models.embedContent({ model: 'tiny-embed', contents, config: { outputDimensionality: 3 } });
    const one = await eventually('the embedder', () => ask('seven').catch(() => undefined));
    assert.deepEqual(one.embeddings.map(({ values }) => values), [vectorOf('seven', 0)]);
    const several = await ask(['one', 'three']);
    assert.deepEqual(several.embeddings.map(({ values }) => values), [vectorOf('one', 0), vectorOf('three', 1)]);
    assert.equal(JSON.parse(tiny.asked('/embeddings').at(-1).body).dimensions, 3);
  });
});

sdkSuite('Google SDK: errors', {}, (test) => {
  const failure = (promise) => promise.then(() => assert.fail('no error'), (error) => (assert.ok(error instanceof ApiError, String(error)), { status: error.status, ...JSON.parse(error.message).error }));
  const rows = [
    ['a wrong key', 400, 'INVALID_ARGUMENT', ({ gateway }) => generate(new GoogleGenAI({ apiKey: 'pbk_wrong', httpOptions: { baseUrl: `http://127.0.0.1:${gateway.port}` } }), 'hi')],
    ['an unknown model', 404, 'NOT_FOUND', ({ genai }) => genai.models.generateContent({ model: 'nothing', contents: 'hi' })],
    ['a wrong request', 400, 'INVALID_ARGUMENT', ({ genai }) => generate(genai, [{ role: 'robot', parts: [{ text: 'hi' }] }])],
    ['an unsupported field', 400, 'INVALID_ARGUMENT', ({ genai }) => generate(genai, 'hi', { tools: [{ codeExecution: {} }] })],
    ['too long a context', 400, 'INVALID_ARGUMENT', ({ genai }) => generate(genai, marked('context_length_exceeded'))],
    ['a policy', 400, 'INVALID_ARGUMENT', ({ genai }) => generate(genai, marked('cyber_policy'))],
    ['a broken provider', 502, 'UNAVAILABLE', ({ genai }) => generate(genai, marked('500'))],
    ['an overloaded provider', 503, 'UNAVAILABLE', ({ genai }) => generate(genai, marked('503'))],
    ['a throttled provider', 429, 'RESOURCE_EXHAUSTED', ({ genai }) => generate(genai, marked('429', { retry_after: 11 }))],
    ['a silent provider', 504, 'DEADLINE_EXCEEDED', ({ genai }) => generate(genai, marked('stall', { at: 'head' }))],
  ];
  for (const [name, code, status, provoke] of rows) {
    test(name, async (context) => {
      const error = await failure(provoke(context));
      assert.equal(error.status, status);
      assert.equal(error.code, code);
      assert.ok(error.message);
      assert.equal(error.details[0].domain, 'patchbay');
    });
  }

  test('a stream that breaks off', async ({ genai }) => {
    let text = '';
    const stream = await genai.models.generateContentStream({ model: kModel, contents: marked('cut', { after: 3, events: 9, seq: 1 }) });
    await assert.rejects(async () => {
      for await (const chunk of stream) text += chunk.text ?? '';
    }, ApiError);
    assert.equal(text, sequence(3));
  });

  test('no account left says when', async ({ genai, gateway, sim }) => {
    for (const account of gateway.accounts) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 3600 });
    const error = await failure(generate(genai, 'hi'));
    assert.equal(error.status, 'RESOURCE_EXHAUSTED');
    const delay = error.details.find((detail) => detail['@type'].endsWith('RetryInfo')).retryDelay;
    assert.ok(Number.parseInt(delay, 10) > 300, delay);
  });
});
