// The Ollama worker: attached, listening, and talking to the gateway over gRPC only.
// ThreadSanitizer: the bridge's calls over gRPC.
import assert from 'node:assert/strict';
import { Client } from '../support/http.mjs';
import { suite } from '../support/suite.mjs';

suite('ollama', { accounts: 1, config: { ollama: { version: '0.18.3' } } }, (test) => {
  test('answers /api/version and /api/tags', async ({ gateway }) => {
    const client = new Client({ port: gateway.ollamaPort });
    assert.deepEqual((await client.get('/api/version')).json(), { version: '0.18.3' });
    const { models } = (await client.get('/api/tags')).json();
    assert.ok(models.length > 0);
    for (const model of models) assert.ok(model.name && model.model && model.modified_at && model.digest && model.details, JSON.stringify(model));
    const root = await client.get('/');
    assert.equal(root.status, 200);
    assert.match(root.text, /Ollama is running/);
    assert.equal((await client.get('/api/nothing')).status, 404);
    client.close();
  });

  test('knows the models that the gateway knows', async ({ gateway, client }) => {
    const ollama = new Client({ port: gateway.ollamaPort });
    const names = (await ollama.get('/api/tags')).json().models.map((model) => model.name.replace(/:latest$/, '')).sort();
    const ids = (await client.get('/v1/models')).json().data.map((model) => model.id).sort();
    assert.deepEqual(names, ids);
    ollama.close();
  });
});
