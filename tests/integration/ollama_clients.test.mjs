// Programs that we cannot install here, by what they send: the requests of GitHub Copilot's model picker and chat, of Open
// WebUI and of Home Assistant, member for member, and what each of them reads from the answers.
import assert from 'node:assert/strict';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { Client } from '../support/http.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';

const kTagged = `${kModel}:latest`;

/** The lines of a streamed answer. */
function linesOf(answer) {
  assert.equal(answer.status, 200, answer.text.slice(0, 400));
  assert.match(answer.headers['content-type'], /^application\/x-ndjson/);
  assert.ok(answer.text.endsWith('\n'));
  return answer.text.slice(0, -1).split('\n').map((line) => JSON.parse(line));
}
const contentOf = (lines) => lines.map(({ message }) => message.content ?? '').join('');

/** A test's connection to the bridge, with the headers that the program sends with everything. */
function clientSuite(name, headers, define, options = {}) {
  suite(name, { accounts: 1, ...options }, (test) => define((title, body) => test(title, async (context) => {
    const client = new Client({ port: context.gateway.ollamaPort });
    const ollama = {
      get: (path) => client.get(path, { headers }),
      post: (path, sent) => client.post(path, sent, { headers }),
      stream: (path, sent) => client.stream(path, sent, { headers }),
      request: (method, path, sent) => client.request(method, path, { headers, body: sent }),
    };
    try {
      await body({ ...context, ollama });
    } finally {
      client.close();
    }
  })));
}

// Copilot asks for the version, the list, and each model of the list by its name there; it then talks OpenAI's dialect to
// the same address (wishes A3, 50 and 51; client-protocols §F.7).
clientSuite('GitHub Copilot', { 'user-agent': 'GitHubCopilotChat/0.38.0', origin: 'vscode-file://vscode-app' }, (test) => {
  test('its picker offers the model with tools, pictures and the whole window', async ({ ollama }) => {
    const version = (await ollama.get('/api/version')).json().version.split('.').map((part) => parseInt(part, 10));
    assert.ok(version[0] > 0 || version[1] > 6 || (version[1] === 6 && version[2] >= 4), version.join('.'));
    const names = (await ollama.get('/api/tags')).json().models.map(({ model }) => model);
    assert.ok(names.includes(kTagged), JSON.stringify(names));
    for (const model of names) {
      const answer = await ollama.post('/api/show', { model });
      assert.equal(answer.status, 200, model);
      const { model_info: info, capabilities } = answer.json();
      assert.ok(info['general.basename'], `${model} has no name to show`);
      assert.ok(Array.isArray(capabilities), model);
      const length = info[`${info['general.architecture']}.context_length`];
      assert.ok(Number.isInteger(length) && length > 4096, `${model}: it would be given a window of 4096, not ${length}`);
      if (model === kTagged) assert.deepEqual(['tools', 'vision'].filter((each) => !capabilities.includes(each)), []);
    }
  });

  test('its chat names the model as the list does', async ({ ollama, sim }) => {
    const stream = await ollama.stream('/v1/chat/completions', {
      model: kTagged, stream: true, stream_options: { include_usage: true }, n: 1, temperature: 0.1, top_p: 1, max_tokens: 4096,
      messages: [{ role: 'system', content: 'You are an assistant.' }, { role: 'user', content: marked('text', { events: 30, seq: 1 }) }],
      tools: [{ type: 'function', function: { name: 'read_file', description: 'Reads', parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] } } }],
      tool_choice: 'auto',
    });
    await stream.all();
    assert.equal(chatOutcome(stream.json).text, sequence(30));
    assert.equal((await sim.lastRequest()).body.model, kModel);
  });
});

