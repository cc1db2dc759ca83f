// The grant chooses the route: one client, providers of several dialects, through the real processes.
import assert from 'node:assert/strict';
import { chat, chatStream, marked, responses, sequence, weatherTool } from '../support/bodies.mjs';
import { merge } from '../support/gateway.mjs';
import { SocketClient, codexHeaders, create, warmUp } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';

const kPath = '/v1/responses';
const kOpen = 'my-open/gpt-4.1';
const kPlain = 'my-plain/gpt-4.1';
const kThinking = 'my-groq/openai/gpt-oss-120b';
const kRows = {
  'my-open': { quirks: ['developer_role', 'many_system_messages', 'strict_tools', 'openai_fields'] },
  'my-plain': {},
  'my-groq': { quirks: ['many_system_messages', 'effort', 'no_names', 'no_logprobs'] },
};
const flatTool = { type: 'function', name: weatherTool.function.name, parameters: weatherTool.function.parameters };
const textOf = (events) => events.filter((event) => event.type === 'response.output_text.delta').map((event) => event.delta).join('');

async function addRows(gateway, sim) {
  const account = await sim.createAccount({ label: 'keyed' });
  for (const secret of account.secrets) gateway.secrets.add(secret);
  const place = { base_url: sim.apiBaseUrl, ca_file: sim.caFile, allow_private: true, dialect: 'openai_chat' };
  const providers = Object.fromEntries(Object.entries(kRows).map(([name, row]) => [name, { ...place, ...row }]));
  gateway.writeConfig(merge(gateway.config, { providers }));
  await gateway.json(['reload']);
  for (const name of Object.keys(kRows)) {
    await gateway.json(['accounts', 'add', '--provider', name, '--key-file', '-'], { input: `${account.apiKey}\n` });
  }
  return account;
}

