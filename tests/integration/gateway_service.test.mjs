// The gateway's gRPC service for programs: with client keys, on this machine and over mutual TLS, and its examples.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { after, before } from 'node:test';
import { kModel, marked, sequence } from '../support/bodies.mjs';
import { Authority } from '../support/certificates.mjs';
import { merge } from '../support/gateway.mjs';
import { GatewayService } from '../support/gateway_service.mjs';
import { OllamaClient } from '../support/ollama.mjs';
import { binary, repository, run } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const said = (text, extra = {}) => ({ model: kModel, items: [{ message: { role: 'ROLE_USER', parts: [{ text }] } }], ...extra });
const eventsOf = ({ replies }) => replies.flatMap((reply) => reply.events ?? []);
const textOf = (events) => events.map((event) => event.text_delta?.text ?? '').join('');
const kFewEvents = said(marked('text', { events: 5, seq: 1 }));

/** A host that makes embeddings, as OpenAI's API has them, and remembers what it was asked. */
const embedder = createServer((request, response) => {
  let body = '';
  request.on('data', (piece) => { body += piece; });
  request.on('end', () => {
    const answer = (status, json) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    if (request.url.endsWith('/models')) return answer(200, { object: 'list', data: [{ id: 'tiny-embed', object: 'model', created: 1 }, { id: 'tiny-chat', object: 'model', created: 1 }] });
    const asked = JSON.parse(body);
    embedder.asked.push({ url: request.url, asked });
    if (asked.input.includes('wait')) return void response.on('close', () => { embedder.left += 1; });
    if (asked.input.some((input) => input.length > 1000)) return answer(400, { error: { message: 'this input is too long', type: 'invalid_request_error' } });
    const data = asked.input.map((input, index) => ({ object: 'embedding', index, embedding: [input.length, index, 0.5].slice(0, asked.dimensions ?? 3) }));
    answer(200, { object: 'list', data: data.reverse(), model: 'tiny-embed-001', usage: { prompt_tokens: 11, total_tokens: 11 } });
  });
});
embedder.asked = [];
embedder.left = 0; // how often somebody went who was kept waiting
before(() => new Promise((resolve) => { embedder.listen(0, '127.0.0.1', resolve); }));
after(() => embedder.close());

async function withEmbedder(gateway) {
  if (gateway.config.providers.tiny) return;
  const tiny = { base_url: `http://127.0.0.1:${embedder.address().port}/v1`, allow_private: true, dialect: 'openai_chat', auth: { mode: 'none' }, models: { embeddings: ['*embed*'] } };
  gateway.writeConfig(merge(gateway.config, { providers: { tiny } }));
  await gateway.json(['reload']);
  await gateway.json(['accounts', 'add', '--provider', 'tiny']);
}

/** Files of a certificate that the gateway's authority signed. */
async function certificate(gateway, name, role = 'program') {
  const out = path.join(gateway.directory, `cert-${name}-${Math.random().toString(36).slice(2)}`);
  const made = await gateway.json(['gateway', 'cert', 'create', name, '--role', role, '--out', out]);
  return { ca: made.ca, certificate: made.certificate, key: made.key };
}

const remote = (gateway, files) => GatewayService.remote(`127.0.0.1:${gateway.ports.gateway}`, files);

