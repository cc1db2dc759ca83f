// Anthropic Messages over HTTP: heads, framing and everything that no SDK would send. What the SDK sees is in
// tests/conformance/anthropic.test.mjs.
import assert from 'node:assert/strict';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const kPath = '/v1/messages';
const body = (text, extra = {}) => ({ model: kModel, max_tokens: 1000, messages: [{ role: 'user', content: text }], ...extra });

/** The events of a stream, each checked to have its name. */
async function events(client, request) {
  const opened = await client.post(kPath, { ...request, stream: true }, { allowCut: true });
  assert.equal(opened.status, 200, opened.text);
  return opened.text.split('\n\n').filter((block) => block.startsWith('event:')).map((block) => {
    const [name, data] = block.split('\n');
    const event = JSON.parse(data.slice('data: '.length));
    assert.equal(name, `event: ${event.type}`);
    return event;
  });
}

suite('anthropic messages', { accounts: 2, config: { frontend: { heartbeat: '1s', limits: { body_bytes: '1MiB' } }, upstream: { stall_timeout: '5s' } } }, (test) => {
  test('has the heads that its clients look for', async ({ client }) => {
    const answer = await client.post(`${kPath}?beta=true`, body('hi'), { headers: { 'x-request-id': 'mine-1', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'unknown-beta-2026-01-01' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['request-id'], 'mine-1');
    assert.match(answer.headers['content-type'], /^application\/json/);
    for (const path of ['/', '/api/hello']) assert.equal((await client.with({ key: undefined }).request('HEAD', path)).status, 200, path);
    const newest = await client.post(kPath, body('hi'), { headers: { 'anthropic-version': '2026-10-21' } });
    assert.equal(newest.status, 200);
    const preflight = await client.request('OPTIONS', kPath);
    assert.equal(preflight.status, 204);
  });

  test('takes the key in x-api-key and paths with and without /v1', async ({ client, gateway }) => {
    for (const path of ['/messages', '/v1/v1/messages']) {
      const answer = await client.with({ key: undefined }).post(path, body(marked('text', { events: 2, seq: 1 })), { headers: { 'x-api-key': gateway.key } });
      assert.equal(answer.json().content[0].text, sequence(2));
    }
    const list = await client.with({ key: undefined }).get('/v1/v1/models', { headers: { 'x-api-key': gateway.key, 'anthropic-version': '2023-06-01' } });
    assert.ok(list.json().data.some((model) => model.id === kModel && model.type === 'model'));
    assert.equal((await client.get(`/v1/v1/models/${kModel}`)).json().id, kModel);
    const refused = await client.with({ key: undefined }).post(kPath, body('hi'));
    assert.equal(refused.status, 401);
    assert.equal(refused.json().error.type, 'authentication_error');
  });

  test('pings while the provider is silent', async ({ client, sim }) => {
    const stream = await client.open('POST', kPath, { body: body(marked('hold', { after: 1, key: 'pings', events: 3, seq: 1 }), { stream: true }) });
    let text = '';
    for await (const piece of stream.response) {
      text += piece;
      if (text.split('event: ping').length === 4) await sim.release('pings');
    }
    assert.ok(text.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n'));
    assert.ok(!text.includes(': keepalive'));
  });

  test('ends a broken stream with one error event and nothing after it', async ({ client }) => {
    for (const [scenario, type] of [['cut', 'api_error'], ['stall', 'timeout_error'], ['failed', 'api_error'], ['error_event', 'overloaded_error'], ['eof', 'api_error']]) {
      const told = await events(client, body(marked(scenario, { after: 3, events: 9, seq: 1, interval_ms: 30 })));
      assert.equal(told.at(-1).type, 'error', scenario);
      assert.equal(told.at(-1).error.type, type, scenario);
      assert.match(told.at(-1).request_id, /^req_/);
      assert.equal(told.filter((event) => event.type === 'content_block_delta').length, 3);
      assert.ok(told.every((event) => event.type !== 'message_stop'));
    }
    const throttled = await events(client, body(marked('rate_limited', { after: 2, events: 9, interval_ms: 30 })));
    assert.equal(throttled.at(-1).error.type, 'rate_limit_error');
  });

  test('answers bad requests in its own shape, and never with what they held', async ({ client }) => {
    const post = (raw, headers = {}) => client.post(kPath, raw, { headers });
    for (const [raw, status, type, words] of [
      ['{"model": ', 400, 'invalid_request_error', /line 1/],
      ['[]', 400, 'invalid_request_error', /object/],
      [JSON.stringify(body([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'hush!' } }])), 400, 'invalid_request_error', /\/messages\/0\/content\/0\/source\/data/],
      [JSON.stringify(body('hi', { max_tokens: 'many' })), 400, 'invalid_request_error', /^\/max_tokens/],
      [`{"model":"${kModel}","max_tokens":9,"messages":${'['.repeat(200)}${']'.repeat(200)}}`, 400, 'invalid_request_error', /deep/],
      [`{"model":"${kModel}","max_tokens":9,"messages":[{"role":"user","content":"\\ud800"}]}`, 400, 'invalid_request_error', /./],
      [JSON.stringify(body('x'.repeat(2 << 20))), 413, 'request_too_large', /./],
    ]) {
      const answer = await post(raw);
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json().type, 'error');
      assert.equal(answer.json().error.type, type);
      assert.match(answer.json().error.message, words);
      assert.equal(answer.headers['x-should-retry'], 'false');
      assert.ok(!answer.text.includes('hush!'));
    }
    const twice = await post(`{"model":"nothing","model":"${kModel}","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`);
    assert.equal(twice.status, 200, 'of a repeated key the last counts');
  });

  test('says what it ignored and what it repaired', async ({ client, sim }) => {
    const messages = [
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'gone', content: 'lost' }] },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'open', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixelPng } }, { type: 'text', text: 'go on' }] },
    ];
    const answer = await client.post(kPath, { ...body(''), messages, top_k: 3, temperature: 0.5 });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.headers['x-patchbay-ignored'].split(', ').sort(), ['max_tokens', 'temperature', 'top_k']);
    assert.equal(answer.headers['x-patchbay-repaired'], 'result_without_call:gone, call_without_result:open');
    assert.ok((await sim.lastRequest()).body.input.some((item) => item.type === 'function_call_output' && item.output === 'aborted'));
  });

  test('tells a policy refusal as a 403 before the answer, and as its end within it', async ({ client }) => {
    for (const stream of [false, true]) {
      const answer = await client.post(kPath, body(marked('cyber_policy'), { stream }));
      assert.equal(answer.status, 403, answer.text);
      assert.equal(answer.json().error.type, 'permission_error');
      assert.equal(answer.headers['x-should-retry'], 'false');
    }
    const told = await events(client, body(marked('failed', { code: 'cyber_policy', message: 'no', after: 3, events: 9, seq: 1, interval_ms: 30 })));
    assert.deepEqual(told.slice(-3).map((event) => event.type), ['content_block_stop', 'message_delta', 'message_stop']);
    assert.deepEqual(told.at(-2).delta, { stop_reason: 'refusal', stop_sequence: null, stop_details: { type: 'refusal', category: null, explanation: 'no' }, container: null });
    assert.equal(told.at(-2).usage.input_tokens, told[0].message.usage.input_tokens);
    const whole = await client.post(kPath, body(marked('failed', { code: 'cyber_policy', after: 3, events: 9 })));
    assert.equal(whole.status, 403);
  });

  test('takes what Claude Code sends, and says what of it changes nothing', async ({ client, sim }) => {
    const tool = (name, extra = {}) => ({ name, description: name, input_schema: { type: 'object', properties: {} }, ...extra });
    const answer = await client.post(`${kPath}?beta=true`, {
      ...body('', { max_tokens: 32000 }),
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'One.' }, { type: 'text', text: 'Two.' }] },
        { role: 'system', content: [{ type: 'text', text: 'Deferred tools: tide' }], output_config: { effort: 'low' } },
        { role: 'assistant', content: ['a', 'b'].map((id) => ({ type: 'tool_use', id, name: 'ToolSearch', input: {}, caller: { type: 'direct' } })) },
        { role: 'user', content: ['b', 'a'].map((id) => ({ type: 'tool_result', tool_use_id: id, content: [{ type: 'tool_reference', tool_name: id === 'a' ? 'tide' : 'gone' }] })) },
      ],
      tools: [tool('ToolSearch'), tool('DeferredToolPlaceholder', { defer_loading: true }), tool('tide', { defer_loading: true }), tool('other', { defer_loading: true, allowed_callers: ['direct'], input_examples: [{}] })],
      thinking: { type: 'adaptive', display: 'omitted' },
      output_config: { effort: 'high' },
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      safeguards: [{ type: 'dangerous_tool_use', classifier_context: 'x' }],
    }, { headers: { 'anthropic-beta': 'thinking-token-count-2026-05-13,per-turn-control-2026-07-01' } });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(answer.headers['x-patchbay-ignored'].split(', ').sort(), ['context_management', 'max_tokens', 'safeguards', 'tools[].allowed_callers', 'tools[].input_examples']);
    assert.equal(answer.headers['x-patchbay-repaired'], undefined);
    const { body: sent } = await sim.lastRequest();
    assert.deepEqual(sent.tools.map((each) => each.name), ['ToolSearch', 'tide']);
    assert.equal(sent.reasoning.effort, 'low');
    assert.equal(sent.reasoning.summary, undefined);
    assert.deepEqual(sent.input.filter((item) => item.type === 'function_call_output').map((item) => item.call_id), ['b', 'a']);
  });

  test('refuses changes of tools that cannot be, and names the place', async ({ client, sim }) => {
    const tools = [{ name: 'f', input_schema: { type: 'object' } }];
    const changed = (...blocks) => [{ role: 'user', content: 'hi' }, { role: 'system', content: blocks }];
    const removal = (name) => ({ type: 'tool_removal', tool: { type: 'tool_reference', name } });
    for (const [extra, where] of [
      [{ messages: changed(removal('f')), tool_choice: { type: 'tool', name: 'f' } }, '/tool_choice/name'],
      [{ messages: changed(removal('g')) }, '/messages/1/content/0/tool/name'],
      [{ messages: changed(removal('f'), { type: 'tool_addition', tool: { type: 'tool_definition', definition: { name: 'g' } } }) }, '/messages/1/content/1/tool/definition'],
      [{ messages: changed({ type: 'tool_addition' }) }, '/messages/1/content/0'],
    ]) {
      const answer = await client.post(kPath, { ...body('hi'), tools, ...extra });
      assert.equal(answer.status, 400, answer.text);
      assert.ok(answer.json().error.message.startsWith(`${where}: `), answer.text);
      const counted = await client.post(`${kPath}/count_tokens`, { ...body('hi'), tools, ...extra });
      assert.equal(counted.status, 400, 'count_tokens reads it otherwise');
    }
    assert.equal((await sim.requests()).length, 0);
  });

  test('answers unknown paths in the shape of the client that asks', async ({ client }) => {
    const headers = { 'anthropic-version': '2023-06-01' };
    for (const path of ['/v1/messages/batches', '/v1/complete', '/v1/files']) {
      const answer = await client.post(path, {}, { headers });
      assert.equal(answer.status, 404);
      assert.equal(answer.json().error.type, 'not_found_error');
    }
    assert.equal((await client.post('/v1/files', {})).json().error.code, 'not_found');
    const method = await client.get(kPath, { headers });
    assert.equal(method.status, 405);
    assert.equal(method.headers.allow, 'POST, OPTIONS');
  });

  test('counts tokens when no account is left', async ({ client, gateway, sim }) => {
    for (const account of gateway.accounts) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 3600 });
    const answer = await client.post(`${kPath}/count_tokens?beta=true`, { model: kModel, messages: [{ role: 'user', content: 'The quick brown fox' }] });
    assert.equal(answer.status, 200);
    assert.ok(answer.json().input_tokens > 4);
    const exhausted = await client.post(kPath, body('hi'));
    assert.equal(exhausted.status, 429);
    assert.equal(exhausted.json().error.type, 'rate_limit_error');
    assert.equal(exhausted.headers['anthropic-ratelimit-unified-status'], 'rejected');
    assert.ok(Number(exhausted.headers['anthropic-ratelimit-unified-reset']) * 1000 > Date.now());
    assert.ok(Number(exhausted.headers['retry-after']) <= 60);
  });
});

suite('stop sequences', {}, (test) => {
  test('are emulated for chat completions too', async ({ client }) => {
    for (const stream of [false, true]) {
      const answer = await client.post('/v1/chat/completions', { model: kModel, stream, stop: [' 4'], messages: [{ role: 'user', content: marked('text', { events: 9, seq: 1 }) }] });
      const text = stream
        ? answer.text.split('\n\n').filter((block) => block.startsWith('data: {')).map((block) => JSON.parse(block.slice(6)).choices[0]?.delta?.content ?? '').join('')
        : answer.json().choices[0].message.content;
      assert.equal(text, '0 1 2 3');
      assert.match(answer.text, /"finish_reason":"stop"/);
    }
  });
});
