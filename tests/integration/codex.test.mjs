// What the Codex CLI sends and asks, byte for byte: its requests pass untouched, in every form and by every way, and so
// does what it asks besides responses.
import assert from 'node:assert/strict';
import { kModel, marked } from '../support/bodies.mjs';
import { SocketClient, codexHeaders } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kLiteHeader = 'x-openai-internal-codex-responses-lite';
const kLiteMember = 'ws_request_header_x_openai_internal_codex_responses_lite';
const kThread = '0198c0de-0000-7000-8000-000000000001';

const message = (role, text) => ({
  type: 'message', role, id: `msg_${role}`, content: [{ type: 'input_text', text }],
  internal_chat_message_metadata_passthrough: { turn_id: 't', create_time: 1796026890.0181022, content_item_kinds: ['user.text'] },
});
const exec = { type: 'custom', name: 'exec', description: 'Runs JavaScript', format: { type: 'grammar', syntax: 'lark', definition: 'start: /.+/' } };
const secret = { type: 'function', name: 'spawn_agent', description: '', strict: false, parameters: { type: 'object', properties: { message: { type: 'string', encrypted: true } } } };
const update = { type: 'configuration_update', reasoning: { effort: 'low' } };
const agentMessage = { type: 'agent_message', author: '/root', recipient: '/root/a', content: [{ type: 'encrypted_content', encrypted_content: 'gAAAAx' }] };

/** As the Codex CLI 0.171 has it for gpt-5.5, in its order of members. */
const classic = (text, extra = {}) => ({
  model: kModel, stream: true,
  input: [message('developer', 'You are Codex'), message('user', text), update],
  tools: [{ type: 'namespace', name: 'web', description: '', tools: [{ ...secret, name: 'run' }] }, exec, { type: 'tool_search', execution: 'client', description: '', parameters: { type: 'object', properties: {} } }],
  tool_choice: 'auto', parallel_tool_calls: true, reasoning: { effort: 'medium', summary: 'auto' }, store: false,
  include: ['reasoning.encrypted_content'], prompt_cache_key: kThread, text: { verbosity: 'low' },
  client_metadata: { session_id: kThread, thread_id: kThread }, ...extra,
});
/** The same for every other model. */
const lite = (text, metadata = {}) => ({
  model: kModel, stream: true,
  input: [{ type: 'additional_tools', id: 'at_1', role: 'developer', tools: [{ type: 'namespace', name: 'functions', description: '', tools: [exec] }, { type: 'namespace', name: 'collaboration', description: '', tools: [secret] }] },
    message('developer', 'You are Codex'), message('user', text), agentMessage, update],
  tool_choice: 'auto', parallel_tool_calls: false, reasoning: { effort: 'low', context: 'all_turns' }, store: false,
  include: ['reasoning.encrypted_content'], prompt_cache_key: kThread, text: { verbosity: 'low' },
  client_metadata: { session_id: kThread, thread_id: kThread, ...metadata },
});
/** Its headers over HTTP. */
const overHttp = (extra = {}) => {
  const { 'openai-beta': ignored, ...headers } = codexHeaders(kThread);
  return { ...headers, 'x-codex-beta-features': 'remote_compaction_v2', 'x-codex-turn-metadata': '{"request_kind":"turn"}', 'accept-encoding': 'zstd,gzip', ...extra };
};

async function post(client, body, headers) {
  const stream = await client.stream('/v1/responses', body, { headers });
  await stream.all();
  assert.equal(stream.status, 200, stream.body.toString());
  assert.equal(stream.headers['content-encoding'], undefined);
  assert.equal(stream.json.at(-1).type, 'response.completed');
  return stream;
}
/** What the provider received, its headers by their names; cookies are another matter. */
const received = async (sim) => (await sim.requests()).map((entry) => ({ ...entry, names: entry.headers.map(([name]) => name).filter((name) => name !== 'cookie'), headers: Object.fromEntries(entry.headers) }));
const last = async (sim) => (await received(sim)).at(-1);

