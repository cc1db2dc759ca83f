// Workers that are not patchbay's own four: one from the configuration, and the Ollama bridge run alone.
// ThreadSanitizer: workers attach and detach while the supervisor serves.
import assert from 'node:assert/strict';
import path from 'node:path';
import { freePort } from '../support/free_port.mjs';
import { Client } from '../support/http.mjs';
import { Program, binary, repository } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const config = {
  workers: {
    'model-watch': { command: binary('patchbay-example-worker'), peers: ['frontend'] },
    listener: { command: path.join(repository, 'tests/support/attaching_worker.mjs') },
  },
  ollama: { enabled: false },
};

suite('plugins', { accounts: 1, config }, (test) => {
  test('a worker from the configuration is spawned, becomes ready and calls the gateway', async ({ gateway }) => {
    assert.equal((await gateway.worker('model-watch')).state, 'WORKER_STATE_READY');
    await eventually('the example worker to see the models', () => /"event":"model.appeared","model":"gpt-5.5"/.test(gateway.logs));
  });

  test('it is restarted when it dies, and nobody else is', async ({ gateway }) => {
    const others = async () => (await gateway.status()).workers.filter((worker) => worker.name !== 'model-watch').map((worker) => worker.pid);
    const before = await others();
    const killed = await gateway.kill('model-watch');
    await eventually('the next generation', async () => {
      const worker = await gateway.worker('model-watch');
      return worker.state === 'WORKER_STATE_READY' && Number(worker.pid) !== killed;
    });
    assert.match((await gateway.worker('model-watch')).last_exit, /SIGKILL/);
    assert.deepEqual(await others(), before);
  });

  test('every worker is told who lives, and of each end and beginning', async ({ gateway }) => {
    // What the worker `listener` printed, out of the records that its lines became.
    const told = () =>
      gateway.logs
        .split('\n')
        .filter((line) => line.includes('"process":"listener"') && line.includes('{\\"order\\":'))
        .map((line) => JSON.parse(JSON.parse(line).text).order);
    const kinds = told().map((order) => ['configuration', 'peers', 'alive'].find((kind) => order[kind]));
    assert.deepEqual(kinds.slice(0, 3), ['configuration', 'peers', 'alive']);
    const of = (order, name) => order?.alive?.workers.find((worker) => worker.name === name);
    const before = of(told().findLast((order) => order.alive), 'model-watch');
    assert.deepEqual(before.generations, [before.newest_generation]);

    await gateway.kill('model-watch');
    await eventually('the end and the next beginning to be told', () => {
      const now = of(told().findLast((order) => order.alive), 'model-watch');
      return Number(now.newest_generation) === Number(before.newest_generation) + 1 && now.generations.length === 1 && now.generations[0] === now.newest_generation;
    });
    await gateway.ready();
  });

  test('it drains and starts again when asked', async ({ gateway }) => {
    assert.equal((await gateway.cli(['workers', 'drain', 'model-watch'])).code, 0);
    assert.equal((await gateway.worker('model-watch')).state, 'WORKER_STATE_DOWN');
    assert.equal((await gateway.cli(['workers', 'restart', 'model-watch'])).code, 0);
    assert.equal((await gateway.worker('model-watch')).state, 'WORKER_STATE_READY');
  });

  test('the Ollama bridge runs alone with a gateway address and a token file, and drains on SIGTERM', async ({ gateway }) => {
    const port = await freePort();
    const bridge = new Program(binary('patchbay-ollama'), [
      '--gateway', `unix:${path.join(gateway.runtimeDir, 'frontend.sock')}`,
      '--token-file', path.join(gateway.runtimeDir, 'ollama.token'),
      '--listen', `127.0.0.1:${port}`,
    ]);
    try {
      await eventually('the bridge to listen', () => /worker.ready/.test(bridge.output));
      const client = new Client({ port });
      assert.ok((await client.get('/api/tags')).json().models.length > 0);
      client.close();
    } finally {
      assert.deepEqual(await bridge.stop(), { code: 0, signal: null });
    }
  });

  test('the bridge without a token is told so in Ollama\'s shape', async ({ gateway }) => {
    const port = await freePort();
    const bridge = new Program(binary('patchbay-ollama'), ['--gateway', `unix:${path.join(gateway.runtimeDir, 'frontend.sock')}`, '--listen', `127.0.0.1:${port}`]);
    try {
      await eventually('the bridge to listen', () => /worker.ready/.test(bridge.output));
      const client = new Client({ port });
      const answer = await client.get('/api/tags');
      assert.equal(answer.status, 503);
      assert.match(answer.json().error, /does not take this bridge's calls/);
      client.close();
    } finally {
      await bridge.stop();
    }
  });
});
