// Names of models, from a client's word to what the provider is asked for.
import assert from 'node:assert/strict';
import path from 'node:path';
import { chat, chatStream, responses } from '../support/bodies.mjs';
import { binary, run } from '../support/program.mjs';
import { SocketClient, codexHeaders, create } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';

const kConfig = { models: { aliases: { 'my-model': 'gpt-6-luna-low', 'turned-off-*': '' } } };

suite('names of models', { accounts: 1, config: kConfig }, (test) => {
  const asked = async (sim) => (await sim.lastRequest()).body;

  test('names of other vendors are served by models of their size', async ({ client, sim }) => {
    for (const [name, model] of [['claude-opus-4-8', 'gpt-6.2-sol'], ['claude-fable-5-2', 'gpt-6.2-astra'], ['claude-sonnet-4-5', 'gpt-6.1-terra'], ['gemini-3.8-flash', 'gpt-6-luna']]) {
      const answer = await client.post('/v1/chat/completions', chat('hello', { model: name }));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json().model, name);
      assert.equal(answer.headers['x-patchbay-model'], model);
      assert.equal((await asked(sim)).model, model);
    }
  });

  test('suffixes choose effort and tier, over what the request says', async ({ client, sim }) => {
    const stream = await client.stream('/v1/chat/completions', chatStream('hello', { model: 'gpt-5.5-high-fast', reasoning_effort: 'low' }));
    await stream.all();
    assert.equal(stream.status, 200);
    assert.equal(stream.headers['x-patchbay-model'], 'gpt-5.5; effort=high; tier=priority');
    const body = await asked(sim);
    assert.equal(body.model, 'gpt-5.5');
    assert.equal(body.reasoning.effort, 'high');
    assert.equal(body.service_tier, 'priority');
  });

  test('the byte-transparent route changes only what the name asks for', async ({ client, sim }) => {
    const plain = responses('hello', { reasoning: { summary: 'auto', effort: 'low' }, client_metadata: { a: 'b' } });
    await client.post('/v1/responses', plain);
    const before = JSON.stringify(await asked(sim));
    const answer = await client.post('/v1/responses', { ...plain, model: 'gpt-5.5-high' });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(JSON.stringify(await asked(sim)), before.replace('"effort":"low"', '"effort":"high"'));
  });

  test('configured aliases are followed, and end where they are turned off', async ({ client, sim }) => {
    const answer = await client.post('/v1/chat/completions', chat('hello', { model: 'my-model' }));
    assert.equal(answer.status, 200, answer.text);
    const body = await asked(sim);
    assert.equal(body.model, 'gpt-6-luna');
    assert.equal(body.reasoning.effort, 'low');
    for (const model of ['turned-off-1', 'llama-4']) {
      const refused = await client.post('/v1/chat/completions', chat('hello', { model }));
      assert.equal(refused.status, 404);
      assert.equal(refused.json().error.code, 'model_not_found');
    }
  });

  test('a name that is its own answer has no header about it', async ({ client }) => {
    const answer = await client.post('/v1/chat/completions', chat('hello'));
    assert.equal(answer.headers['x-patchbay-model'], undefined);
  });

  test('the command line explains each step', async ({ gateway }) => {
    const { code, stdout } = await gateway.cli(['models', 'resolve', 'claude-opus-4-8-high']);
    assert.equal(code, 0);
    assert.match(stdout, /^1\. the suffix -high /);
    assert.match(stdout, /^2\. claude-opus-4-8 fits the built-in alias claude-\*opus\*/m);
    assert.match(stdout, /^provider codex, model gpt-6\.2-sol, effort high$/m);
    const resolved = await gateway.json(['models', 'resolve', 'my-model']);
    assert.equal(resolved.wire_model, 'gpt-6-luna');
    const unknown = await gateway.cli(['models', 'resolve', 'turned-off-1']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stdout, /turned off/);
    assert.match((await gateway.cli(['models', 'list'])).stdout, /^gpt-5\.5 +codex/m);
  });

  test('aliases change without a restart', async ({ gateway, client }) => {
    const config = structuredClone(gateway.config);
    config.models.aliases['late'] = 'gpt-5.5';
    gateway.writeConfig(config);
    assert.equal((await client.post('/v1/chat/completions', chat('hello', { model: 'late' }))).status, 404);
    const reloaded = await gateway.cli(['reload']);
    assert.match(reloaded.stdout, /models\.aliases/);
    assert.equal((await client.post('/v1/chat/completions', chat('hello', { model: 'late' }))).status, 200);
  });
});

suite('a plan without the largest models', { accounts: 1, accountOptions: { plan: 'free' }, config: kConfig }, (test) => {
  test('names of other vendors fall to what the plan has', async ({ client, gateway }) => {
    assert.ok((await gateway.json(['models', 'list'])).models.some((model) => model.live));
    const answer = await client.post('/v1/chat/completions', chat('hello', { model: 'claude-opus-4-8' }));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['x-patchbay-model'], 'gpt-5.5');
  });
});