// Open WebUI's server: says who its user is where it is told to, and reads times as ISO 8601.
const kUser = { 'x-openwebui-user-name': 'Ada%20L', 'x-openwebui-user-id': '1', 'x-openwebui-user-email': 'ada@example.org', 'x-openwebui-user-role': 'user' };
clientSuite('Open WebUI', { ...kUser, 'content-type': 'application/json', accept: '*/*', 'user-agent': 'Python/3.11 aiohttp/3.12.15' }, (test) => {
  test('its connection is verified and its models are listed', async ({ ollama }) => {
    assert.equal(typeof (await ollama.get('/api/version')).json().version, 'string');
    const { models } = (await ollama.get('/api/tags')).json();
    assert.ok(models.find(({ model, name }) => model === kTagged && name === kTagged));
    for (const { model, size, digest, details } of models) {
      assert.ok(digest && Number.isInteger(size) && details.parameter_size && details.quantization_level, model);
    }
    for (const { name, expires_at: expires } of (await ollama.get('/api/ps')).json().models) {
      assert.match(expires, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/, name);
    }
  });

  test('a chat with a picture and settings', async ({ ollama, sim }) => {
    const lines = linesOf(await ollama.post('/api/chat', {
      model: kTagged, stream: true, keep_alive: '5m',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: marked('text', { events: 30, seq: 1 }), images: [pixelPng] },
      ],
      options: { temperature: 0.8, num_ctx: 8192, num_predict: 128, top_k: 40, repeat_penalty: 1.1, num_gpu: 1, use_mmap: true },
    }));
    assert.equal(contentOf(lines), sequence(30));
    const last = lines.at(-1);
    assert.ok(last.done);
    for (const name of ['total_duration', 'load_duration', 'prompt_eval_count', 'prompt_eval_duration', 'eval_count', 'eval_duration']) {
      assert.ok(Number.isInteger(last[name]), `${name}: it shows tokens per second from these`);
    }
    assert.ok(last.eval_duration > 0);
    assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(pixelPng));
  });

  test('the title of a chat, whole', async ({ ollama }) => {
    const answer = await ollama.post('/api/chat', { model: kTagged, messages: [{ role: 'user', content: marked('text', { events: 3, seq: 1 }) }], stream: false, options: { num_predict: 1000 } });
    assert.match(answer.headers['content-type'], /^application\/json/);
    assert.equal(answer.json().message.content, sequence(3));
  });

  test('tools, with their arguments as an object, and results by name alone', async ({ ollama, sim }) => {
    await sim.script([{ function: 'tool_search', arguments: { query: 'fjords' } }], [{ text: 'There are many.' }]);
    const tools = [{ type: 'function', function: { name: 'tool_search', description: 'Searches', parameters: { type: 'object', properties: { query: { type: 'string', description: 'what' } }, required: ['query'] } } }];
    const messages = [{ role: 'user', content: 'How many fjords?' }];
    const lines = linesOf(await ollama.post('/api/chat', { model: kTagged, messages, tools, stream: true, options: {} }));
    const calls = lines.flatMap(({ message }) => message.tool_calls ?? []);
    assert.deepEqual(calls.map((call) => [call.function.name, call.function.arguments]), [['tool_search', { query: 'fjords' }]]);
    const back = [...messages, { role: 'assistant', content: '', tool_calls: calls }, { role: 'tool', content: '1190', tool_call_id: calls[0].id }];
    assert.equal(contentOf(linesOf(await ollama.post('/api/chat', { model: kTagged, messages: back, tools, stream: true }))), 'There are many.');
    assert.deepEqual((await sim.lastRequest()).body.input.filter(({ type }) => type === 'function_call_output').map(({ output }) => output), ['1190']);
  });

  test('its buttons: unload, pull and delete', async ({ ollama, sim }) => {
    const unloaded = (await ollama.post('/api/generate', { model: kTagged, keep_alive: 0, prompt: '' })).text.trim().split('\n').map((line) => JSON.parse(line));
    assert.equal(unloaded.at(-1).done_reason, 'unload');
    assert.equal((await sim.requests()).length, 0);
    assert.equal(linesOf(await ollama.post('/api/pull', { name: kTagged })).at(-1).status, 'success');
    const deleted = await ollama.request('DELETE', '/api/delete', { name: kTagged });
    assert.ok(deleted.status >= 400 && deleted.json().error, deleted.text);
    assert.ok((await ollama.get('/api/tags')).json().models.some(({ model }) => model === kTagged), 'it is gone');
  });

  test('an error is the text below `error`', async ({ ollama }) => {
    const answer = await ollama.post('/api/chat', { model: 'no-such-model', messages: [{ role: 'user', content: 'hi' }], stream: true });
    assert.deepEqual([answer.status, answer.json()], [404, { error: "model 'no-such-model' not found" }]);
    assert.match(answer.headers['content-type'], /^application\/json/);
  });
});

