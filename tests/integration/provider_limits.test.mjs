// What the provider would refuse is made acceptable on the way out and given back on the way in, in every client dialect.
import assert from 'node:assert/strict';
import { kModel, marked, responses, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

/**
 * The dialects in one form: `ask(client, {tools, turns, …})` posts a conversation and gives {status, headers, text, calls}.
 * A turn is {user}, {calls: [{id, name, args}]} or {results: [{id, name, text}]}.
 */
const kDialects = {
  chat: async (client, { tools = [], turns, extra = {} }) => {
    const messages = turns.flatMap((turn) => {
      if (turn.user) return [{ role: 'user', content: turn.user }];
      if (turn.results) return turn.results.map((result) => ({ role: 'tool', tool_call_id: result.id, content: result.text }));
      return [{ role: 'assistant', content: null, tool_calls: turn.calls.map((call) => ({ id: call.id, type: 'function', function: { name: call.name, arguments: JSON.stringify(call.args ?? {}) } })) }];
    });
    const answer = await client.post('/v1/chat/completions', {
      model: kModel, messages, ...extra,
      ...(tools.length ? { tools: tools.map((tool) => ({ type: 'function', function: { name: tool.name, parameters: tool.schema } })) } : {}),
    });
    const message = answer.status === 200 ? answer.json().choices[0].message : {};
    return { answer, text: message.content, calls: (message.tool_calls ?? []).map((call) => ({ id: call.id, name: call.function.name })) };
  },
  messages: async (client, { tools = [], turns, extra = {} }) => {
    const messages = turns.map((turn) => {
      if (turn.user) return { role: 'user', content: turn.user };
      if (turn.results) return { role: 'user', content: turn.results.map((result) => ({ type: 'tool_result', tool_use_id: result.id, content: result.text })) };
      return { role: 'assistant', content: turn.calls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: call.args ?? {} })) };
    });
    const answer = await client.post('/v1/messages', {
      model: kModel, max_tokens: 1000, messages, ...extra,
      ...(tools.length ? { tools: tools.map((tool) => ({ name: tool.name, input_schema: tool.schema })) } : {}),
    });
    const content = answer.status === 200 ? answer.json().content : [];
    return {
      answer,
      text: content.filter((block) => block.type === 'text').map((block) => block.text).join(''),
      calls: content.filter((block) => block.type === 'tool_use').map((block) => ({ id: block.id, name: block.name })),
    };
  },
  gemini: async (client, { tools = [], turns, extra = {} }) => {
    const contents = turns.map((turn) => {
      if (turn.user) return { role: 'user', parts: [{ text: turn.user }] };
      if (turn.results) return { role: 'user', parts: turn.results.map((result) => ({ functionResponse: { id: result.id, name: result.name, response: { output: result.text } } })) };
      return { role: 'model', parts: turn.calls.map((call) => ({ functionCall: { id: call.id, name: call.name, args: call.args ?? {} } })) };
    });
    const answer = await client.post(`/v1beta/models/${kModel}:generateContent`, {
      contents, ...extra,
      ...(tools.length ? { tools: [{ functionDeclarations: tools.map((tool) => ({ name: tool.name, parametersJsonSchema: tool.schema })) }] } : {}),
    });
    const parts = answer.status === 200 ? answer.json().candidates[0].content.parts : [];
    return {
      answer,
      text: parts.map((part) => part.text ?? '').join(''),
      calls: parts.filter((part) => part.functionCall).map((part) => ({ id: part.functionCall.id, name: part.functionCall.name })),
    };
  },
};

