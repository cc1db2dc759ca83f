// The Ollama bridge as its clients see it: every endpoint, through real processes, to the simulated provider.
// ThreadSanitizer: the bridge's calls over gRPC.
import assert from 'node:assert/strict';
import { kModel, marked, pixelPng, sequence, weatherTool } from '../support/bodies.mjs';
import { OllamaClient, joined, lines } from '../support/ollama.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const said = (text, extra = {}) => ({ model: kModel, messages: [{ role: 'user', content: text }], ...extra });

function withOllama(test) {
  return (title, body) => test(title, async (context) => {
    const ollama = new OllamaClient(context.gateway);
    try {
      await body({ ...context, ollama });
    } finally {
      ollama.close();
    }
  });
}

suite('ollama', { accounts: 2, config: { ollama: { version: '0.18.3', origins: ['https://chat.example'] } } }, (bare) => {
  const test = withOllama(bare);

  test('is running, has a version, and has the routes of the real server', async ({ ollama }) => {
    assert.equal((await ollama.get('/')).text, 'Ollama is running');
    assert.equal((await ollama.request('HEAD', '/')).status, 200);
    assert.deepEqual((await ollama.get('/api/version')).json(), { version: '0.18.3' });
    assert.equal((await ollama.get('/api/nothing')).text, '404 page not found');
    const wrong = await ollama.get('/api/chat');
    assert.equal(wrong.status, 405);
    assert.equal(wrong.text, '405 method not allowed');
  });

  test('lists and shows the models that the gateway knows', async ({ ollama, client }) => {
    const { models } = (await ollama.get('/api/tags')).json();
    const ids = (await client.get('/v1/models')).json().data.map((model) => model.id).sort();
    assert.deepEqual(models.map((model) => model.name.replace(/:latest$/, '')).sort(), ids);
    for (const model of models) assert.match(model.digest, /^[0-9a-f]{64}$/);
    assert.deepEqual((await ollama.get('/api/tags')).json().models, models, 'digests and dates are stable');
    for (const name of [kModel, `${kModel}:latest`]) {
      const shown = (await ollama.post('/api/show', { model: name })).json();
      const architecture = shown.model_info['general.architecture'];
      assert.ok(shown.model_info[`${architecture}.context_length`] > 0);
      for (const capability of ['completion', 'tools', 'vision', 'thinking']) assert.ok(shown.capabilities.includes(capability), capability);
    }
    const unknown = await ollama.post('/api/show', { model: 'nobody' });
    assert.equal(unknown.status, 404);
    assert.deepEqual(unknown.json(), { error: "model 'nobody' not found" });
  });

  test('streams a chat line by line and measures it', async ({ ollama }) => {
    const { content, last, answer } = await ollama.call('/api/chat', said(marked('text', { events: 40, seq: 1 })));
    assert.equal(content, sequence(40));
    assert.equal(last.done, true);
    assert.equal(last.done_reason, 'stop');
    assert.equal(last.eval_count, 40);
    assert.ok(last.prompt_eval_count > 0);
    for (const member of ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration']) assert.ok(Number.isInteger(last[member]) && last[member] >= 0, member);
    assert.ok(last.total_duration >= last.load_duration + last.eval_duration);
    for (const line of lines(answer.text)) {
      assert.equal(line.model, kModel);
      assert.match(line.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    }
  });

  test('answers whole, with the name as the client wrote it', async ({ ollama }) => {
    const answer = await ollama.post('/api/chat', said(marked('text', { events: 25, unicode: 1 }), { stream: false, model: `${kModel}:latest` }));
    assert.equal(answer.status, 200, answer.text);
    const streamed = await ollama.call('/api/chat', said(marked('text', { events: 25, unicode: 1 })));
    assert.equal(answer.json().message.content, streamed.content);
    assert.equal(answer.json().model, `${kModel}:latest`);
  });

  test('calls tools in parallel with objects, and takes their results by name', async ({ ollama }) => {
    const messages = [{ role: 'user', content: marked('tools', { n: 2 }) }];
    const { calls, last } = await ollama.call('/api/chat', { model: kModel, messages, tools: [weatherTool] });
    assert.equal(calls.length, 2);
    assert.equal(last.done_reason, 'stop');
    for (const [index, call] of calls.entries()) {
      assert.equal(call.function.index, index);
      assert.equal(typeof call.function.arguments.city, 'string');
    }
    messages.push({ role: 'assistant', content: '', tool_calls: calls.map(({ function: { name, arguments: args } }) => ({ function: { name, arguments: args } })) });
    for (const call of calls) messages.push({ role: 'tool', tool_name: call.function.name, content: 'rain' });
    const next = await ollama.call('/api/chat', { model: kModel, messages, tools: [weatherTool] });
    assert.ok(next.content.length > 0);
    assert.equal(next.answer.headers['x-patchbay-repaired'], undefined);
  });

  test('shows pictures to the model, and refuses what is none', async ({ ollama, sim }) => {
    const ask = (images) => ollama.post('/api/chat', { model: kModel, stream: false, messages: [{ role: 'user', content: 'what?', images }] });
    assert.equal((await ask([pixelPng])).status, 200);
    assert.ok(JSON.stringify((await sim.lastRequest()).body).includes(`data:image/png;base64,${pixelPng}`));
    const broken = await ask(['not base64!']);
    assert.equal(broken.status, 400);
    assert.match(broken.json().error, /illegal base64 data/);
    assert.equal((await ask(['AAAA'])).status, 400);
  });

  test('thinks as much as it is told, and shows it', async ({ ollama, sim }) => {
    const thinking = await ollama.call('/api/chat', said(marked('reasoning', { events: 5 }), { think: 'high' }));
    assert.ok(thinking.thinking.length > 0);
    assert.equal((await sim.lastRequest()).body.reasoning.effort, 'high');
    const silent = await ollama.call('/api/chat', said(marked('reasoning', { events: 5 }), { think: false }));
    assert.equal(silent.thinking, '');
    assert.equal((await ollama.post('/api/chat', said('x', { think: 'very' }))).status, 400);
  });

  test('answers in JSON and by a schema', async ({ ollama }) => {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const { content } = await ollama.call('/api/chat', said(marked('json'), { format: schema }));
    assert.equal(typeof JSON.parse(content).city, 'string');
    assert.equal((await ollama.post('/api/chat', said('x', { format: 'xml' }))).status, 400);
  });

  test('says which options changed nothing', async ({ ollama }) => {
    const { answer } = await ollama.call('/api/chat', said('x', { options: { num_ctx: 4096, temperature: 0.5 } }));
    const ignored = answer.headers['x-patchbay-ignored'].split(', ');
    for (const name of ['options.num_ctx', 'options.temperature']) assert.ok(ignored.includes(name), ignored.join());
  });

  test('generates, and goes on from a context', async ({ ollama, sim }) => {
    const first = await ollama.call('/api/generate', { model: kModel, prompt: marked('text', { echo: 1 }, 'my name is Bo'), system: 'Be brief.' });
    assert.ok(first.content.includes('my name is Bo'));
    assert.ok(first.last.context.every((number) => Number.isInteger(number) && number < 2 ** 31));
    const second = await ollama.call('/api/generate', { model: kModel, prompt: 'who?', context: first.last.context });
    assert.ok(second.last.context.length > first.last.context.length);
    assert.ok(JSON.stringify((await sim.lastRequest()).body).includes('my name is Bo'));
    const raw = await ollama.post('/api/generate', { model: kModel, prompt: 'x', raw: true, stream: false });
    assert.equal(raw.json().context, undefined);
  });

  test('loads, lists and unloads', async ({ ollama }) => {
    assert.equal((await ollama.post('/api/chat', { model: kModel, messages: [] })).json().done_reason, 'load');
    assert.ok((await ollama.get('/api/ps')).json().models.some((model) => model.name === `${kModel}:latest`));
    assert.equal((await ollama.post('/api/generate', { model: kModel, keep_alive: 0 })).json().done_reason, 'unload');
    assert.ok(!(await ollama.get('/api/ps')).json().models.some((model) => model.name === `${kModel}:latest`));
  });

  test('answers what would change the models', async ({ ollama }) => {
    assert.deepEqual(lines((await ollama.post('/api/pull', { model: kModel })).text).at(-1), { status: 'success' });
    assert.match(lines((await ollama.post('/api/pull', { model: 'nobody' })).text).at(-1).error, /file does not exist/);
    assert.equal((await ollama.post('/api/push', { model: kModel })).status, 501);
    assert.equal((await ollama.request('DELETE', '/api/delete', { body: { model: 'nobody' } })).status, 404);
    assert.equal((await ollama.request('HEAD', `/api/blobs/sha256:${'0'.repeat(64)}`)).status, 404);
  });

  test('has errors in the shape of the real server, also in the middle of an answer', async ({ ollama }) => {
    for (const [body, status, message] of [
      ['', 400, 'missing request body'],
      ['{', 400, undefined],
      ['{}', 400, 'model is required'],
      [{ model: 'nobody', messages: [{ role: 'user', content: 'x' }] }, 404, "model 'nobody' not found"],
      [{ model: kModel, messages: 'x' }, 400, 'messages: expected an array'],
      [said('x', { options: { temperature: 'hot' } }), 400, 'option "temperature" must be of type float32'],
    ]) {
      const answer = await ollama.post('/api/chat', body);
      assert.equal(answer.status, status, answer.text);
      assert.equal(typeof answer.json().error, 'string');
      if (message) assert.equal(answer.json().error, message);
    }
    const cut = await ollama.post('/api/chat', said(marked('cut', { after: 3, events: 10, seq: 1 })));
    assert.equal(cut.status, 200);
    const all = lines(cut.text);
    assert.equal(typeof all.at(-1).error, 'string');
    assert.equal(joined(all.slice(0, -1)).content, sequence(3));
    assert.ok(all.every((line) => line.done !== true), 'no end is invented');
  });

  test('ends the provider\'s stream when the client leaves', async ({ ollama, sim }) => {
    const opened = await ollama.open('POST', '/api/chat', { body: said(marked('hold', { after: 2, events: 5, key: 'left' })) });
    await new Promise((resolve) => { opened.response.once('data', resolve); });
    opened.request.destroy();
    await eventually('the provider to see it', async () => (await sim.lastRequest()).aborted);
  });

  test('lets in the pages that Ollama lets in, and those of the configuration', async ({ ollama }) => {
    const asked = (headers, method = 'GET') => ollama.request(method, '/api/tags', { headers });
    for (const origin of ['http://localhost:3000', 'app://obsidian.md', 'vscode-webview://x', 'https://chat.example']) {
      const answer = await asked({ origin });
      assert.equal(answer.status, 200, origin);
      assert.equal(answer.headers['access-control-allow-origin'], origin);
      assert.equal((await asked({ origin }, 'OPTIONS')).status, 204);
    }
    assert.equal((await asked({ origin: 'https://evil.example' })).status, 403);
    assert.equal((await asked({ host: 'evil.example' })).status, 403);
    assert.equal((await asked({ host: 'host.docker.internal:11434' })).status, 200);
  });

  test('passes /v1 through to the gateway\'s own protocols, whatever key the client shows', async ({ ollama, client }) => {
    const headers = { authorization: 'Bearer ollama' };
    const body = { model: kModel, messages: [{ role: 'user', content: marked('text', { events: 9, seq: 1 }) }] };
    const whole = await ollama.post('/v1/chat/completions', body, { headers });
    assert.equal(whole.json().choices[0].message.content, sequence(9));
    const stream = await ollama.stream('/v1/chat/completions', { ...body, stream: true }, { headers });
    await stream.all();
    assert.ok(stream.finishedWithDone);
    const claude = await ollama.post('/v1/messages', { model: kModel, max_tokens: 99, messages: [{ role: 'user', content: 'hi' }] }, { headers: { 'x-api-key': 'any', 'anthropic-version': '2023-06-01' } });
    assert.equal(claude.json().type, 'message', claude.text);
    const tagged = await ollama.post('/v1/chat/completions', { ...body, model: `${kModel}:latest` }, { headers });
    assert.equal(tagged.json().choices?.[0].message.content, sequence(9), tagged.text);
    assert.deepEqual((await ollama.get('/v1/models')).json(), (await client.get('/v1/models')).json());
    assert.equal((await ollama.get('/v1/nothing')).status, 404);
  });

  test('serves 500 chats at once, every one to the byte', async ({ ollama }) => {
    const all = await Promise.all(Array.from({ length: 500 }, (_, i) => ollama.call('/api/chat', said(marked('text', { events: 10 + i % 7, seq: 1 })))));
    for (const [i, { content }] of all.entries()) assert.equal(content, sequence(10 + i % 7));
  });
});

suite('ollama, switched off and on', { accounts: 1 }, (test) => {
  test('by a command, without a restart, and in the file', async ({ gateway, client }) => {
    const reaches = async (port) => {
      const ollama = new OllamaClient(gateway, { port });
      try {
        return (await ollama.get('/api/version')).status === 200;
      } catch {
        return false;
      } finally {
        ollama.close();
      }
    };
    const named = async () => (await gateway.json(['workers', 'list'])).workers.map(({ name }) => name);
    const { pid } = await gateway.json(['status']);
    assert.ok(await reaches(gateway.ollamaPort));
    assert.equal((await gateway.json(['ollama', 'disable'])).enabled, false);
    assert.equal(await reaches(gateway.ollamaPort), false);
    assert.ok(!(await named()).includes('ollama'));
    assert.match((await gateway.cli(['config', 'print', gateway.configFile])).stdout, /ollama:[^]*?enabled: false/);
    assert.notEqual((await gateway.cli(['workers', 'restart', 'ollama'])).code, 0, 'what is off is not restarted');
    assert.equal((await client.get('/v1/models')).status, 200);

    const on = await gateway.json(['ollama', 'enable']);
    assert.deepEqual([on.enabled, on.state], [true, 'ready']);
    // The configured port is 0 here, so that it is another one now.
    assert.ok(await reaches(Number(on.address.split(':').at(-1))));
    assert.equal((await gateway.json(['status'])).pid, pid);
  });
});

suite('ollama with a token', { accounts: 1, config: { ollama: { token: '${BRIDGE_TOKEN}' } }, env: { BRIDGE_TOKEN: 'a-token-of-the-bridge' } }, (test) => {
  test('asks for it, everywhere but at the door', async ({ gateway }) => {
    const anybody = new OllamaClient(gateway), knows = new OllamaClient(gateway, { key: 'a-token-of-the-bridge' });
    assert.equal((await anybody.get('/')).status, 200);
    for (const place of ['/api/tags', '/v1/models']) {
      assert.equal((await anybody.get(place)).status, 401);
      assert.equal((await knows.get(place)).status, 200);
    }
    anybody.close();
    knows.close();
  });

  test('is written down nowhere', async ({ gateway }) => {
    assert.ok(!gateway.logs.includes('a-token-of-the-bridge'));
    const printed = await gateway.cli(['config', 'print', '--running']);
    assert.ok(!printed.stdout.includes('a-token-of-the-bridge'));
  });
});
