// Names of models, from a client's word to what the provider is asked for.
import assert from 'node:assert/strict';
import { chat, chatStream, responses } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kConfig = { models: { aliases: { 'my-model': 'gpt-5.4-mini-low', 'turned-off-*': '' } } };

suite('names of models', { accounts: 1, config: kConfig }, (test) => {
  const asked = async (sim) => (await sim.lastRequest()).body;

  test('names of other vendors are served by models of their size', async ({ client, sim }) => {
    for (const [name, model] of [['claude-opus-4-8', 'gpt-5.6-sol'], ['claude-sonnet-4-5', 'gpt-5.6-terra'], ['gemini-3.8-flash', 'gpt-5.6-luna']]) {
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
    assert.equal(body.model, 'gpt-5.4-mini');
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
    assert.match(stdout, /^provider codex, model gpt-5\.6-sol, effort high$/m);
    const resolved = await gateway.json(['models', 'resolve', 'my-model']);
    assert.equal(resolved.wire_model, 'gpt-5.4-mini');
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
    assert.equal(models.find((entry) => entry.id === 'my-model').alias_of, 'gpt-5.4-mini');
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
    assert.deepEqual(ids, list);
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
    assert.equal(info.alias_of, 'gpt-5.6-sol');
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
    await eventually('the live list', async () => (await gateway.json(['models', 'list'])).models.some((model) => model.live));
    const answer = await client.post('/v1/chat/completions', chat('hello', { model: 'claude-opus-4-8' }));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.headers['x-patchbay-model'], 'gpt-5.5');
  });
});