const claude = { 'anthropic-version': '2023-06-01' };

// Every dialect's way to ask for a model, and where its error says what.
const kDialects = {
  chat: [(model) => ['/v1/chat/completions', chat('hello', { model })], (body) => body.error.message, (body) => body.error.code],
  'chat, streamed': [(model) => ['/v1/chat/completions', chatStream('hello', { model })], (body) => body.error.message, (body) => body.error.code],
  completions: [(model) => ['/v1/completions', { model, prompt: 'hello' }], (body) => body.error.message, (body) => body.error.code],
  responses: [(model) => ['/v1/responses', responses('hello', { model })], (body) => body.error.message, (body) => body.error.code],
  compact: [(model) => ['/v1/responses/compact', responses('hello', { model })], (body) => body.error.message, (body) => body.error.code],
  images: [(model) => ['/v1/images/generations', { model, prompt: 'a dot' }], (body) => body.error.message, (body) => body.error.code],
  anthropic: [
    (model) => ['/v1/messages', { model, max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] }, { headers: claude }],
    (body) => body.error.message,
    (body) => body.error.type,
  ],
  gemini: [
    (model) => [`/v1beta/models/${encodeURIComponent(model)}:generateContent`, { contents: [{ parts: [{ text: 'hello' }] }] }],
    (body) => body.error.message,
    (body) => body.error.status,
  ],
};

suite('a model that there is none of', { accounts: 1, config: kConfig }, (test) => {
  for (const [dialect, [ask, messageOf, codeOf]] of Object.entries(kDialects)) {
    test(`is named in the error, with the nearest that exist (${dialect})`, async ({ client, sim }) => {
      // What is no name of a model here, what the provider refuses, and what it refused before.
      for (const model of ['gtp-6-sol', 'gpt-6-soul', 'gpt-6-soul']) {
        const answer = await client.post(...ask(model));
        assert.equal(answer.status, 404, answer.text);
        assert.match(messageOf(answer.json()), new RegExp(`'${model}'.*nearest names are 'gpt-6-sol'`), answer.text);
        assert.match(codeOf(answer.json()), /model_not_found|not_found_error|NOT_FOUND/);
      }
      assert.ok((await sim.requests()).length <= 1, 'a refusal is remembered');
    });

    test(`is shown without harm and not without end (${dialect})`, async ({ client }) => {
      for (const model of ['x\u001b[31m\r\nset-cookie: a=b\u202e', 'y'.repeat(dialect === 'gemini' ? 5000 : 300_000)]) {
        const answer = await client.post(...ask(model));
        assert.equal(answer.status, 404, answer.text.slice(0, 500));
        const message = messageOf(answer.json());
        assert.ok(message.length < 400, `${message.length} characters`);
        assert.match(message, /^[\x20-\x7e]+$/);
        assert.equal(answer.headers['set-cookie'], undefined);
      }
      assert.equal((await client.post('/v1/chat/completions', chat('still there'))).status, 200);
    });
  }

  test('bytes that are no text in a path break nothing', async ({ client }) => {
    const answer = await client.post('/v1beta/models/%ff%00x:generateContent', { contents: [{ parts: [{ text: 'hello' }] }] });
    assert.ok([400, 404].includes(answer.status), answer.text);
    assert.ok([400, 404].includes((await client.get('/v1/models/%ff%00x')).status));
    assert.equal((await client.post('/v1/chat/completions', chat('still there'))).status, 200);
  });

  test('is named over a WebSocket and over gRPC', async ({ gateway }) => {
    const socket = await SocketClient.open({ port: gateway.port, key: gateway.key });
    const turn = await socket.turn(create('hello', { model: 'gpt-6-soul' }));
    const last = turn.frames.at(-1);
    assert.equal(last.type, 'error');
    assert.equal(last.status, 404);
    assert.equal(last.error.code, 'model_not_found');
    assert.match(last.error.message, /'gpt-6-soul'.*'gpt-6-sol'/);
    socket.close();
    const call = { request: { model: 'gpt-6-soul', items: [{ message: { role: 'ROLE_USER', parts: [{ text: 'hi' }] } }] } };
    const args = ['--gateway', `unix:${path.join(gateway.runtimeDir, 'frontend.sock')}`, '--token-file', path.join(gateway.runtimeDir, 'ollama.token')];
    const done = await run(binary('patchbay-test-generate'), args, { input: JSON.stringify(call) });
    assert.equal(done.code, 5);
    assert.match(done.stderr, /'gpt-6-soul'.*'gpt-6-sol'/);
  });

  test('is named where one model is asked about', async ({ client, gateway }) => {
    const answer = await client.get('/v1/models/gpt-6-sool/info');
    assert.equal(answer.status, 200, 'the provider decides about such a name');
    const refused = await client.get('/v1/models/gtp-6-sol');
    assert.equal(refused.status, 404);
    assert.match(refused.json().error.message, /'gtp-6-sol'.*'gpt-6-sol'/);
    assert.match((await gateway.cli(['accounts', 'explain', '--model', 'gtp-6-sol'])).stderr, /'gtp-6-sol'.*'gpt-6-sol'/);
  });
});

