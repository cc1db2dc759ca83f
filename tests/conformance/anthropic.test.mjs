// The official Anthropic SDK, pointed at the gateway: what a user's program does must simply work.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { assertHasMembers } from '../support/declarations.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const config = { accounts: { slots_per_account: 50 }, upstream: { first_byte_timeout: '3s', stall_timeout: '3s' } };
const user = (content) => ({ role: 'user', content });
const weather = {
  name: 'get_weather',
  description: 'The weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
};

// Retries would hide what the gateway answered, and make tests slow.
const sdk = (gateway, options = {}) => new Anthropic({ baseURL: `http://127.0.0.1:${gateway.port}`, apiKey: gateway.key, maxRetries: 0, ...options });

function sdkSuite(name, options, define) {
  suite(name, { accounts: 2, config, ...options }, (test) => define((title, body) => test(title, (context) => body({ ...context, anthropic: sdk(context.gateway) }))));
}

const body = (text, extra = {}) => ({ model: kModel, max_tokens: 4096, messages: [user(text)], ...extra });
const textOf = (message) => message.content.filter((block) => block.type === 'text').map((block) => block.text).join('');

sdkSuite('Anthropic SDK: messages', {}, (test) => {
  test('create', async ({ anthropic }) => {
    const { data, response, request_id } = await anthropic.messages.create(body(marked('text', { events: 9, seq: 1, cached: 5 }), { system: 'Be brief.' })).withResponse();
    assert.equal(textOf(data), sequence(9));
    assert.equal(data.stop_reason, 'end_turn');
    assert.equal(data.model, kModel);
    assert.equal(data.usage.cache_read_input_tokens, 5);
    assert.equal(data.usage.output_tokens, 9);
    assert.ok(data.usage.input_tokens > 0);
    for (const member of ['container', 'diagnostics', 'stop_details', 'stop_sequence']) assert.equal(data[member], null, member);
    assert.deepEqual(data.usage.cache_creation, { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: 0 });
    for (const member of ['inference_geo', 'speed', 'server_tool_use']) assert.equal(data.usage[member], null, member);
    assert.equal(request_id, response.headers.get('x-request-id'));
    assert.equal(response.headers.get('x-patchbay-ignored'), 'max_tokens');
  });

  test('create with stream: events in order, usage cumulative', async ({ anthropic }) => {
    const types = [];
    let text = '';
    let usage;
    for await (const event of await anthropic.messages.create(body(marked('text', { events: 30, seq: 1, interval_ms: 1 }), { stream: true }))) {
      types.push(event.type);
      if (event.type === 'content_block_delta') text += event.delta.text;
      if (event.type === 'message_delta') usage = event.usage;
    }
    assert.equal(text, sequence(30));
    assert.equal(usage.output_tokens, 30);
    assert.deepEqual([...new Set(types)], ['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop', 'message_delta', 'message_stop']);
  });

  test('the stream helper', async ({ anthropic }) => {
    const stream = anthropic.messages.stream(body(marked('text', { events: 12, unicode: 1 })));
    const deltas = [];
    stream.on('text', (delta) => deltas.push(delta));
    const final = await stream.finalMessage();
    assert.equal(deltas.join(''), textOf(final));
    assert.equal(final.usage.output_tokens, 12);
    assert.ok(final.usage.input_tokens > 0);
  });

  test('a tool round trip, streamed and whole', async ({ anthropic, sim }) => {
    for (const stream of [false, true]) {
      const request = body(marked('tools', { n: 1 }), { tools: [weather], tool_choice: { type: 'any' } });
      const first = stream ? await anthropic.messages.stream(request).finalMessage() : await anthropic.messages.create(request);
      assert.equal(first.stop_reason, 'tool_use');
      const call = first.content.find((block) => block.type === 'tool_use');
      assert.equal(typeof call.input.city, 'string');
      assert.match(call.id, /^[a-zA-Z0-9_-]+$/);
      assert.deepEqual(call.caller, { type: 'direct' });
      const results = [{ type: 'tool_result', tool_use_id: call.id, content: [{ type: 'text', text: 'sunny' }] }];
      const second = await anthropic.messages.create({ ...request, tool_choice: { type: 'auto' }, messages: [...request.messages, { role: 'assistant', content: first.content }, user(results)] });
      assert.match(textOf(second), /The tool said: sunny/);
      assert.equal((await sim.lastRequest()).body.input.filter((item) => item.type === 'function_call_output').length, 1);
    }
  });

  test('the tool runner', async ({ anthropic }) => {
    const asked = [];
    const tool = { ...weather, run: ({ city }) => (asked.push(city), `sunny in ${city}`), parse: (input) => input };
    const runner = anthropic.beta.messages.toolRunner({ ...body(marked('tools', { n: 1 })), tools: [tool], max_iterations: 4 });
    assert.match(textOf(await runner), /The tool said: sunny in/);
    assert.equal(asked.length, 1);
  });

  test('the tool runner: tools that come and go on the way', async ({ anthropic, sim }) => {
    const offered = async () => (await sim.requests()).map((request) => request.body.tools?.map((tool) => tool.name) ?? []);
    const runnable = (name) => ({ ...weather, name, run: () => `${name} ran`, parse: (input) => input });
    await sim.script(
      [{ function: 'get_weather', arguments: { city: 'Oslo' } }],
      [{ function: 'get_tide', arguments: { city: 'Oslo' } }],
      [{ text: 'Done.' }],
    );
    const runner = anthropic.beta.messages.toolRunner({ ...body('Weather, then tide'), tools: [runnable('get_weather'), runnable('get_moon')], max_iterations: 6 });
    let turns = 0;
    for await (const message of runner) {
      turns += 1;
      if (turns === 1) runner.addTools(runnable('get_tide'));
      if (turns === 2) runner.removeTools('get_moon');
      if (turns === 3) assert.equal(textOf(message), 'Done.');
    }
    assert.equal(turns, 3);
    assert.deepEqual(await offered(), [['get_weather', 'get_moon'], ['get_weather', 'get_moon', 'get_tide'], ['get_weather', 'get_tide']]);
    const results = (await sim.lastRequest()).body.input.filter((item) => item.type === 'function_call_output');
    assert.deepEqual(results.map((item) => JSON.stringify(item.output).includes('ran')), [true, true]);
  });

  test('the tool runner: a tool that was never there cannot be removed', async ({ anthropic, sim }) => {
    await sim.script([{ function: 'get_weather', arguments: { city: 'Oslo' } }]);
    const runner = anthropic.beta.messages.toolRunner({ ...body('Weather'), tools: [{ ...weather, run: () => 'sunny', parse: (input) => input }] });
    const error = await (async () => {
      for await (const message of runner) if (message.stop_reason === 'tool_use') runner.removeTools('get_moon');
    })().then(() => assert.fail('it went on'), (caught) => caught);
    assert.ok(error instanceof Anthropic.BadRequestError, String(error));
    assert.equal(error.constructor.name, 'ToolReferenceUnresolvedError');
    assert.match(error.message, /\/messages\/\d+\/content\/0\/tool\/name/);
    assert.equal((await sim.requests()).length, 1, 'the provider was asked');
  });

  test('deferred tools wait until something refers to them', async ({ anthropic, sim }) => {
    const search = { name: 'find_tool', description: 'Finds tools', input_schema: { type: 'object', properties: {} } };
    const request = body('hi', { tools: [search, { ...weather, defer_loading: true }] });
    const names = async () => (await sim.lastRequest()).body.tools.map((tool) => tool.name);
    await anthropic.messages.create(request);
    assert.deepEqual(await names(), ['find_tool']);
    const found = [
      ...request.messages,
      { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'find_tool', input: {}, caller: { type: 'direct' } }] },
      user([{ type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'tool_reference', tool_name: 'get_weather' }] }]),
    ];
    await anthropic.messages.create({ ...request, messages: found });
    assert.deepEqual(await names(), ['find_tool', 'get_weather']);
    assert.match(JSON.stringify((await sim.lastRequest()).body.input), /The tool 'get_weather' is available/);
    const count = async (messages) => (await anthropic.messages.countTokens({ model: kModel, tools: request.tools, messages })).input_tokens;
    assert.ok(await count(found) - await count(request.messages) > 40, 'the tool is counted once it is offered');
    const error = await anthropic.messages.create({ ...request, tools: [{ ...weather, defer_loading: true }] }).catch((caught) => caught);
    assert.ok(error instanceof Anthropic.BadRequestError, String(error));
    assert.match(error.message, /\/tools: every tool has defer_loading/);
  });

  test('a stream says at its start about how long the request is, and at its end exactly', async ({ anthropic }) => {
    const request = body(`${marked('text', { events: 3 })} ${'The quick brown fox jumps over the lazy dog. '.repeat(500)}`, { tools: [weather] });
    const counted = (await anthropic.messages.countTokens({ model: kModel, messages: request.messages, tools: request.tools })).input_tokens;
    let begun;
    let ended;
    for await (const event of await anthropic.messages.create({ ...request, stream: true })) {
      if (event.type === 'message_start') begun = event.message.usage.input_tokens;
      if (event.type === 'message_delta') ended = event.usage.input_tokens;
    }
    assert.ok(Math.abs(begun - counted) <= 0.15 * counted, `${begun} of ${counted}`);
    assert.equal(ended, (await anthropic.messages.create(request)).usage.input_tokens);
  });

  test('what the policy forbids in the middle ends as a refusal', async ({ anthropic, sim }) => {
    await sim.script({ output: [{ text: 'An answer that is forbidden in its middle' }], name: 'failed', code: 'cyber_policy', message: 'This request was flagged.', after: 2, interval_ms: 30 });
    const stream = anthropic.messages.stream(body('hi'));
    const message = await stream.finalMessage();
    assert.equal(message.stop_reason, 'refusal');
    assert.ok(textOf(message).length > 0);
    assert.equal(message.stop_details.category, null);
    assert.equal(message.stop_details.explanation, 'This request was flagged.');
  });

  test('parallel tools, and one at a time when asked', async ({ anthropic }) => {
    const stream = anthropic.messages.stream(body(marked('tools', { n: 3 }), { tools: [weather] }));
    const inputs = [];
    stream.on('contentBlock', (block) => block.type === 'tool_use' && inputs.push(block.input));
    const final = await stream.finalMessage();
    const calls = final.content.filter((block) => block.type === 'tool_use');
    assert.equal(new Set(calls.map((call) => call.id)).size, 3);
    assert.deepEqual(inputs, calls.map((call) => call.input));
    const one = await anthropic.messages.create(body(marked('tools', { n: 3 }), { tools: [weather], tool_choice: { type: 'auto', disable_parallel_tool_use: true } }));
    assert.equal(one.content.length, 1);
    const none = await anthropic.messages.create(body('hello', { tools: [weather], tool_choice: { type: 'none' } }));
    assert.equal(none.stop_reason, 'end_turn');
  });

  test('structured output', async ({ anthropic }) => {
    const schema = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false };
    const message = await anthropic.messages.create(body('JSON please', { output_config: { format: { type: 'json_schema', schema } } }));
    assert.equal(typeof JSON.parse(textOf(message)).answer, 'string');
    const loose = { ...schema, properties: { ...schema.properties, note: { type: 'string' } } };
    const other = await anthropic.messages.create(body('JSON please', { output_config: { format: { type: 'json_schema', schema: loose } } }));
    assert.equal(typeof JSON.parse(textOf(other)).answer, 'string');
  });

  test('vision and documents', async ({ anthropic, sim }) => {
    const content = [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixelPng } },
      { type: 'image', source: { type: 'url', url: 'https://example.com/picture.png' } },
      { type: 'document', title: 'paper.pdf', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQK' } },
      { type: 'text', text: marked('text', { events: 3 }, 'what is it?') },
    ];
    assert.ok(textOf(await anthropic.messages.create(body(content))));
    const sent = JSON.stringify((await sim.lastRequest()).body);
    for (const piece of [pixelPng, 'https://example.com/picture.png', 'JVBERi0xLjQK', 'paper.pdf']) assert.ok(sent.includes(piece), piece);
  });

  test('thinking is shown, and its signature continues the chain of thought', async ({ anthropic, sim }) => {
    const request = body(marked('reasoning', { events: 4, seq: 1 }), { thinking: { type: 'enabled', budget_tokens: 2000 } });
    const stream = anthropic.messages.stream(request);
    let thought = '';
    stream.on('thinking', (delta) => (thought += delta));
    const first = await stream.finalMessage();
    assert.equal(first.content[0].type, 'thinking');
    assert.equal(first.content[0].thinking, thought);
    assert.ok(first.content[0].signature);
    assert.equal(first.usage.output_tokens_details.thinking_tokens, 64);
    const sent = (await sim.lastRequest()).body;
    assert.equal(sent.reasoning.effort, 'low');
    await anthropic.messages.create({ ...request, messages: [...request.messages, { role: 'assistant', content: first.content }, user('And now?')] });
    const replayed = (await sim.lastRequest()).body.input.find((item) => item.type === 'reasoning');
    assert.ok(replayed.encrypted_content);
    assert.match(replayed.id, /^rs_/);
    const hidden = await anthropic.messages.create(body(marked('reasoning', { events: 4 })));
    assert.ok(hidden.content.every((block) => block.type === 'text'), 'thinking that nobody asked for');
  });

  test('reasoning sealed by another account is left out, unseen', async ({ anthropic, gateway, sim }) => {
    const request = body(marked('reasoning', { events: 4 }), { thinking: { type: 'adaptive' } });
    const first = await anthropic.messages.create(request);
    const used = (await sim.lastRequest()).account;
    await sim.setScenario(gateway.accounts.find((account) => account.id === used), { name: '429', retry_after: 11, count: 1 });
    const { data: second, response } = await anthropic.messages.create({ ...request, messages: [...request.messages, { role: 'assistant', content: first.content }, user(marked('text', { events: 2, seq: 1 }))] }).withResponse();
    assert.equal(textOf(second), sequence(2));
    assert.equal(response.headers.get('x-patchbay-repaired'), 'sealed_reasoning');
    const { account, body: sent } = await sim.lastRequest();
    assert.notEqual(account, used);
    assert.ok(sent.input.every((item) => item.type !== 'reasoning'));
  });

  test('models by their Claude names, and an effort that the model has', async ({ anthropic, sim }) => {
    const message = await anthropic.messages.create(body('hi', { model: 'claude-sonnet-4-5', thinking: { type: 'disabled' } }));
    assert.equal(message.model, 'claude-sonnet-4-5');
    const { body: sent } = await sim.lastRequest();
    assert.match(sent.model, /^gpt-/);
    assert.equal(sent.reasoning.effort, 'low');
    await anthropic.messages.create(body('hi', { output_config: { effort: 'max' } }));
    assert.equal((await sim.lastRequest()).body.reasoning.effort, 'xhigh');
  });

  test('models.list and models.retrieve', async ({ anthropic, gateway }) => {
    const ids = [];
    for await (const model of anthropic.models.list({ limit: 3 })) ids.push(model.id);
    assert.ok(ids.includes(kModel));
    assert.equal(new Set(ids).size, ids.length);
    const model = await anthropic.models.retrieve(kModel);
    assert.equal(model.type, 'model');
    const file = '@anthropic-ai/sdk/resources/models.d.ts';
    const { capabilities } = model;
    for (const [object, name] of [[model, 'ModelInfo'], [capabilities, 'ModelCapabilities'], [capabilities.effort, 'EffortCapability'], [capabilities.thinking.types, 'ThinkingTypes'], [capabilities.server_tools, 'ServerToolsCapability'], [capabilities.context_management, 'ContextManagementCapability']]) assertHasMembers(object, file, name);
    await assert.rejects(anthropic.models.retrieve('nothing'), Anthropic.NotFoundError);
    const doubled = sdk(gateway, { baseURL: `http://127.0.0.1:${gateway.port}/v1` });
    const again = [];
    for await (const each of doubled.models.list()) again.push(each.id);
    assert.deepEqual(again, ids);
  });

  test('stop sequences', async ({ anthropic }) => {
    for (const stream of [false, true]) {
      const request = body(marked('text', { events: 9, seq: 1 }), { stop_sequences: ['nothing', ' 4'] });
      const message = stream ? await anthropic.messages.stream(request).finalMessage() : await anthropic.messages.create(request);
      assert.equal(textOf(message), '0 1 2 3');
      assert.equal(message.stop_reason, 'stop_sequence');
      assert.equal(message.stop_sequence, ' 4');
    }
  });

  test('every other ending', async ({ anthropic }) => {
    const ending = async (scenario, params) => (await anthropic.messages.create(body(marked(scenario, params)))).stop_reason;
    assert.equal(await ending('incomplete', { events: 3 }), 'max_tokens');
    assert.equal(await ending('incomplete', { events: 3, reason: 'content_filter' }), 'refusal');
    assert.equal(await ending('refusal'), 'refusal');
  });

  test('web search', async ({ anthropic }) => {
    const message = await anthropic.messages.create(body(marked('web_search'), { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }));
    assert.deepEqual(message.content.map((block) => block.type), ['server_tool_use', 'web_search_tool_result', 'text']);
    assert.equal(message.usage.server_tool_use.web_search_requests, 1);
    assert.equal(message.content[2].citations[0].url, 'https://example.com/weather');
    const next = await anthropic.messages.create(body('x', { messages: [user('search'), { role: 'assistant', content: message.content }, user('and?')] }));
    assert.equal(next.stop_reason, 'end_turn');
  });

  test('count_tokens', async ({ anthropic, sim }) => {
    const counted = await anthropic.messages.countTokens({ model: kModel, system: 'Be brief.', tools: [weather], messages: [user('The quick brown fox jumps over the lazy dog.')] });
    assert.ok(counted.input_tokens > 20 && counted.input_tokens < 100, String(counted.input_tokens));
    assert.equal((await sim.requests()).length, 0);
  });

  test('the beta namespace', async ({ anthropic }) => {
    const message = await anthropic.beta.messages.create({ ...body(marked('text', { events: 2, seq: 1 })), betas: ['context-management-2025-06-27'], context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] } });
    assert.equal(textOf(message), sequence(2));
  });

  test('abort stops the provider', async ({ anthropic, sim }) => {
    const stream = anthropic.messages.stream(body(marked('text', { events: 2000, interval_ms: 10 })));
    let seen = 0;
    await assert.rejects(async () => {
      for await (const event of stream) if (event.type === 'content_block_delta' && ++seen === 3) stream.abort();
      await stream.finalMessage();
    }, Anthropic.APIUserAbortError);
    await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
  });
});

