// The official OpenAI SDK, pointed at the gateway: what a user's program does must simply work.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import OpenAI from 'openai';
import { makeParseableResponseFormat } from 'openai/lib/parser';
import { kModel, marked, pixelPng, sequence, weatherTool } from '../support/bodies.mjs';
import { repository } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { TinyProvider, vectorOf } from '../support/tiny_provider.mjs';
import { eventually } from '../support/wait.mjs';

const config = { accounts: { slots_per_account: 50 }, upstream: { first_byte_timeout: '3s', stall_timeout: '3s' } };
const user = (content) => ({ role: 'user', content });

// Retries would hide what the gateway answered, and make tests slow.
const sdk = (gateway, options = {}) => new OpenAI({ baseURL: `http://127.0.0.1:${gateway.port}/v1`, apiKey: gateway.key, maxRetries: 0, ...options });

function sdkSuite(name, options, define) {
  suite(name, { accounts: 2, config, ...options }, (test) => define((title, body) => test(title, (context) => body({ ...context, openai: sdk(context.gateway) }))));
}

sdkSuite('OpenAI SDK: chat completions', {}, (test) => {
  test('create', async ({ openai }) => {
    const { data, response } = await openai.chat.completions.create({ model: kModel, messages: [user(marked('text', { events: 9, seq: 1 }))] }).withResponse();
    assert.equal(data.choices[0].message.content, sequence(9));
    assert.equal(data.choices[0].finish_reason, 'stop');
    assert.ok(data.usage.total_tokens > 0);
    assert.equal(data.service_tier, 'default');
    assert.ok(response.headers.get('x-request-id'));
  });

  test('create with stream', async ({ openai }) => {
    const stream = await openai.chat.completions.create({ model: kModel, stream: true, stream_options: { include_usage: true }, messages: [user(marked('text', { events: 60, seq: 1, interval_ms: 2 }))] });
    let text = '';
    let usage = null;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, sequence(60));
    assert.equal(usage.completion_tokens, 60);
  });

  test('the stream helper', async ({ openai }) => {
    const runner = openai.chat.completions.stream({ model: kModel, messages: [user(marked('reasoning', { events: 12, seq: 1 }))] });
    const deltas = [];
    runner.on('content', (delta) => deltas.push(delta));
    const final = await runner.finalChatCompletion();
    assert.equal(deltas.join(''), sequence(12));
    assert.equal(final.choices[0].message.content, sequence(12));
  });

  test('runTools calls our functions and carries on', async ({ openai }) => {
    const asked = [];
    const tool = { type: 'function', function: { ...weatherTool.function, parse: JSON.parse, function: ({ city }) => (asked.push(city), `sunny in ${city}`) } };
    for (const stream of [false, true]) {
      const runner = openai.chat.completions.runTools({ model: kModel, stream, messages: [user(marked('tools', { n: 1 }))], tools: [tool] });
      assert.match(await runner.finalContent(), /The tool said: sunny in/);
    }
    assert.equal(asked.length, 2);
    assert.ok(asked.every((city) => typeof city === 'string'));
  });

  test('parallel tool calls through the stream helper', async ({ openai }) => {
    const runner = openai.chat.completions.stream({ model: kModel, messages: [user(marked('tools', { n: 3 }))], tools: [weatherTool], parallel_tool_calls: true });
    const done = [];
    runner.on('tool_calls.function.arguments.done', (call) => done.push(call));
    const final = await runner.finalChatCompletion();
    assert.equal(final.choices[0].finish_reason, 'tool_calls');
    const calls = final.choices[0].message.tool_calls;
    assert.equal(calls.length, 3);
    assert.equal(new Set(calls.map((call) => call.id)).size, 3);
    assert.equal(done.length, 3);
    for (const call of calls) assert.equal(typeof JSON.parse(call.function.arguments).city, 'string');
  });

  test('parse with a JSON schema', async ({ openai }) => {
    const schema = { type: 'object', properties: { steps: { type: 'array', items: { type: 'string' } }, answer: { type: 'string' } }, required: ['steps', 'answer'], additionalProperties: false };
    const response_format = makeParseableResponseFormat({ type: 'json_schema', json_schema: { name: 'solution', strict: true, schema } }, JSON.parse);
    const completion = await openai.chat.completions.parse({ model: kModel, messages: [user('solve it')], response_format });
    const { parsed } = completion.choices[0].message;
    assert.ok(Array.isArray(parsed.steps));
    assert.equal(typeof parsed.answer, 'string');
  });

  test('vision', async ({ openai, sim }) => {
    const content = [{ type: 'text', text: marked('text', { events: 3 }, 'what is it?') }, { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}` } }];
    const completion = await openai.chat.completions.create({ model: kModel, messages: [user(content)] });
    assert.ok(completion.choices[0].message.content);
    assert.ok(JSON.stringify((await sim.lastRequest()).body).includes(pixelPng));
  });

  test('a refusal is a refusal', async ({ openai }) => {
    const completion = await openai.chat.completions.create({ model: kModel, messages: [user(marked('refusal'))] });
    assert.match(completion.choices[0].message.refusal, /can't help/);
  });

  test('abort stops the provider', async ({ openai, sim }) => {
    const stream = await openai.chat.completions.create({ model: kModel, stream: true, messages: [user(marked('text', { events: 2000, interval_ms: 10 }))] });
    let seen = 0;
    for await (const chunk of stream) {
      seen += chunk.choices.length;
      if (seen === 3) stream.controller.abort();
    }
    await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
  });
});

sdkSuite('OpenAI SDK: responses', {}, (test) => {
  test('create', async ({ openai }) => {
    const response = await openai.responses.create({ model: kModel, input: marked('text', { events: 9, seq: 1 }) });
    assert.equal(response.output_text, sequence(9));
    assert.equal(response.status, 'completed');
    assert.equal(response.usage.output_tokens, 9);
  });

  test('create with stream', async ({ openai }) => {
    const stream = await openai.responses.create({ model: kModel, stream: true, instructions: 'Be brief.', input: [user(marked('text', { events: 25, seq: 1 }))] });
    let text = '';
    let last;
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      last = event;
    }
    assert.equal(text, sequence(25));
    assert.equal(last.type, 'response.completed');
  });

  test('the stream helper', async ({ openai }) => {
    for (const scenario of ['text', 'reasoning']) {
      const stream = openai.responses.stream({ model: kModel, input: marked(scenario, { events: 15, seq: 1 }) });
      let text = '';
      for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
      const final = await stream.finalResponse();
      assert.equal(text, sequence(15));
      assert.equal(final.output_text, sequence(15), scenario);
    }
  });

  test('tools, two turns', async ({ openai }) => {
    const tools = [{ type: 'function', name: 'get_weather', parameters: weatherTool.function.parameters, strict: true }];
    const input = [user(marked('tools', { n: 2 }))];
    const first = await openai.responses.create({ model: kModel, input, tools });
    const calls = first.output.filter((item) => item.type === 'function_call');
    assert.equal(calls.length, 2);
    const outputs = calls.map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: `sunny in ${JSON.parse(call.arguments).city}` }));
    const second = await openai.responses.create({ model: kModel, input: [...input, ...first.output, ...outputs], tools });
    assert.match(second.output_text, /The tool said: sunny in/);
  });

  test('structured output', async ({ openai }) => {
    const schema = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false };
    const response = await openai.responses.create({ model: kModel, input: 'JSON please', text: { format: { type: 'json_schema', name: 'shape', strict: true, schema } } });
    assert.equal(typeof JSON.parse(response.output_text).answer, 'string');
  });
});

sdkSuite('OpenAI SDK: completions, images, embeddings', {}, (test) => {
  test('legacy completions, whole and streamed', async ({ openai, sim }) => {
    const prompt = marked('text', { events: 9, seq: 1 });
    const completion = await openai.completions.create({ model: kModel, prompt, echo: true });
    assert.equal(completion.choices[0].text, prompt + sequence(9));
    assert.equal(completion.choices[0].finish_reason, 'stop');
    assert.equal(completion.usage.completion_tokens, 9);
    let text = '';
    let usage;
    for await (const chunk of await openai.completions.create({ model: kModel, prompt, stream: true, stream_options: { include_usage: true } })) {
      text += chunk.choices[0]?.text ?? '';
      usage = chunk.usage ?? usage;
    }
    assert.equal(text, sequence(9));
    assert.equal(usage.completion_tokens, 9);
    assert.match((await sim.lastRequest()).body.instructions, /Continue the user's text/);
    await assert.rejects(openai.completions.create({ model: kModel, prompt: ['a', 'b'] }), OpenAI.BadRequestError);
  });

  test('images.generate, whole and streamed', async ({ openai, sim }) => {
    const image = await openai.images.generate({ model: 'gpt-image-1', prompt: 'A cat', size: '1024x1024', output_format: 'png' });
    assert.match(image.data[0].b64_json, /^iVBOR/);
    assert.equal(image.size, '1024x1024');
    assert.ok(image.usage.total_tokens > 0);
    const { body } = await sim.lastRequest();
    assert.deepEqual(body.tools, [{ type: 'image_generation', size: '1024x1024', output_format: 'png' }]);
    const types = [];
    for await (const event of await openai.images.generate({ model: 'gpt-image-1', prompt: 'A cat', stream: true, partial_images: 1 })) {
      types.push(event.type);
      assert.match(event.b64_json, /^iVBOR/);
    }
    assert.deepEqual(types, ['image_generation.partial_image', 'image_generation.completed']);
    await assert.rejects(openai.images.generate({ model: 'gpt-image-1', prompt: 'A cat', n: 2 }), OpenAI.BadRequestError);
  });

  test('images.edit sends its form', async ({ openai, sim }) => {
    const file = await OpenAI.toFile(Buffer.from(pixelPng, 'base64'), 'pixel.png', { type: 'image/png' });
    const image = await openai.images.edit({ model: 'gpt-image-1', image: [file], prompt: 'Add a hat' });
    assert.match(image.data[0].b64_json, /^iVBOR/);
    const content = (await sim.lastRequest()).body.input[0].content;
    assert.deepEqual(content.map((part) => part.type), ['input_text', 'input_image']);
    assert.ok(content[1].image_url.includes(pixelPng));
  });

  test('a model that answers in words made no image', async ({ openai }) => {
    const error = await openai.images.generate({ prompt: marked('text', { events: 3, seq: 1 }) }).catch((caught) => caught);
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.match(error.message, /the model said: 0 1 2/);
  });

  test('embeddings of a model that makes none are refused plainly', async ({ openai }) => {
    const error = await openai.embeddings.create({ model: kModel, input: 'x' }).catch((caught) => caught);
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.match(error.message, /makes no embeddings/);
  });
});

// A provider of the operator's own whose row says which of its models make embeddings.
const tiny = await new TinyProvider().start();
tiny.models = [{ id: 'tiny-embed', object: 'model', created: 1 }];
after(() => tiny.stop());
const mine = { base_url: tiny.baseUrl, allow_private: true, dialect: 'openai_chat', auth: { mode: 'none' }, models: { embeddings: ['*embed*'] } };

suite('OpenAI SDK: embeddings', { accounts: 0, config: { ...config, providers: { mine } } }, (test) => {
  test('of one text and of several, in base64 as the SDK asks for it and in floats', async ({ gateway }) => {
    const openai = sdk(gateway);
    await gateway.json(['accounts', 'add', '--provider', 'mine']);
    await eventually('the embedder', () => openai.embeddings.create({ model: 'tiny-embed', input: 'a' }).catch(() => undefined));
    for (const packs of [true, false]) {
      tiny.packs = packs;
      const one = await openai.embeddings.create({ model: 'tiny-embed', input: 'seven' });
      assert.equal(JSON.parse(tiny.asked('/embeddings').at(-1).body).encoding_format, 'base64');
      assert.deepEqual(Array.from(one.data[0].embedding), vectorOf('seven', 0), `packs: ${packs}`);
      assert.equal(one.usage.total_tokens, 5);
      const several = await openai.embeddings.create({ model: 'tiny-embed', input: ['one', 'three'], encoding_format: 'float', dimensions: 3 });
      const inOrder = several.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding);
      assert.deepEqual(inOrder, [vectorOf('one', 0), vectorOf('three', 1)]);
    }
  });
});

test('the class that the README names for each problem is the one that the SDK raises', () => {
  const readme = readFileSync(path.join(repository, 'workers/frontend/dialects/openai_chat/README.md'), 'utf8');
  const table = readme.slice(readme.indexOf('| problem |')).split('\n\n')[0].split('\n').slice(2);
  assert.ok(table.length > 20);
  for (const line of table) {
    const [, problem, status, type, code, name] = line.split('|').map((cell) => cell.trim().replaceAll('`', ''));
    const raised = OpenAI.APIError.generate(Number(status), { error: { message: 'm', type, code, param: null } }, undefined, new Headers());
    assert.equal(raised.constructor.name, name, problem);
    assert.equal(raised.code, code);
  }
});

sdkSuite('OpenAI SDK: models and errors', {}, (test) => {
  test('models.list and models.retrieve', async ({ openai }) => {
    const ids = [];
    for await (const model of openai.models.list()) ids.push(model.id);
    assert.ok(ids.includes(kModel));
    assert.equal((await openai.models.retrieve(kModel)).id, kModel);
    await assert.rejects(openai.models.retrieve('nothing'), OpenAI.NotFoundError);
  });

  const create = (openai, text, extra = {}) => openai.chat.completions.create({ model: kModel, messages: [user(text)], ...extra });

  test('AuthenticationError for a wrong key', async ({ gateway }) => {
    const error = await create(sdk(gateway, { apiKey: 'pbk_wrong' }), 'hi').catch((caught) => caught);
    assert.ok(error instanceof OpenAI.AuthenticationError, String(error));
    assert.equal(error.code, 'invalid_api_key');
  });

  test('NotFoundError for an unknown model', async ({ openai }) => {
    const error = await create(openai, 'hi', { model: 'nothing' }).catch((caught) => caught);
    assert.ok(error instanceof OpenAI.NotFoundError, String(error));
    assert.equal(error.code, 'model_not_found');
  });

  test('BadRequestError for a wrong request', async ({ openai }) => {
    const error = await create(openai, 'hi', { messages: [] }).catch((caught) => caught);
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.type, 'invalid_request_error');
    await assert.rejects(create(openai, marked('context_length_exceeded')), OpenAI.BadRequestError);
  });

  test('InternalServerError for a broken provider', async ({ openai }) => {
    await assert.rejects(create(openai, marked('500')), OpenAI.InternalServerError);
  });

  test('APIError inside a stream that breaks off', async ({ openai }) => {
    const stream = await create(openai, marked('cut', { after: 3, events: 9, seq: 1 }), { stream: true });
    let text = '';
    await assert.rejects(async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta?.content ?? '';
    }, OpenAI.APIError);
    assert.equal(text, sequence(3));
  });

  test('RateLimitError when every account is used up, and no retry of the SDK', async ({ gateway, sim }) => {
    for (const account of gateway.accounts) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 3600 });
    const before = Date.now();
    const error = await create(sdk(gateway, { maxRetries: 2 }), 'hi').catch((caught) => caught);
    assert.ok(error instanceof OpenAI.RateLimitError, String(error));
    assert.ok(error.headers.get('retry-after'));
    assert.ok(Date.now() - before < 20_000, 'the SDK kept trying');
  });
});