suite('Codex: its requests', { accounts: 1 }, (test) => {
  test('pass untouched over HTTP, classic and lite', async ({ client, sim }) => {
    for (const [body, headers] of [[classic('hi'), {}], [lite('hi'), { [kLiteHeader]: 'true' }]]) {
      await post(client, body, overHttp(headers));
      const seen = await last(sim);
      assert.deepEqual(seen.body, body);
      assert.equal(JSON.stringify(seen.body), JSON.stringify(body), 'in the same order');
      assert.equal(seen.headers[kLiteHeader], headers[kLiteHeader]);
    }
  });

  test('pass untouched over WebSocket, classic and lite, warm-up and all', async ({ gateway, sim }) => {
    for (const make of [classic, (text) => lite(text, { [kLiteMember]: 'true' })]) {
      const socket = await SocketClient.open({ port: gateway.port, key: gateway.key, headers: codexHeaders(kThread) });
      const { type, ...first } = { type: 'response.create', ...make('hi') };
      const warm = { type, ...first, input: [], generate: false };
      (await socket.turn(warm)).completed();
      const turn = { type, ...make('hi') };
      (await socket.turn(turn)).completed();
      const frames = (await received(sim)).filter((entry) => entry.method === 'FRAME').slice(-2);
      assert.deepEqual(frames.map((entry) => JSON.stringify(entry.body)), [warm, turn].map((frame) => JSON.stringify(frame)));
      socket.close();
    }
    const upgrade = (await received(sim)).find((entry) => entry.status === 101);
    assert.equal(upgrade.headers[kLiteHeader], undefined);
    assert.equal(upgrade.headers['accept-encoding'], undefined);
  });

  test('are marked lite as the way to the provider wants it, whichever way they came', async ({ client, gateway, sim }) => {
    await post(client, lite('hi', { [kLiteMember]: 'true' }), overHttp());
    assert.equal((await last(sim)).headers[kLiteHeader], 'true');
    const socket = await SocketClient.open({ port: gateway.port, key: gateway.key, headers: { ...codexHeaders(kThread), [kLiteHeader]: 'true' } });
    (await socket.turn({ type: 'response.create', ...lite('hi') })).completed();
    assert.equal((await last(sim)).body.client_metadata[kLiteMember], 'true');
    socket.close();
  });

  test('are known for Codex by the mark alone', async ({ client, sim }) => {
    await post(client, lite('hi', { [kLiteMember]: 'true' }), { originator: 'my_editor' });
    assert.equal((await last(sim)).body.instructions, undefined);
  });

  test('get instructions from us only when they are somebody else\'s', async ({ client, sim }) => {
    await post(client, classic('hi'), {});
    assert.equal((await last(sim)).body.instructions, 'You are a helpful assistant.');
  });

  test('show their turn in the headers, in the order of the public client', async ({ client, sim }) => {
    await post(client, classic('hi', { service_tier: 'priority' }), overHttp({
      'x-codex-turn-state': 'opaque', 'x-openai-subagent': 'collab_spawn', 'x-codex-parent-thread-id': 'parent', 'x-codex-routing-hint': 'model=other',
    }));
    const seen = await last(sim);
    assert.deepEqual(seen.names, [
      'version', 'x-codex-beta-features', 'x-codex-turn-state', 'x-codex-window-id', 'x-codex-turn-metadata', 'x-codex-parent-thread-id',
      'x-openai-subagent', 'x-codex-routing-hint', 'x-client-request-id', 'session-id', 'thread-id', 'accept', 'content-type', 'authorization',
      'chatgpt-account-id', 'originator', 'user-agent', 'accept-encoding', 'host', 'content-length',
    ]);
    assert.equal(seen.headers['x-codex-routing-hint'], `model=${kModel};tier=priority`);
    assert.equal(seen.headers.version, '0.171.0');
    assert.match(seen.headers['user-agent'], /^codex_cli_rs\/0\.171\.0 \(/);
    for (const [name, value] of Object.entries({ 'session-id': kThread, 'thread-id': kThread, 'x-client-request-id': kThread, 'x-codex-window-id': `${kThread}:0`, 'x-codex-turn-state': 'opaque', 'x-codex-parent-thread-id': 'parent' })) {
      assert.equal(seen.headers[name], value, name);
    }
  });

  test('are answered from a compressed stream as from a plain one', async ({ client, sim }) => {
    for (const encoding of ['gzip', 'zstd']) {
      const text = marked('text', { events: 40, seq: 1, interval_ms: 1, encoding });
      const stream = await post(client, classic(text), overHttp());
      assert.equal(stream.json.filter((event) => event.type === 'response.output_text.delta').length, 40);
      const chat = await client.post('/v1/chat/completions', { model: kModel, messages: [{ role: 'user', content: text }] });
      assert.equal(chat.status, 200, chat.text);
      const cut = await client.stream('/v1/responses', classic(marked('cut', { after: 5, events: 10, interval_ms: 1, encoding })), { headers: overHttp() });
      await cut.all();
      assert.equal(cut.json.at(-1).type, 'response.failed', encoding);
    }
    assert.equal((await sim.requests()).length, 6);
  });
});

suite('Codex: the models', { accounts: 1 }, (test) => {
  test('have every member that the provider\'s own entries have', async ({ client }) => {
    const model = await eventually('the live catalogue', async () => {
      const { models } = (await client.get('/v1/models?client_version=0.171.0')).json();
      return models.find(({ slug, supports_reasoning_effort_updates: live }) => slug === kModel && live !== undefined);
    });
    assert.deepEqual(
      ['supports_reasoning_effort_updates', 'supports_experimental_context', 'multi_agent_reasoning_effort', 'node_repl_disabled', 'node_repl_auto_review_required'].map((name) => model[name]),
      [true, false, null, false, true],
    );
  });
});

const kPaths = ['/v1', '', '/backend-api', '/backend-api/codex'];
const search = (q = 'oslo', extra = {}) => ({
  id: kThread, model: kModel, input: [message('user', 'weather?')], commands: { search_query: [{ q }] },
  settings: { allowed_callers: ['direct'], external_web_access: true }, max_output_tokens: 10000, ...extra,
});
const asSearch = { originator: 'codex_exec', 'x-codex-turn-metadata': '{"thread_id":"t"}', accept: '*/*' };

suite('Codex: its own search', { accounts: 2 }, (test) => {
  const ask = (client, body, headers = {}, path = '/v1/alpha/search') => client.post(path, body, { headers: { ...asSearch, ...headers } });

  test('is relayed on every base URL, byte for byte', async ({ client, sim }) => {
    for (const base of kPaths) {
      const answer = await ask(client, search(), {}, `${base}/alpha/search`);
      assert.equal(answer.status, 200, answer.text);
      assert.match(answer.headers['content-type'], /^application\/json/);
      assert.equal(answer.json().output, 'Results for: oslo');
      assert.equal(answer.json().results[0].ref_id, 'turn0search0');
    }
    const seen = await last(sim);
    assert.equal(seen.path, '/backend-api/codex/alpha/search');
    assert.equal(JSON.stringify(seen.body), JSON.stringify(search()));
    assert.deepEqual(seen.names, ['version', 'x-codex-turn-metadata', 'authorization', 'chatgpt-account-id', 'content-type', 'originator', 'user-agent', 'accept', 'accept-encoding', 'host', 'content-length']);
    for (const encoding of ['gzip', 'zstd']) assert.equal((await ask(client, search(marked('text', { encoding })))).status, 200);
  });

  test('goes to the account of the conversation', async ({ client, sim }) => {
    const threads = ['a', 'b', 'c', 'd'].map((letter) => kThread.replace(/^./, letter));
    for (const thread of threads) {
      await post(client, classic('hi'), overHttp({ 'session-id': thread, 'thread-id': thread }));
      const turn = (await last(sim)).account_id;
      await ask(client, search('x', { id: thread }));
      assert.equal((await last(sim)).account_id, turn, thread);
    }
  });

  test('passes summaries of traces too', async ({ client, sim }) => {
    const body = { model: kModel, traces: [{ id: '1', metadata: { source_path: 'a' }, items: [] }] };
    for (const base of kPaths) {
      const answer = await ask(client, body, {}, `${base}/memories/trace_summarize`);
      assert.deepEqual(answer.json(), { output: [{ trace_summary: 'trace 0', memory_summary: 'remembered' }] }, answer.text);
    }
    assert.equal((await last(sim)).path, '/backend-api/codex/memories/trace_summarize');
  });

  test('takes a name of ours for the model', async ({ client, sim }) => {
    assert.equal((await ask(client, search('x', { model: `${kModel}-high` }))).status, 200);
    const { body } = await last(sim);
    assert.equal(body.model, kModel);
    assert.deepEqual(body.reasoning, { effort: 'high' });
  });

  test('needs a key, a model and JSON', async ({ client, gateway }) => {
    assert.equal((await client.with({ key: 'pbk_wrong' }).post('/v1/alpha/search', search())).status, 401);
    for (const [body, param] of [[{ id: 'x' }, '/model'], ['{', null]]) {
      const answer = await ask(client, body);
      assert.equal(answer.status, 400, answer.text);
      assert.equal(answer.json().error.param, param);
    }
    const unknown = await ask(client, search('x', { model: 'gpt-none' }));
    assert.equal(unknown.status, 404, unknown.text);
    assert.equal(unknown.json().error.code, 'model_not_found');
    assert.equal((await client.get('/v1/alpha/search')).status, 405);
  });

  test('tells what the provider refused, as OpenAI would', async ({ client, sim }) => {
    const refused = async (scenario) => {
      const answer = await ask(client, search(`[[sim:${scenario}]]`));
      assert.equal(typeof answer.json().error.message, 'string', answer.text);
      return answer;
    };
    assert.equal((await refused('404')).status, 404, 'nothing there');
    assert.equal((await refused('not_found')).status, 404);
    assert.equal((await refused('unsupported')).status, 400);
    assert.equal((await refused('rate_limit_exceeded')).status, 429);
    assert.ok([502, 503].includes((await refused('500')).status));
    assert.equal((await ask(client, search('x', { surprise: 1 }))).json().error.code, 'unknown_parameter');
    await sim.reset();
    assert.equal((await ask(client, search())).status, 200);
  });

  test('is tried on another account when one has no more to give', async ({ client, sim, gateway }) => {
    await ask(client, search());
    const first = (await last(sim)).account_id;
    await sim.setScenario({ id: first }, { name: 'overloaded', count: 1 });
    const answer = await ask(client, search());
    assert.equal(answer.status, 200, answer.text);
    assert.notEqual((await last(sim)).account_id, first);
  });

  test('is never half an answer', async ({ client }) => {
    for (const scenario of ['cut', 'rst', 'eof']) {
      const answer = await ask(client, search(`[[sim:${scenario}]]`));
      assert.equal(answer.status, 502, `${scenario}: ${answer.text}`);
      assert.ok(answer.json().error.message);
    }
  });

  test('ends at the provider when its client leaves', async ({ client, sim }) => {
    const leaving = client.with({ keepAlive: false });
    const answer = leaving.post('/v1/alpha/search', search('[[sim:stall]]'), { headers: asSearch }).then(() => 'answered', () => 'left');
    await eventually('the search to arrive', async () => (await sim.requests()).length === 1);
    leaving.close();
    assert.equal(await answer, 'left');
    await eventually('the provider to see the end', async () => (await last(sim)).aborted);
  });

  test('writes a usage row and a record like any call', async ({ client, gateway }) => {
    const id = `search-${Date.now()}`;
    await ask(client, search(), { 'x-request-id': id });
    const row = await gateway.usageOf(id);
    assert.equal(row.dialect, 'openai_search');
    assert.equal(row.model, kModel);
    await eventually('the record', () => gateway.logs.includes(id));
  });
});