sdkSuite('Anthropic SDK: errors', {}, (test) => {
  const create = (anthropic, text, extra = {}) => anthropic.messages.create(body(text, extra)).then(() => assert.fail('it succeeded'), (error) => error);

  // What happens, the SDK's class, the wire's type.
  for (const [scenario, status, type] of [
    ['context_length_exceeded', 400, 'invalid_request_error'],
    ['cyber_policy', 403, 'permission_error'],
    ['500', 502, 'api_error'],
    ['overloaded', 529, 'overloaded_error'],
    ['502', 502, 'api_error'],
    ['stall at=head', 504, 'timeout_error'],
  ]) {
    test(`${scenario} is ${type}`, async ({ anthropic }) => {
      const error = await create(anthropic, `[[sim:${scenario}]] hi`);
      const classes = { 400: Anthropic.BadRequestError, 403: Anthropic.PermissionDeniedError };
      assert.ok(error instanceof (classes[status] ?? Anthropic.InternalServerError), String(error));
      assert.equal(error.status, status);
      assert.equal(error.error.type, 'error');
      assert.equal(error.error.error.type, type);
      assert.ok(error.requestID);
      if (scenario === 'context_length_exceeded') assert.match(error.message, /prompt is too long/);
    });
  }

  test('a throttle is a RateLimitError that says when to come back', async ({ anthropic }) => {
    const error = await create(anthropic, marked('429', { retry_after: 20 }));
    assert.ok(error instanceof Anthropic.RateLimitError, String(error));
    assert.equal(error.error.error.type, 'rate_limit_error');
    const wait = Number(error.headers.get('retry-after'));
    assert.ok(wait > 0 && wait <= 60, String(wait));
    assert.equal(error.headers.get('x-should-retry'), 'true');
  });

  test('a wrong key is an AuthenticationError', async ({ gateway }) => {
    const error = await create(sdk(gateway, { apiKey: 'pbk_wrong' }), 'hi');
    assert.ok(error instanceof Anthropic.AuthenticationError, String(error));
    assert.equal(error.error.error.type, 'authentication_error');
    const bearer = new Anthropic({ baseURL: `http://127.0.0.1:${gateway.port}`, apiKey: null, authToken: gateway.key, maxRetries: 0 });
    assert.ok((await bearer.messages.create(body('hi'))).id);
  });

  test('an unknown model is a NotFoundError', async ({ anthropic }) => {
    const error = await create(anthropic, 'hi', { model: 'nothing' });
    assert.ok(error instanceof Anthropic.NotFoundError, String(error));
    assert.equal(error.error.error.type, 'not_found_error');
  });

  test('a wrong request is a BadRequestError that names the place', async ({ anthropic, client }) => {
    const error = await create(anthropic, 'hi', { messages: [user([{ type: 'hologram' }])] });
    assert.ok(error instanceof Anthropic.BadRequestError, String(error));
    assert.match(error.message, /\/messages\/0\/content\/0\/type/);
    const unsupported = await create(anthropic, 'hi', { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] });
    assert.ok(unsupported instanceof Anthropic.BadRequestError, String(unsupported));
    assert.match(unsupported.message, /\/tools\/0\/type/);
    const answer = await client.post('/v1/messages', '{"model": nonsense}');
    assert.equal(answer.status, 400);
    assert.match(answer.json().error.message, /line 1, column/);
  });

  test('a stream that breaks off is an APIError', async ({ anthropic }) => {
    let text = '';
    await assert.rejects(async () => {
      for await (const event of await anthropic.messages.create(body(marked('cut', { after: 3, events: 9, seq: 1 }), { stream: true }))) {
        if (event.type === 'content_block_delta') text += event.delta.text;
      }
    }, Anthropic.APIError);
    assert.equal(text, sequence(3));
  });

  test('a used-up pool is a RateLimitError at once, and says when', async ({ gateway, sim }) => {
    for (const account of gateway.accounts) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 3600 });
    const before = Date.now();
    const error = await create(sdk(gateway, { maxRetries: 2 }), 'hi');
    assert.ok(error instanceof Anthropic.RateLimitError, String(error));
    assert.ok(Number(error.headers.get('retry-after')) <= 60);
    assert.equal(error.headers.get('x-should-retry'), 'false');
    assert.match(error.message, /it resets at \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/);
    assert.ok(Date.now() - before < 20_000, 'the SDK kept trying');
  });
});

sdkSuite('Anthropic SDK: without any account', { accounts: 0 }, (test) => {
  test('is an InternalServerError that is not retried', async ({ gateway }) => {
    const before = Date.now();
    const error = await sdk(gateway, { maxRetries: 4 }).messages.create(body('hi')).catch((caught) => caught);
    assert.ok(error instanceof Anthropic.InternalServerError, String(error));
    assert.equal(error.status, 503);
    assert.equal(error.error.error.type, 'api_error');
    assert.ok(Date.now() - before < 5_000, 'the SDK kept trying');
  });
});