const kSchema = { type: 'object', properties: { city: { type: 'string' } } };
// Stops at the fifth word of a counted text.
const kStops = { chat: { stop: ['4', '7'] }, messages: { stop_sequences: ['4', '7'] }, gemini: { generationConfig: { stopSequences: ['4', '7'] } } };
const kFormats = {
  chat: (schema) => ({ response_format: { type: 'json_schema', json_schema: { name: 'data', schema, strict: true } } }),
  messages: (schema) => ({ output_config: { format: { type: 'json_schema', schema } } }),
  gemini: (schema) => ({ generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema } }),
};
const city = { type: 'string' };
/** What the backend refuses, each with a property `city` that must survive. */
const kOddSchemas = {
  'an array that does not say of what': { schema: { type: 'object', properties: { city, list: { type: 'array' }, deep: { type: 'array', items: { type: 'array' } } } }, loses: false },
  'a pattern of another engine': { schema: { type: 'object', properties: { city: { ...city, pattern: '^\\p{L}+$' } } } },
  'a set as an end of a range': { schema: { type: 'object', properties: { city: { ...city, pattern: '^[\\w-.]+$' } } } },
  'anyOf at the root': { schema: { anyOf: [{ type: 'object', properties: { city }, required: ['city'] }, { type: 'object', properties: { town: city } }] } },
  'oneOf beside properties': { schema: { type: 'object', properties: { city }, oneOf: [{ required: ['city'] }, {}] } },
  'allOf at the root': { schema: { allOf: [{ $ref: '#/$defs/base' }, { properties: { list: { type: 'array' } } }], $defs: { base: { type: 'object', properties: { city } } } } },
  'not at the root': { schema: { type: 'object', properties: { city }, not: { required: ['town'] } } },
  'a reference at the root': { schema: { $ref: '#/definitions/args', definitions: { args: { type: 'object', properties: { city } } } }, loses: false },
  'a reference that leads nowhere': { schema: { type: 'object', properties: { city, other: { $ref: '#/$defs/gone' } } } },
  'an unknown type': { schema: { type: 'object', properties: { city, other: { type: 'any' } } } },
  'required on a property': { schema: { type: 'object', properties: { city: { ...city, required: true } } } },
  'an old limit': { schema: { type: 'object', properties: { city, n: { type: 'number', minimum: 1, exclusiveMinimum: true } } }, loses: false },
  'a list of items': { schema: { type: 'object', properties: { city, pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }] } } }, loses: false },
};
const kLongName = 'mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_long_name_one';
const kOtherLongName = 'mcp__a_server_with_a_rather_long_name__and_a_tool_with_a_long_name_two';