// Home Assistant, which sends Ollama's Python client: its tools' results have neither a name nor an id, and where it has no
// tools it sends an empty list.
clientSuite('Home Assistant', { accept: 'application/json', 'user-agent': 'ollama-python/0.5.1 (x86_64 linux) Python/3.13.5', 'accept-encoding': 'gzip, deflate' }, (test) => {
  const turnOn = { type: 'function', function: { name: 'HassTurnOn', parameters: { type: 'object', properties: { name: { type: 'string' }, area: { type: 'string' }, domain: { type: 'array', items: { type: 'string' } } }, required: [] }, description: 'Turns on a device or entity' } };
  const settings = { model: kTagged, stream: true, options: { num_ctx: 8192 }, keep_alive: -1, think: false };

  test('its set-up finds the model among those that are there', async ({ ollama }) => {
    const { models } = (await ollama.get('/api/tags')).json();
    assert.ok(new Set(models.map(({ model }) => model)).has(kTagged));
  });

  test('an answer without tools', async ({ ollama }) => {
    const lines = linesOf(await ollama.post('/api/chat', { ...settings, messages: [{ role: 'system', content: 'You are a voice assistant.' }, { role: 'user', content: marked('text', { events: 12, seq: 1 }) }], tools: [] }));
    assert.equal(contentOf(lines), sequence(12));
    for (const { message } of lines) assert.equal(message.role, 'assistant');
    assert.equal(lines.at(-1).done_reason, 'stop');
  });

  test('two lamps: calls and their bare results, paired by order', async ({ ollama, sim }) => {
    const lamp = (name) => ({ function: 'HassTurnOn', arguments: { name, domain: ['light'] } });
    await sim.script([lamp('kitchen'), lamp('hall')], [{ text: 'Both are on.' }]);
    const messages = [{ role: 'system', content: 'You are a voice assistant.' }, { role: 'user', content: 'Kitchen and hall, please.' }];
    const lines = linesOf(await ollama.post('/api/chat', { ...settings, messages, tools: [turnOn] }));
    const calls = lines.flatMap(({ message }) => message.tool_calls ?? []);
    assert.deepEqual(calls.map((call) => call.function.arguments), [{ name: 'kitchen', domain: ['light'] }, { name: 'hall', domain: ['light'] }]);
    const back = [
      ...messages,
      { role: 'assistant', content: '', tool_calls: calls.map((call) => ({ function: { name: call.function.name, arguments: call.function.arguments } })) },
      { role: 'tool', content: '{"data":{"success":["kitchen"]},"error":null}' },
      { role: 'tool', content: '{"data":{"success":["hall"]},"error":null}' },
    ];
    assert.equal(contentOf(linesOf(await ollama.post('/api/chat', { ...settings, messages: back, tools: [turnOn] }))), 'Both are on.');
    const { input } = (await sim.lastRequest()).body;
    const outputs = Object.fromEntries(input.filter(({ type }) => type === 'function_call_output').map((item) => [item.call_id, JSON.parse(item.output).data.success[0]]));
    assert.deepEqual(input.filter(({ type }) => type === 'function_call').map((call) => [JSON.parse(call.arguments).name, outputs[call.call_id]]), [['kitchen', 'kitchen'], ['hall', 'hall']]);
  });

  test('data by a schema that is no strict one', async ({ ollama, sim }) => {
    const format = { type: 'object', properties: { lamps: { type: 'integer' }, rooms: { type: 'array', items: { type: 'string' } } }, required: ['lamps'] };
    const lines = linesOf(await ollama.post('/api/chat', { ...settings, messages: [{ role: 'user', content: 'How many lamps are there?' }], tools: [], format }));
    assert.ok(Number.isInteger(JSON.parse(contentOf(lines)).lamps));
    assert.deepEqual(Object.keys((await sim.lastRequest()).body.text.format.schema.properties), ['lamps', 'rooms']);
  });

  test('a picture', async ({ ollama, sim }) => {
    linesOf(await ollama.post('/api/chat', { ...settings, messages: [{ role: 'user', content: 'Who is at the door?', images: [pixelPng] }], tools: [] }));
    assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(`data:image/png;base64,${pixelPng}`));
  });
});

// Both can send a key: Open WebUI's connections and Home Assistant's entries have a field for one. Home Assistant tells a
// wrong one by the status (wishes A3, 54).
const kToken = 'bridge-token-0123456789';
clientSuite('a bridge that wants a token', {}, (test) => {
  test('tells who has none from who has it', async ({ gateway }) => {
    const withToken = (token) => new Client({ port: gateway.ollamaPort, key: token, keepAlive: false });
    gateway.secrets.add(kToken);
    for (const token of [undefined, 'wrong']) {
      const answer = await withToken(token).get('/api/tags');
      assert.equal(answer.status, 401);
      assert.equal(typeof answer.json().error, 'string');
      assert.equal((await withToken(token).post('/v1/chat/completions', { model: kModel, messages: [] })).status, 401);
    }
    assert.equal((await withToken(kToken).get('/api/tags')).status, 200);
  });
}, { env: { BRIDGE_TOKEN: kToken }, config: { ollama: { token: '${BRIDGE_TOKEN}' } } });
