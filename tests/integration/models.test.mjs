// Names of models, from a client's word to what the provider is asked for.
import assert from 'node:assert/strict';
import { chat, chatStream, responses } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

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
