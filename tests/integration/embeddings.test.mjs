// Embeddings over HTTP: OpenAI's endpoint and Google's, from a provider whose row says which of its models make them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { kModel } from '../support/bodies.mjs';
import { merge } from '../support/gateway.mjs';
import { OllamaClient } from '../support/ollama.mjs';
import { suite } from '../support/suite.mjs';
import { TinyProvider, packed, vectorOf } from '../support/tiny_provider.mjs';
import { delay, eventually } from '../support/wait.mjs';

const kEmbedder = 'tiny-embed';
const kPath = '/v1/embeddings';

const tiny = new TinyProvider();
tiny.models = [{ id: kEmbedder, object: 'model', created: 1 }];
before(() => tiny.start());
after(() => tiny.stop());

suite('embeddings over HTTP', { accounts: 1 }, (test) => {
  /** Asks once the provider is there. */
  async function ready({ gateway, client }) {
    tiny.refuse = () => undefined;
    tiny.packs = false;
    if (!gateway.config.providers?.tiny) {
      const row = { base_url: tiny.baseUrl, allow_private: true, dialect: 'openai_chat', auth: { mode: 'none' }, models: { embeddings: ['*embed*'] } };
      gateway.writeConfig(merge(gateway.config, { providers: { tiny: row } }));
      await gateway.json(['reload']);
      await gateway.json(['accounts', 'add', '--provider', 'tiny']);
    }
    await eventually('the embedder', async () => (await client.post(kPath, { model: kEmbedder, input: 'a' })).status === 200);
  }
  const lastAsked = () => JSON.parse(tiny.asked('/embeddings').at(-1).body);

  test('pass as they are, and are counted', async (context) => {
    await ready(context);
    const { client, gateway } = context;
    const asked = { model: kEmbedder, input: ['one', 'three'], dimensions: 3, user: 'u', of_a_host: true };
    const answer = await client.post(kPath, asked);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(lastAsked(), asked);
    const { data, usage } = answer.json();
    assert.deepEqual(data.find(({ index }) => index === 1).embedding, vectorOf('three', 1));
    assert.equal(usage.prompt_tokens, 5);
    const row = await gateway.usageOf(answer.headers['x-request-id']);
    assert.deepEqual([row.provider, row.wire_model, Number(row.usage.input_tokens)], ['tiny', kEmbedder, 5]);
    assert.ok(!row.usage_estimated);
  });

  test('of tokens, and under the name of the provider', async (context) => {
    await ready(context);
    const answer = await context.client.post(kPath, { model: `tiny/${kEmbedder}`, input: [[1, 2, 3], [4]] });
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual(lastAsked(), { model: kEmbedder, input: [[1, 2, 3], [4]] });
    assert.deepEqual(answer.json().data.map(({ embedding }) => embedding), [vectorOf([4], 1), vectorOf([1, 2, 3], 0)]);
  });

  test('in base64, whether the host knows it or not', async (context) => {
    await ready(context);
    for (const packs of [false, true]) {
      tiny.packs = packs;
      const answer = await context.client.post(kPath, { model: kEmbedder, input: 'one', encoding_format: 'base64' });
      assert.equal(lastAsked().encoding_format, 'base64');
      assert.equal(answer.json().data[0].embedding, packed(vectorOf('one', 0)), `packs: ${packs}`);
    }
  });

  test('in Gemini\'s words', async (context) => {
    await ready(context);
    const { client } = context;
    const one = await client.post(`/v1beta/models/${kEmbedder}:embedContent`, { content: { parts: [{ text: 'one' }] }, outputDimensionality: 3, taskType: 'CLUSTERING' });
    assert.equal(one.status, 200, one.text);
    assert.deepEqual(one.json(), { embedding: { values: vectorOf('one', 0) } });
    assert.equal(one.headers['x-patchbay-ignored'], 'taskType');
    assert.deepEqual(lastAsked(), { model: kEmbedder, input: ['one'], dimensions: 3 });
    const content = (text) => ({ model: `models/${kEmbedder}`, content: { parts: [{ text }] } });
    const several = await client.post(`/v1beta/models/${kEmbedder}:batchEmbedContents`, { requests: [content('one'), content('three')] });
    assert.deepEqual(several.json(), { embeddings: [{ values: vectorOf('one', 0) }, { values: vectorOf('three', 1) }] });
  });

  test('are refused in the words of whoever asks', async (context) => {
    await ready(context);
    const { client, gateway } = context;
    const openai = await client.post(kPath, { model: kModel, input: 'x' });
    assert.equal(openai.status, 400, openai.text);
    assert.equal(openai.json().error.type, 'invalid_request_error');
    assert.match(openai.json().error.message, /makes no embeddings/);
    const google = await client.post(`/v1beta/models/${kModel}:embedContent`, { content: { parts: [{ text: 'x' }] } });
    assert.equal(google.json().error.status, 'INVALID_ARGUMENT');
    assert.match(google.json().error.message, /makes no embeddings/);
    const ollama = new OllamaClient(gateway, { keepAlive: false });
    const none = await ollama.post('/api/embed', { model: kModel, input: 'x' });
    assert.equal(none.status, 501, none.text);
    assert.deepEqual(none.json(), { error: 'this model does not support embeddings' });
    assert.equal((await client.post(kPath, { model: kEmbedder, input: [] })).json().error.param, '/input');
    assert.equal((await client.post(kPath, { model: 'nobody-has-this', input: 'x' })).status, 404);

    tiny.refuse = () => ({ status: 400, body: { error: { message: 'this input is too long', type: 'invalid_request_error' } } });
    const long = await client.post(kPath, { model: kEmbedder, input: 'x' });
    assert.equal(long.status, 400, long.text);
    assert.match(long.json().error.message, /this input is too long/);
    tiny.refuse = () => undefined;

    const chats = client.with({ key: await gateway.createKey('chats', ['--dialect', 'openai_chat']) });
    assert.equal((await chats.post(kPath, { model: kEmbedder, input: 'x' })).status, 403);
    const embeds = client.with({ key: await gateway.createKey('embeds', ['--dialect', 'openai_embeddings']) });
    assert.equal((await embeds.post(kPath, { model: kEmbedder, input: 'x' })).status, 200);
  });

  test('are recorded without their words', async (context) => {
    await ready(context);
    const { client, gateway } = context;
    const output = path.join(gateway.directory, 'vectors');
    const recording = gateway.cli(['record', '-o', output, '--give-up', '20', '--keep-text']);
    let done = false;
    recording.finally(() => (done = true));
    while (!done) {
      await client.post(kPath, { model: kEmbedder, input: [[15, 16]] });
      await delay(20);
    }
    const { code, stdout, stderr } = await recording;
    assert.equal(code, 0, stderr);
    const folder = stdout.trim();
    const read = (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
    assert.match(path.basename(folder), /^openai_embeddings-/);
    assert.deepEqual(read('request.json'), { model: kEmbedder, input: [[0, 0]] });
    assert.deepEqual(read('provider.json').data[0].embedding, [0, 0, 0]);
    assert.deepEqual(read('response.json').data[0].embedding, [0, 0, 0]);
  });

  test('are no conversation', async (context) => {
    await ready(context);
    const answer = await context.client.post('/v1/chat/completions', { model: kEmbedder, messages: [{ role: 'user', content: 'x' }] });
    assert.equal(answer.status, 400, answer.text);
    assert.match(answer.json().error.message, /makes embeddings and nothing else/);
  });
});
