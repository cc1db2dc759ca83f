// Names of models, from a client's word to what the provider is asked for.
import assert from 'node:assert/strict';
import path from 'node:path';
import { chat, chatStream, responses } from '../support/bodies.mjs';
import { binary, run } from '../support/program.mjs';
import { SocketClient, codexHeaders, create } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

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

suite('lists of models', { accounts: 1, config: kConfig }, (test) => {
  const live = (client) =>
    eventually('the live list', async () => {
      const answer = await client.get('/v1/models/catalog');
      return answer.status === 200 && answer.json().some((model) => model.source === 'live') && answer.json();
    });

  test('every plan is asked once, and its list replaces the shipped one', async ({ client, gateway }) => {
    const models = await live(client);
    const model = models.find((entry) => entry.id === 'gpt-5.5');
    assert.equal(model.source, 'live');
    assert.deepEqual(model.plans, ['plus']);
    assert.ok(model.reasoning_efforts.includes('xhigh'));
    assert.equal(models.find((entry) => entry.id === 'my-model').alias_of, 'gpt-6-luna');
    assert.match((await gateway.cli(['models', 'list'])).stdout, /^gpt-5\.5 +codex +live +plus +272000 +low medium high xhigh/m);
    assert.equal(gateway.logs.match(/"event":"models.fetched"/g).length, 1);
  });

  test('the OpenAI shape shows what is not hidden', async ({ client }) => {
    await live(client);
    const list = (await client.get('/v1/models')).json();
    assert.equal(list.object, 'list');
    const ids = list.data.map((model) => model.id);
    assert.ok(ids.includes('gpt-5.5') && ids.includes('my-model'));
    assert.ok(!ids.includes('codex-auto-review'));
    for (const model of list.data) {
      assert.equal(model.object, 'model');
      assert.equal(typeof model.created, 'number');
      assert.equal(model.owned_by, 'openai');
    }
    assert.equal((await client.get('/v1/models/codex-auto-review')).json().id, 'codex-auto-review');
  });

  test('the Codex CLI gets its catalogue with a tag, and nothing when it has it', async ({ client }) => {
    await live(client);
    for (const path of ['/v1/models', '/models', '/backend-api/codex/models']) {
      const answer = await client.get(`${path}?client_version=0.169.0`);
      assert.equal(answer.status, 200, answer.text);
      const { models } = answer.json();
      const entry = models.find((model) => model.slug === 'gpt-5.5');
      assert.ok(entry.base_instructions && entry.shell_type && entry.truncation_policy, 'the provider\'s own entry');
      assert.ok(models.some((model) => model.slug === 'my-model'));
      const again = await client.get(`${path}?client_version=0.169.0`, { headers: { 'if-none-match': answer.headers.etag } });
      assert.equal(again.status, 304);
      assert.equal(again.text, '');
      assert.equal(again.headers.etag, answer.headers.etag);
    }
  });

  test('an Anthropic client gets pages, and Google\'s its own shape', async ({ client }) => {
    await live(client);
    const headers = { 'anthropic-version': '2023-06-01' };
    const first = (await client.get('/v1/models?limit=2', { headers })).json();
    assert.equal(first.data.length, 2);
    assert.equal(first.has_more, true);
    assert.equal(first.last_id, first.data[1].id);
    const ids = first.data.map((model) => model.id);
    for (let after = first.last_id, more = true; more; ) {
      const page = (await client.get(`/v1/models?limit=2&after_id=${after}`, { headers })).json();
      for (const model of page.data) {
        assert.equal(model.type, 'model');
        assert.match(model.created_at, /^\d{4}-\d\d-\d\dT/);
        ids.push(model.id);
      }
      more = page.has_more;
      after = page.last_id;
    }
    const list = (await client.get('/v1/models')).json().data.map((model) => model.id);
    assert.deepEqual(ids.slice(0, list.length), list);
    assert.ok(ids.slice(list.length).every((id) => id.startsWith('claude-')), 'second names stand behind the models');
    const refused = await client.get('/v1/models?limit=0', { headers });
    assert.equal(refused.status, 400);
    assert.equal(refused.json().error.type, 'invalid_request_error');
    assert.equal((await client.get('/v1/models/claude-opus-4-8', { headers })).json().type, 'model');
    const google = (await client.get('/v1beta/models')).json().models.map((model) => model.baseModelId);
    assert.deepEqual(google, list);
  });

  test('the provider\'s tag of its own list does not reach a client that has ours', async ({ client }) => {
    const answer = await client.post('/v1/responses', responses('hello'));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['x-models-etag'], undefined);
    assert.ok(answer.headers['x-codex-plan-type'], 'other headers for the CLI pass');
  });

  test('one model can be asked for by any name that works', async ({ client }) => {
    await live(client);
    assert.equal((await client.get('/v1/models/gpt-5.5')).json().id, 'gpt-5.5');
    assert.equal((await client.get('/v1/models/claude-opus-4-8')).json().id, 'claude-opus-4-8');
    const info = (await client.get('/v1/models/claude-opus-4-8/info')).json();
    assert.equal(info.alias_of, 'gpt-6.2-sol');
    assert.equal(info.source, 'alias');
    assert.equal((await client.get('/v1/models/nothing')).status, 404);
    assert.equal((await client.get('/v1/models/nothing/info')).json().error.code, 'model_not_found');
  });

  test('the list is there at once after a restart', async ({ client, gateway }) => {
    await live(client);
    await gateway.json(['workers', 'restart', 'accounts']);
    const models = (await gateway.json(['models', 'list'])).models;
    assert.ok(models.find((model) => model.id === 'gpt-5.5').live);
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

  test('offers Claude Code nothing', async ({ client }) => {
    const { data } = (await client.get('/v1/models?limit=1000', { headers: claude })).json();
    assert.deepEqual(data.filter((model) => model.id.startsWith('claude')), []);
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

suite('Claude Code\'s model discovery', { accounts: 1, config: kConfig }, (test) => {
  test('finds names that work, with titles, and nothing that does not', async ({ client, gateway, sim }) => {
    const headers = { authorization: `Bearer ${gateway.key}`, 'x-api-key': gateway.key, ...claude };
    const began = performance.now();
    const answer = await client.get('/v1/models?limit=1000', { headers });
    assert.equal(answer.status, 200, answer.text);
    assert.ok(performance.now() - began < 2000, 'it gives up after 3 s');
    const { data } = answer.json();
    const shown = data.filter((model) => /^(claude|anthropic)/.test(model.id));
    const ids = shown.map((model) => model.id);
    for (const id of ['claude-opus-5-5', 'claude-fable-5-2', 'claude-sonnet-5-5', 'claude-haiku-5-5', 'claude-gpt-6.2-sol', 'claude-gpt-5.5', 'claude-my-model']) assert.ok(ids.includes(id), `${id} of ${ids}`);
    assert.ok(!ids.includes('claude-codex-auto-review'), 'what is hidden stays so');
    assert.equal(new Set(data.map((model) => model.id)).size, data.length);
    for (const model of shown) {
      assert.equal(model.type, 'model');
      assert.ok(model.display_name);
      const [where, body, options] = kDialects.anthropic[0](model.id);
      const served = await client.post(where, body, options);
      assert.equal(served.status, 200, served.text);
      const one = await client.get(`/v1/models/${encodeURIComponent(model.id)}`, { headers: claude });
      assert.equal(one.json().display_name, model.display_name);
    }
    assert.equal(shown.find((model) => model.id === 'claude-gpt-6.2-sol').description, 'A simulated model.');
    assert.equal((await sim.requests()).at(-1).body.model, 'gpt-6-luna', 'claude-my-model is the operator\'s');
  });

  test('changes no other list', async ({ client }) => {
    const openai = (await client.get('/v1/models')).json().data.map((model) => model.id);
    const google = (await client.get('/v1beta/models')).json().models.map((model) => model.baseModelId);
    const codex = (await client.get('/v1/models?client_version=0.171.0')).json().models.map((model) => model.slug);
    for (const ids of [openai, google, codex]) assert.ok(ids.length > 5 && ids.every((id) => !id.startsWith('claude')), String(ids));
  });
});

// A first account whose plan lacks the largest models, and a provider that is slow to say so.
const whenListIs = (name, scenario, define) =>
  suite(`the first moments of an account: ${name}`, { accounts: 0, config: kConfig }, (test) => {
    test('', async (context) => {
      const { gateway, client } = context;
      assert.equal((await client.get('/v1/models')).status, 200);
      await gateway.addAccounts(1, { plan: 'free', scenario });
      await define(context);
    });
  });

whenListIs('its list is slow', { name: 'models_slow', head_ms: 700 }, async ({ client, sim }) => {
  const asked = ['claude-opus-5-5', 'gpt-5.5', 'gpt-6.2-sol', 'claude-haiku-5-5'].map((model) => client.post('/v1/chat/completions', chat('hello', { model })));
  const [list, discovered] = await Promise.all([client.get('/v1/models'), client.get('/v1/models?limit=1000', { headers: claude })]);
  const [opus, plain, lacking, haiku] = await Promise.all(asked);
  assert.equal(opus.status, 200, opus.text);
  assert.equal(opus.headers['x-patchbay-model'], 'gpt-5.5');
  assert.equal(plain.status, 200, plain.text);
  assert.equal(haiku.headers['x-patchbay-model'], 'gpt-6-luna');
  assert.equal(lacking.status, 404, lacking.text);
  assert.match(lacking.json().error.message, /'gpt-6.2-sol'/);
  const sent = (await sim.requests()).map((request) => request.body.model).sort();
  assert.deepEqual(sent, ['gpt-5.5', 'gpt-5.5', 'gpt-6-luna', 'gpt-6.2-sol'], 'no alias led to what the plan lacks');
  for (const { data } of [list.json(), discovered.json()]) {
    assert.ok(data.some((model) => model.id.endsWith('gpt-5.5')));
    assert.ok(!data.some((model) => model.id.includes('sol')), 'no list shows what the plan lacks');
  }
});

const goesOnWithTheShippedList = (atMost) => async ({ client, sim }) => {
  const began = performance.now();
  const opus = await client.post('/v1/chat/completions', chat('hello', { model: 'claude-opus-5-5' }));
  const took = performance.now() - began;
  assert.equal(opus.status, 200, opus.text);
  assert.ok(took < atMost, `${took} ms`);
  assert.equal(opus.headers['x-patchbay-model'], 'gpt-5.5', 'the next that the account has, within the same request');
  const models = async () => (await sim.requests()).map((request) => request.body.model);
  assert.deepEqual(await models(), ['gpt-6.2-sol', 'gpt-6.1-sol', 'gpt-6-sol', 'gpt-5.6-sol', 'gpt-5.5']);
  const again = await client.post('/v1/responses', responses('hello', { model: 'claude-opus-5-5' }));
  assert.equal(again.status, 200, again.text);
  assert.equal((await models()).length, 6, 'what was refused is remembered');
  const ids = (await client.get('/v1/models')).json().data.map((model) => model.id);
  assert.ok(ids.includes('gpt-5.5') && !ids.includes('gpt-6.2-sol'), String(ids));
  const lacking = await client.post('/v1/chat/completions', chat('hello', { model: 'gpt-6.2-sol' }));
  assert.equal(lacking.status, 404, lacking.text);
  assert.equal((await models()).length, 6);
};
whenListIs('its list never comes', { name: 'models_stall' }, goesOnWithTheShippedList(3500));
whenListIs('its list is refused', { name: 'models_status', code: 403, kind: 'challenge' }, goesOnWithTheShippedList(1500));
whenListIs('its list fails', { name: 'models_status', code: 500 }, goesOnWithTheShippedList(1500));

suite('accounts of two plans', { accounts: 1, accountOptions: { plan: 'free' } }, (test) => {
  test('a new plan\'s models are shown at once, and only its accounts are asked for them', async ({ client, gateway, sim }) => {
    const ids = async () => (await client.get('/v1/models')).json().data.map((model) => model.id);
    assert.ok(!(await ids()).includes('gpt-6.2-sol'));
    const [large] = await gateway.addAccounts(1, { plan: 'pro' });
    assert.ok((await ids()).includes('gpt-6.2-sol'), 'the list is pushed');
    for (let i = 0; i < 6; ++i) assert.equal((await client.post('/v1/chat/completions', chat('hello', { model: 'gpt-6.2-sol' }))).status, 200);
    assert.deepEqual((await sim.requests()).map((request) => request.account), Array(6).fill(large.id));
  });
});