suite('provider limits', { accounts: 1, config: { accounts: { slots_per_account: 50 } } }, (test) => {
  for (const [dialect, ask] of Object.entries(kDialects)) {
    test(`${dialect}: tools keep their names, whatever the provider calls them`, async ({ client, sim }) => {
      const tools = [kLongName, kOtherLongName, 'get.weather'].map((name) => ({ name, schema: kSchema }));
      const first = await ask(client, { tools, turns: [{ user: 'Look [[sim:tools n=3]]' }] });
      assert.equal(first.answer.status, 200, first.answer.text);
      const { body } = await sim.lastRequest();
      const told = body.tools.map((tool) => tool.name);
      assert.equal(new Set(told).size, 3);
      for (const name of told) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
      assert.deepEqual(first.calls.map((call) => call.name), [kLongName, kOtherLongName, 'get.weather']);
      const second = await ask(client, {
        tools,
        turns: [
          { user: 'Look' },
          { calls: first.calls },
          { results: first.calls.map((call) => ({ ...call, text: 'sunny' })) },
        ],
      });
      assert.equal(second.answer.status, 200, second.answer.text);
      const input = (await sim.lastRequest()).body.input;
      assert.deepEqual(input.filter((item) => item.type === 'function_call').map((item) => item.name), told);
    });

    test(`${dialect}: an answer ends at a stop sequence that the provider has never heard of`, async ({ client, sim }) => {
      const { answer, text } = await ask(client, { turns: [{ user: marked('text', { events: 9, seq: 1 }) }], extra: kStops[dialect] });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(text, sequence(9).slice(0, sequence(9).indexOf('4')));
      assert.equal(answer.headers['x-patchbay-ignored']?.includes('stop') ?? false, false);
      assert.equal(JSON.stringify((await sim.lastRequest()).body).includes('"stop'), false);
      if (dialect === 'messages') assert.deepEqual([answer.json().stop_reason, answer.json().stop_sequence], ['stop_sequence', '4']);
      if (dialect === 'chat') assert.equal(answer.json().choices[0].finish_reason, 'stop');
    });

    for (const [what, { schema, loses = true }] of Object.entries(kOddSchemas)) {
      test(`${dialect}: a tool's schema does not cost the session: ${what}`, async ({ client, sim }) => {
        const { answer, calls } = await ask(client, { tools: [{ name: 'odd', schema }], turns: [{ user: 'Go [[sim:tools]]' }] });
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(calls.map((call) => call.name), ['odd']);
        const { parameters } = (await sim.lastRequest()).body.tools[0];
        assert.ok(Object.hasOwn(parameters.properties, 'city'), JSON.stringify(parameters));
        assert.equal(answer.headers['x-patchbay-repaired'], loses ? 'tool_schema:odd' : undefined);
      });
    }

    test(`${dialect}: structured answers have the client's shape, whatever the provider needs`, async ({ client, sim }) => {
      for (const [schema, check] of [
        [{ type: 'object', properties: { a: { type: 'string' }, b: { type: 'integer' } }, required: ['a'] }, (value) => assert.equal(typeof value.a, 'string')],
        [{ type: 'array', items: { type: 'string' } }, (value) => assert.ok(Array.isArray(value))],
        [{ type: 'object', additionalProperties: { type: 'string' } }, (value) => assert.equal(typeof value, 'object')],
      ]) {
        const { answer, text } = await ask(client, { turns: [{ user: 'Data' }], extra: kFormats[dialect](schema) });
        assert.equal(answer.status, 200, answer.text);
        const value = JSON.parse(text);
        check(value);
        assert.ok(!Object.values(value).includes(null), text);
        const { format } = (await sim.lastRequest()).body.text;
        assert.equal(format.schema.type, 'object');
        assert.equal(format.strict, !schema.additionalProperties);
      }
    });

    test(`${dialect}: long call ids and ids that come again stay with their results`, async ({ client, sim }) => {
      const long = `call_${'x'.repeat(80)}`;
      const call = (id, city) => ({ id, name: 'weather', args: { city } });
      const result = (id, text) => ({ id, name: 'weather', text });
      const { answer } = await ask(client, {
        tools: [{ name: 'weather', schema: kSchema }],
        turns: [
          { user: 'One' },
          { calls: [call('call_0', 'a'), call('call_1', 'b')] },
          { results: [result('call_0', 'of a'), result('call_1', 'of b')] },
          { calls: [call('call_0', 'c'), call(long, 'd')] },
          { results: [result(long, 'of d'), result('call_0', 'of c')] },
          { calls: [call('call_0', 'e'), call('call_0', 'f')] },
          { results: [result('call_0', 'of e'), result('call_0', 'of f')] },
          { user: 'And?' },
        ],
      });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers['x-patchbay-repaired'], undefined, 'nothing of the conversation is lost');
      const { body } = await sim.lastRequest();
      const calls = body.input.filter((item) => item.type === 'function_call');
      assert.equal(new Set(calls.map((item) => item.call_id)).size, 6);
      for (const item of calls) {
        assert.ok(item.call_id.length <= 64);
        const { city } = JSON.parse(item.arguments);
        assert.equal(body.input.find((other) => other.type === 'function_call_output' && other.call_id === item.call_id).output, `of ${city}`);
      }
    });
  }

  test('an SDK\'s tools on /v1/responses do not cost the session either', async ({ client, sim }) => {
    for (const [what, { schema, loses = true }] of Object.entries(kOddSchemas)) {
      const answer = await client.post('/v1/responses', { model: kModel, input: 'Go [[sim:tools]]', tools: [{ type: 'function', name: 'odd', strict: false, parameters: schema }] });
      assert.equal(answer.status, 200, `${what}: ${answer.text}`);
      assert.ok(Object.hasOwn((await sim.lastRequest()).body.tools[0].parameters.properties, 'city'), what);
      assert.equal(answer.headers['x-patchbay-repaired'], loses ? 'tool_schema:odd' : undefined, what);
    }
  });

  test('a key of the prompt cache that is too long is the session instead', async ({ client, sim }) => {
    for (const [key, kept] of [['k'.repeat(64), true], ['k'.repeat(65), false]]) {
      const answer = await client.post('/v1/chat/completions', { model: kModel, prompt_cache_key: key, messages: [{ role: 'user', content: 'hi' }] });
      assert.equal(answer.status, 200, answer.text);
      const { body } = await sim.lastRequest();
      assert.equal(body.prompt_cache_key === key, kept);
      assert.ok(body.prompt_cache_key.length <= 64);
    }
  });

  test('what the provider has no place for is named as its client calls it', async ({ client }) => {
    const chat = await client.post('/v1/chat/completions', { model: kModel, messages: [{ role: 'user', content: 'hi' }], top_k: 3, n: 2, user: 'u', logprobs: true, metadata: { a: 'b' }, enable_thinking: true });
    assert.equal(chat.status, 200, chat.text);
    assert.deepEqual(chat.headers['x-patchbay-ignored'].split(', ').sort(), ['enable_thinking', 'logprobs', 'metadata', 'n', 'top_k', 'user']);
    assert.equal(chat.json().choices.length, 1);
    const gemini = await client.post(`/v1beta/models/${kModel}:generateContent`, { contents: [{ parts: [{ text: 'hi' }] }], generationConfig: { topK: 64, candidateCount: 2 }, safetySettings: [], labels: { a: 'b' } });
    assert.equal(gemini.status, 200, gemini.text);
    assert.deepEqual(gemini.headers['x-patchbay-ignored'].split(', ').sort(), ['generationConfig.candidateCount', 'generationConfig.topK', 'labels', 'safetySettings']);
  });

  test('thinking that is counted in tokens becomes an effort', async ({ client, sim }) => {
    for (const [budget, effort] of [[2048, 'low'], [8192, 'medium'], [32000, 'high']]) {
      await client.post('/v1/messages', { model: kModel, max_tokens: 40000, thinking: { type: 'enabled', budget_tokens: budget }, messages: [{ role: 'user', content: 'hi' }] });
      assert.equal((await sim.lastRequest()).body.reasoning.effort, effort);
      await client.post(`/v1beta/models/${kModel}:generateContent`, { contents: [{ parts: [{ text: 'hi' }] }], generationConfig: { thinkingConfig: { thinkingBudget: budget } } });
      assert.equal((await sim.lastRequest()).body.reasoning.effort, effort);
    }
  });

  test('an answer goes on from where its client has begun it', async ({ client, sim }) => {
    for (const text of ['2,3]', '[1,2,3]']) {
      await sim.script([{ text }]);
      const answer = await client.post('/v1/messages', { model: kModel, max_tokens: 9, messages: [{ role: 'user', content: 'Count' }, { role: 'assistant', content: '[1,' }] });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json().content[0].text, '2,3]');
      assert.equal(answer.headers['x-patchbay-repaired'], 'begun_answer');
      assert.deepEqual((await sim.lastRequest()).body.input.map((item) => item.role), ['user', 'assistant', 'developer']);
    }
  });
});