suite('a gateway without an account', { accounts: 0 }, (test) => {
  test('says for which model it has none', async ({ client }) => {
    const answer = await client.post('/v1/chat/completions', chat('hello', { model: 'gpt-6-sol' }));
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.json().error.message, /no account is configured for model 'gpt-6-sol'/);
  });
});

suite('efforts', { accounts: 1 }, (test) => {
  const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'];
  const ladders = { 'gpt-5.5': ['low', 'low', 'low', 'medium', 'high', 'xhigh', 'xhigh', 'xhigh'], 'gpt-6-sol': ['low', 'low', 'low', 'medium', 'high', 'xhigh', 'max', 'max'] };

  test('are fitted to the model on the byte-transparent route, and only they', async ({ client, sim }) => {
    for (const [model, ladder] of Object.entries(ladders)) {
      for (const headers of [{}, codexHeaders('0198c0de-0000-7000-8000-00000000e401')]) {
        for (const [i, effort] of efforts.entries()) {
          const body = responses('hello', { model, include: ['reasoning.encrypted_content'], reasoning: { summary: 'auto', effort } });
          const answer = await client.post('/v1/responses', body, { headers });
          assert.equal(answer.status, 200, answer.text);
          const fitted = ladder[i];
          assert.equal(JSON.stringify((await sim.lastRequest()).body), JSON.stringify(body).replace(`"effort":"${effort}"`, `"effort":"${fitted}"`));
          assert.equal(answer.headers['x-patchbay-repaired'], fitted === effort ? undefined : `reasoning_effort:${effort}`);
          assert.equal(answer.headers['x-patchbay-model'], fitted === effort ? undefined : `${model}; effort=${fitted}`);
        }
      }
    }
  });

  test('are fitted in the other dialects, and said the same way', async ({ client, sim }) => {
    for (const [i, effort] of efforts.entries()) {
      const asked = {
        '/v1/chat/completions': chat('hello', { reasoning_effort: effort }),
        '/v1/messages': { model: 'gpt-5.5', max_tokens: 9, messages: [{ role: 'user', content: 'hello' }], output_config: { effort } },
      };
      for (const [where, body] of Object.entries(asked)) {
        const answer = await client.post(where, body, { headers: where === '/v1/messages' ? claude : {} });
        assert.equal(answer.status, 200, answer.text);
        const fitted = ladders['gpt-5.5'][i];
        assert.equal((await sim.lastRequest()).body.reasoning.effort, fitted);
        assert.equal(answer.headers['x-patchbay-repaired'], fitted === effort ? undefined : `reasoning_effort:${effort}`);
      }
    }
  });

  test('that nobody knows are left to the provider', async ({ client, sim }) => {
    const answer = await client.post('/v1/responses', responses('hello', { reasoning: { effort: 'banana' } }));
    assert.equal(answer.status, 400);
    assert.equal((await sim.lastRequest()).body.reasoning.effort, 'banana');
  });

  test('are fitted on a WebSocket too', async ({ gateway, sim }) => {
    for (const codex of [false, true]) {
      const socket = await SocketClient.open({ port: gateway.port, key: gateway.key, headers: codex ? codexHeaders('0198c0de-0000-7000-8000-00000000e402') : {} });
      const turn = await socket.turn(create('hello', { reasoning: { effort: 'ultra', summary: 'auto' } }));
      turn.completed();
      const sent = (await sim.requests()).filter((entry) => entry.method === 'FRAME').at(-1).body;
      assert.deepEqual(sent.reasoning, { effort: 'xhigh', summary: 'auto' });
      const repaired = turn.frames.find((frame) => frame.type === 'patchbay.repaired');
      assert.deepEqual(repaired?.repairs, codex ? undefined : ['reasoning_effort:ultra']);
      socket.close();
    }
  });

  test('of the provider\'s list work as suffixes', async ({ client, sim }) => {
    for (const [name, model, effort] of [['gpt-6-sol-ultra', 'gpt-6-sol', 'max'], ['gpt-6-sol:max', 'gpt-6-sol', 'max'], ['claude-gpt-6-luna:ultra', 'gpt-6-luna', 'max'], ['gpt-5.5:max', 'gpt-5.5', 'xhigh']]) {
      for (const ask of [kDialects.chat[0], kDialects.responses[0], kDialects.anthropic[0]]) {
        const answer = await client.post(...ask(name));
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.headers['x-patchbay-model'], `${model}; effort=${effort}`);
        const { body } = await sim.lastRequest();
        assert.deepEqual([body.model, body.reasoning.effort], [model, effort]);
      }
    }
  });
});