suite('gateway service', { accounts: 1, config: { gateway: { listen: '127.0.0.1:0' } } }, (test) => {
  test('a program with a key gets a streamed answer in its name, with the time that each part took', async ({ gateway }) => {
    const service = GatewayService.local(gateway);
    for (const header of ['authorization', 'x-patchbay-key']) {
      const call = await service.call('Generate', { request_id: `gs-${header}`, request: kFewEvents }, { key: gateway.key, header });
      assert.equal(call.code, 'OK', call.details);
      assert.equal(textOf(eventsOf(call)), sequence(5));
      assert.equal(call.trailers['patchbay-request-id'], `gs-${header}`);
      const { granted, accepted, first_output: first, total } = call.replies.at(-1).timings;
      const nanoseconds = [granted, accepted, first, total].map((time) => Number(time.seconds) * 1e9 + time.nanos);
      assert.ok(nanoseconds.every((time, i) => time > 0 && (i === 0 || time >= nanoseconds[i - 1])), nanoseconds.join(' '));
      assert.equal(call.replies[0].notes.provider, 'codex');
      const row = await gateway.usageOf(`gs-${header}`);
      assert.match(row.client_key_id, /^ck_/);
    }
    service.close();
  });

  test('tools, pictures and thinking pass', async ({ gateway }) => {
    const service = GatewayService.local(gateway);
    const request = {
      model: kModel,
      items: [{ message: { role: 'ROLE_USER', parts: [{ text: marked('text', { events: 3, seq: 1 }) }, { image: { url: 'data:image/png;base64,iVBORw0KGgo=' } }] } }],
      tools: [{ function: { name: 'grep', description: 'looks', parameters_json: Buffer.from('{"type":"object","properties":{}}') } }],
      reasoning: { effort: 'low', summary: 'auto' },
    };
    const call = await service.call('Generate', { request }, { key: gateway.key });
    assert.equal(call.code, 'OK', call.details);
    assert.ok(eventsOf(call).at(-1).finished);
    service.close();
  });

  test('who shows no key, or one that is not ours, is told so', async ({ gateway }) => {
    const service = GatewayService.local(gateway);
    for (const name of ['Generate', 'ListModels', 'CountTokens', 'Embed']) {
      for (const key of [undefined, 'pbk_nobody']) {
        const { code } = await service.call(name, { request: said('hi'), model: 'tiny-embed', inputs: ['x'] }, { key });
        assert.equal(code, 'UNAUTHENTICATED', `${name} with ${key}`);
      }
    }
    service.close();
  });

  test('a refusal before any output is a status with its kind in the trailers', async ({ gateway }) => {
    const service = GatewayService.local(gateway);
    const call = await service.call('Generate', { request: said('hi', { model: 'no-such-model' }) }, { key: gateway.key });
    assert.equal(call.code, 'NOT_FOUND');
    assert.equal(call.trailers['patchbay-problem'], 'unknown_model');
    assert.deepEqual(call.replies, []);
    service.close();
  });

  test('a key sees and uses the models of its terms, and no others', async ({ gateway }) => {
    const made = await gateway.json(['keys', 'create', '--name', 'limited', '--model', 'nothing-*']);
    gateway.secrets.add(made.secret);
    const service = GatewayService.local(gateway);
    const list = await eventually('the new key', async () => {
      const answer = await service.call('ListModels', {}, { key: made.secret });
      return answer.code === 'OK' && answer;
    });
    assert.deepEqual(list.replies[0].models ?? [], []);
    const call = await service.call('Generate', { request: kFewEvents }, { key: made.secret });
    assert.equal(call.code, 'PERMISSION_DENIED', call.details);
    service.close();
  });

  test('models say what a client must know, and counting gives a number', async ({ gateway }) => {
    const service = GatewayService.local(gateway);
    const list = await service.call('ListModels', {}, { key: gateway.key });
    const model = list.replies[0].models.find(({ id }) => id === kModel);
    assert.ok(Number(model.context_window) > 0 && model.tools && !model.embeddings, JSON.stringify(model));
    const count = await service.call('CountTokens', { request: said('one two three') }, { key: gateway.key });
    assert.ok(Number(count.replies[0].input_tokens) >= 3, JSON.stringify(count));
    service.close();
  });

  test('vectors come in the order of the texts, and are counted', async ({ gateway }) => {
    await withEmbedder(gateway);
    const service = GatewayService.local(gateway);
    const call = await eventually('the embedder', async () => {
      const answer = await service.call('Embed', { request_id: 'gs-embed', model: 'tiny/tiny-embed', inputs: ['a', 'bbb'], dimensions: 2, truncate: true }, { key: gateway.key });
      return answer.code === 'OK' && answer;
    });
    const reply = call.replies[0];
    assert.deepEqual(reply.embeddings.map(({ values }) => values), [[1, 0], [3, 1]]);
    assert.equal(Number(reply.usage.input_tokens), 11);
    assert.deepEqual(reply.notes.ignored, ['truncate']);
    assert.deepEqual(embedder.asked.at(-1), { url: '/v1/embeddings', asked: { model: 'tiny-embed', input: ['a', 'bbb'], dimensions: 2 } });
    const row = await gateway.usageOf('gs-embed');
    assert.equal(Number(row.usage.input_tokens), 11);
    assert.ok(!row.usage_estimated);

    const list = await service.call('ListModels', {}, { key: gateway.key });
    const models = Object.fromEntries(list.replies[0].models.map((model) => [model.id, model.embeddings]));
    assert.deepEqual([models['tiny-embed'], models['tiny-chat']], [true, false]);
    const long = await service.call('Embed', { model: 'tiny/tiny-embed', inputs: ['x'.repeat(2000)] }, { key: gateway.key });
    assert.equal(long.code, 'INVALID_ARGUMENT');
    const other = await service.call('Embed', { model: kModel, inputs: ['x'] }, { key: gateway.key });
    assert.equal(other.code, 'INVALID_ARGUMENT');
    assert.match(other.details, /no embeddings/);
    for (const bad of [{ model: 'm' }, { inputs: ['x'] }, { model: 'm', inputs: [''] }]) {
      assert.equal((await service.call('Embed', bad, { key: gateway.key })).code, 'INVALID_ARGUMENT');
    }
    service.close();
  });

  test('a client of the bridge that leaves ends the call for its vectors', async ({ gateway }) => {
    await withEmbedder(gateway);
    const ollama = new OllamaClient(gateway, { keepAlive: false });
    const body = (input) => ({ model: 'tiny/tiny-embed', input });
    await eventually('the embedder', async () => (await ollama.post('/api/embed', body('a'))).status === 200);
    const leaving = new AbortController();
    const asking = fetch(`http://127.0.0.1:${gateway.ollamaPort}/api/embed`, { method: 'POST', body: JSON.stringify(body('wait')), signal: leaving.signal }).catch(() => 'left');
    await eventually('the question', () => embedder.asked.at(-1).asked.input.includes('wait'));
    assert.equal(embedder.left, 0);
    leaving.abort();
    assert.equal(await asking, 'left');
    await eventually('the provider to be let go', () => embedder.left === 1);
    ollama.close();
  });

  test('over TLS a program needs its certificate and a key, and a bridge its certificate', async ({ gateway }) => {
    const program = remote(gateway, await certificate(gateway, 'ci'));
    assert.equal((await program.call('ListModels', {})).code, 'UNAUTHENTICATED');
    const call = await program.call('Generate', { request: kFewEvents }, { key: gateway.key });
    assert.equal(call.code, 'OK', call.details);
    assert.equal(textOf(eventsOf(call)), sequence(5));
    const bridge = remote(gateway, await certificate(gateway, 'kitchen', 'ollama'));
    const own = await bridge.call('Generate', { request_id: 'gs-kitchen', request: kFewEvents });
    assert.equal(own.code, 'OK', own.details);
    assert.equal((await gateway.usageOf('gs-kitchen')).client_key_id, 'worker:ollama:kitchen');
    program.close();
    bridge.close();
  });

  test('a caller that leaves is settled as one that left', async ({ gateway }) => {
    const service = remote(gateway, await certificate(gateway, 'leaver', 'ollama'));
    const call = await service.call('Generate', { request_id: 'gs-left', request: said(marked('text', { events: 200, interval_ms: 50, seq: 1 })) }, { leaveAfter: 3 });
    assert.equal(call.code, 'CANCELLED');
    assert.match((await gateway.usageOf('gs-left')).outcome, /abandoned/i);
    service.close();
  });

  test('no certificate, one of another authority, and a revoked one are refused', async ({ gateway }) => {
    const good = await certificate(gateway, 'revoked-soon', 'ollama');
    const stranger = new Authority(gateway.directory, 'elsewhere').sign('stranger', { names: ['URI:patchbay:gateway/ollama/revoked-soon'] });
    for (const files of [{ ca: good.ca }, { ca: good.ca, certificate: stranger.certificate, key: stranger.key }]) {
      const service = remote(gateway, files);
      const { code, details } = await service.call('ListModels', {}, { ms: 3000 });
      assert.ok(['UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(code), `${code} ${details}`);
      service.close();
    }
    const service = remote(gateway, good);
    assert.equal((await service.call('ListModels', {})).code, 'OK');
    await gateway.cli(['gateway', 'cert', 'revoke', 'revoked-soon']);
    assert.equal((await service.call('ListModels', {})).code, 'PERMISSION_DENIED', 'on the connection that is open');
    const { certificates } = await gateway.json(['gateway', 'cert', 'list']);
    assert.ok(!certificates.some(({ name }) => name === 'revoked-soon'));
    service.close();
  });

  test('a requested restart of the frontend lets a stream end and the next call find the new one', async ({ gateway }) => {
    const service = remote(gateway, await certificate(gateway, 'steady', 'ollama'));
    let restarted;
    const call = await service.call('Generate', { request: said(marked('text', { events: 40, interval_ms: 25, seq: 1 })) }, {
      onReply: () => { restarted ??= gateway.cli(['workers', 'restart', 'frontend']); },
    });
    assert.equal(call.code, 'OK', call.details);
    assert.equal(textOf(eventsOf(call)), sequence(40));
    assert.equal((await restarted).code, 0);
    const next = await service.call('Generate', { request: kFewEvents });
    assert.equal(next.code, 'OK', next.details);
    service.close();
  });

  test('a killed frontend breaks its streams, and calls go on with the next one', async ({ gateway }) => {
    const service = remote(gateway, await certificate(gateway, 'broken', 'ollama'));
    let killed;
    const call = await service.call('Generate', { request: said(marked('text', { events: 200, interval_ms: 50, seq: 1 })) }, {
      onReply: () => { killed ??= gateway.kill('frontend'); },
    });
    assert.equal(call.code, 'UNAVAILABLE', call.details);
    await killed;
    await eventually('the next frontend', async () => (await service.call('Generate', { request: kFewEvents })).code === 'OK');
    service.close();
  });

  test('the authority keeps its key sealed', ({ gateway }) => {
    assert.doesNotMatch(readFileSync(path.join(gateway.stateDir, 'gateway-ca.key'), 'utf8'), /PRIVATE KEY/);
  });

  test('the examples list the models and print an answer, here and over TLS', async ({ gateway }) => {
    const files = await certificate(gateway, 'example');
    const tls = [files.ca, files.certificate, files.key];
    const contract = path.join(gateway.directory, 'python');
    mkdirSync(contract);
    execFileSync('protoc', ['-I', 'proto', `--python_out=${contract}`, `--grpc_python_out=${contract}`,
      `--plugin=protoc-gen-grpc_python=${execFileSync('which', ['grpc_python_plugin']).toString().trim()}`,
      'patchbay/gateway/v1/gateway.proto', ...['event', 'failure', 'request'].map((name) => `patchbay/inference/v1/${name}.proto`)], { cwd: repository });
    const question = marked('text', { events: 5, seq: 1 });
    const env = { PATCHBAY_KEY: gateway.key, PYTHONPATH: contract };
    const here = [`unix:${path.join(gateway.runtimeDir, 'frontend.sock')}`, kModel, question];
    const there = [`localhost:${gateway.ports.gateway}`, kModel, question, ...tls];
    for (const args of [here, there]) {
      for (const [program, before] of [[binary('patchbay-example-gateway'), []], ['/usr/bin/python3', [path.join(repository, 'examples/gateway/python/ask.py')]]]) {
        const done = await run(program, [...before, ...args], { env });
        assert.equal(done.code, 0, done.stderr);
        assert.equal(done.stdout.trim(), sequence(5).trim());
        assert.ok(done.stderr.split('\n').includes(kModel), done.stderr);
      }
    }
  });
});