suite('a host of the Responses API that knows functions only', { accounts: 0, keys: { xai: 1 } }, (test) => {
  test("gets a client's tool of free text and its namespace as functions", async ({ sim, client }) => {
    const tools = [
      { type: 'custom', name: 'apply_patch', description: 'Edits files' },
      { type: 'namespace', name: 'notes', description: 'Notes', tools: [{ type: 'function', name: 'add', parameters: { type: 'object', properties: {} } }] },
    ];
    const body = responses('Go', { model: 'xai/grok-4.6', stream: false, tools });
    await sim.script([{ function: 'apply_patch', arguments: { input: '*** Begin Patch' } }, { function: 'notes__add', arguments: {} }]);
    const answer = await client.post('/v1/responses', body);
    assert.equal(answer.status, 200, answer.text);
    const calls = answer.json().output.filter((item) => /call$/.test(item.type));
    assert.deepEqual(calls.map(({ type, name, namespace, input }) => ({ type, name, namespace, input })), [
      { type: 'custom_tool_call', name: 'apply_patch', namespace: undefined, input: '*** Begin Patch' },
      { type: 'function_call', name: 'add', namespace: 'notes', input: undefined },
    ]);
    const { body: sent } = await sim.lastRequest();
    assert.deepEqual(sent.tools.map((tool) => [tool.type, tool.name]), [['function', 'apply_patch'], ['function', 'notes__add']]);
    await sim.script([{ text: 'Done.' }]);
    const input = [...body.input, ...calls, { type: 'custom_tool_call_output', call_id: calls[0].call_id, output: 'ok' },
      { type: 'function_call_output', call_id: calls[1].call_id, output: 'ok' }];
    const second = await client.post('/v1/responses', { ...body, input });
    assert.equal(second.status, 200, second.text);
    assert.equal(second.json().output.at(-1).content[0].text, 'Done.');
  });
});