suite('routes: only providers of Chat Completions', { accounts: 0 }, (test) => {
  test('begin with their rows', async ({ gateway, sim }) => {
    await addRows(gateway, sim);
  });

  test('translate a Responses stream', async ({ client, sim }) => {
    const stream = await client.stream(kPath, responses(marked('text', { events: 12, seq: 1 }), { model: kOpen, temperature: 0.5 }));
    await stream.all();
    assert.equal(stream.status, 200, stream.body.toString());
    const events = stream.json;
    assert.equal(events[0].type, 'response.created');
    assert.equal(events.at(-1).type, 'response.completed');
    assert.equal(textOf(events), sequence(12));
    assert.equal(events.at(-1).response.output[0].content[0].text, sequence(12));
    assert.equal(events.at(-1).response.usage.output_tokens, 12);
    const sent = await sim.lastRequest();
    assert.equal(sent.path, '/v1/chat/completions');
    assert.equal(sent.body.temperature, 0.5, 'it is not Codex');
  });

  test('translate a whole Response', async ({ client }) => {
    const answer = await client.post(kPath, { model: kOpen, input: marked('text', { events: 5, seq: 1 }) });
    assert.equal(answer.status, 200, answer.text);
    const body = answer.json();
    assert.equal(body.object, 'response');
    assert.equal(body.model, kOpen);
    assert.equal(body.output[0].content[0].text, sequence(5));
  });

  test('carry calls of a tool and the reasoning before them over two turns', async ({ client }) => {
    const input = [{ role: 'user', content: marked('tools', { reasoning: 1 }) }];
    const first = await client.post(kPath, { model: kThinking, input, tools: [flatTool] });
    assert.equal(first.status, 200, first.text);
    const { output } = first.json();
    assert.deepEqual(output.map((item) => item.type), ['reasoning', 'function_call']);
    assert.ok(output[0].encrypted_content);
    input.push(...output, { type: 'function_call_output', call_id: output[1].call_id, output: 'rain' });
    const second = await client.post(kPath, { model: kThinking, input, tools: [flatTool] });
    assert.equal(second.status, 200, second.text);
    assert.match(JSON.stringify(second.json().output), /The tool said: rain/);
  });

  test('go on from an answer that is kept', async ({ client, sim }) => {
    const first = await client.post(kPath, { model: kOpen, input: marked('text', { events: 3, seq: 1 }) });
    const { id } = first.json();
    const second = await client.post(kPath, { model: kOpen, input: marked('text', { events: 2, seq: 1 }), previous_response_id: id });
    assert.equal(second.status, 200, second.text);
    assert.deepEqual((await sim.lastRequest()).body.messages.map((message) => message.role), ['user', 'assistant', 'user']);
    assert.equal((await client.get(`${kPath}/${id}`)).json().id, id);
  });

  test('pass the bytes of a chat client where the host has no quirks', async ({ client, sim }) => {
    const body = chat(marked('text', { events: 4, seq: 1 }), { model: kPlain, temperature: 0.25, seed: 7 });
    const answer = await client.post('/v1/chat/completions', body);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json().choices[0].message.content, sequence(4));
    assert.equal(answer.headers['x-patchbay-ignored'], undefined);
    assert.deepEqual((await sim.lastRequest()).body, { ...body, model: 'gpt-4.1' });
    const stream = await client.stream('/v1/chat/completions', chatStream(marked('text', { events: 4, seq: 1 }), { model: kPlain }));
    await stream.all();
    assert.ok(stream.finishedWithDone);
    assert.equal(stream.json.map((chunk) => chunk.choices[0]?.delta?.content ?? '').join(''), sequence(4));
  });

  test('know what a stream costs that was passed on, and tell it to whom asks', async ({ client, gateway, sim }) => {
    for (const include_usage of [undefined, false, true]) {
      const options = include_usage === undefined ? {} : { stream_options: { include_usage } };
      const stream = await client.stream('/v1/chat/completions', { ...chat(marked('text', { events: 4, seq: 1 }), { model: kPlain }), stream: true, ...options });
      await stream.all();
      assert.ok(stream.finishedWithDone);
      assert.equal((await sim.lastRequest()).body.stream_options.include_usage, true);
      assert.equal(stream.json.some((chunk) => chunk.usage), include_usage === true, 'a chunk with usage');
      const row = await gateway.usageOf(stream.headers['x-request-id']);
      assert.equal(Number(row.usage.output_tokens), 4);
      assert.ok(!row.usage_estimated, JSON.stringify(row));
    }
  });

  test('serve a WebSocket turn by turn, each going on from the last', async ({ gateway, sim }) => {
    const socket = await SocketClient.open({ port: gateway.port, key: gateway.key, headers: codexHeaders('0198c0de-0000-7000-8000-00000000aaaa') });
    const warm = await socket.turn(warmUp({ model: kOpen }));
    warm.completed();
    const first = await socket.turn(create(marked('text', { events: 5, seq: 1 }), { model: kOpen, previous_response_id: warm.last.response.id }));
    first.completed();
    assert.equal(first.text, sequence(5));
    const second = await socket.turn(create(marked('text', { events: 3, seq: 1 }), { model: kOpen, previous_response_id: first.last.response.id }));
    second.completed();
    assert.equal(second.text, sequence(3));
    assert.equal((await sim.lastRequest()).body.messages.filter((message) => message.role === 'assistant').length, 1);
    const gone = await socket.turn(create(marked('text'), { model: kOpen, previous_response_id: 'resp_gone' }));
    assert.equal(gone.last.error?.code, 'previous_response_not_found');
    socket.close();
  });

  test('refuse what only Codex answers', async ({ client }) => {
    const compact = await client.post(`${kPath}/compact`, { model: kOpen, input: 'x' });
    assert.equal(compact.status, 400, compact.text);
    assert.match(compact.text, /does not take/);
  });
});

suite('routes: two providers of one model', { accounts: 1 }, (test) => {
  test('begin with the second one', async ({ gateway, sim }) => {
    const account = await sim.createAccount({ label: 'keyed' });
    for (const secret of account.secrets) gateway.secrets.add(secret);
    const row = {
      base_url: sim.apiBaseUrl, ca_file: sim.caFile, allow_private: true, dialect: 'openai_chat',
      quirks: ['max_completion_tokens', 'developer_role', 'many_system_messages', 'strict_tools', 'effort', 'openai_fields', 'custom_tools'],
    };
    gateway.writeConfig(merge(gateway.config, { providers: { 'my-openai': row } }));
    await gateway.json(['reload']);
    await gateway.json(['accounts', 'add', '--provider', 'my-openai', '--key-file', '-'], { input: `${account.apiKey}\n` });
  });

  test('a Responses client is served by the other one, by its own route, and sees nothing of it', async ({ client, gateway, sim }) => {
    await sim.setScenario(gateway.accounts[0], { name: '429', retry_after: 20 });
    for (let i = 0; i < 6; ++i) {
      const stream = i % 2 === 0;
      const answer = await client.stream(kPath, responses(marked('text', { events: 5, seq: 1 }, `turn ${i}`), { stream }));
      await answer.all();
      assert.equal(answer.status, 200, answer.body.toString());
      const text = stream ? textOf(answer.json) : JSON.parse(answer.body).output.at(-1).content[0].text;
      assert.equal(text, sequence(5));
    }
    const paths = (await sim.requests()).map((request) => request.path);
    assert.ok(paths.some((path) => path.startsWith('/backend-api/codex/responses')), paths.join());
    assert.ok(paths.some((path) => path.startsWith('/v1/chat/completions')), paths.join());
  });
});
