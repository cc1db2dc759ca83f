// Lists of models: what each client is shown, in its own shape, and when what they show changes.
import assert from 'node:assert/strict';
import { chat, responses } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kConfig = { models: { aliases: { 'my-model': 'gpt-6-luna-low', 'turned-off-*': '' } } };
const claude = { 'anthropic-version': '2023-06-01' };

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
    assert.ok(answer.headers['x-codex-turn-state'], 'other headers for the CLI pass');
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
      const served = await client.post('/v1/messages', { model: model.id, max_tokens: 9, messages: [{ role: 'user', content: 'hello' }] }, { headers: claude });
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

suite('Claude Code\'s model discovery without an account', { accounts: 0 }, (test) => {
  test('offers nothing', async ({ client }) => {
    const { data } = (await client.get('/v1/models?limit=1000', { headers: claude })).json();
    assert.deepEqual(data.filter((model) => model.id.startsWith('claude')), []);
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
