// The Responses API over WebSocket: /v1/responses and its other paths, upgraded.
// ThreadSanitizer: sockets that outlive their turns, and turns that outlive their sockets.
import assert from 'node:assert/strict';
import { kModel, marked, sequence } from '../support/bodies.mjs';
import { Refused, SocketClient, codexHeaders, create, warmUp } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';
import { bound, eventually } from '../support/wait.mjs';

let threads = 0;
const newThread = () => `0198c0de-0000-7000-8000-${String(++threads).padStart(12, '0')}`;

const open = (gateway, { codex = true, id, headers, ...rest } = {}) =>
  SocketClient.open({
    port: gateway.port,
    key: gateway.key,
    headers: { ...(codex ? codexHeaders(newThread()) : {}), ...(id ? { 'x-request-id': id } : {}), ...headers },
    ...rest,
  });

async function refusal(gateway, options) {
  try {
    (await open(gateway, options)).abort();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  return assert.fail('the upgrade was accepted');
}

const frames = async (sim) => (await sim.requests()).filter((entry) => entry.method === 'FRAME');
const user = (text) => [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }];
const socketsGone = (sim) => eventually('the provider to be rid of every socket', async () => (await sim.stats()).open_sockets === 0);

suite('websocket: a turn', { accounts: 1, config: { accounts: { quota: { view: 'upstream' } } } }, (test) => {
  test('is answered on every path of the Responses API', async ({ gateway }) => {
    for (const path of ['/v1/responses', '/responses', '/backend-api/responses', '/backend-api/codex/responses']) {
      const socket = await open(gateway, { path });
      const turn = await socket.turn(create(marked('text', { events: 5, seq: 1 })));
      turn.completed();
      assert.equal(turn.text, sequence(5), path);
      assert.match(socket.headers['x-request-id'], /^req_/);
      assert.equal(socket.headers.server, 'patchbay');
      assert.equal(socket.headers['sec-websocket-extensions'], undefined, 'compression is declined');
      socket.close();
      assert.ok([1000, 1005].includes((await socket.closing()).code));
    }
  });

  test('needs a key, and a Host that is ours', async ({ gateway }) => {
    assert.equal((await refusal(gateway, { key: undefined })).status, 401);
    assert.equal((await refusal(gateway, { key: 'pbk_wrong' })).status, 401);
    assert.equal((await refusal(gateway, { headers: { host: 'evil.example' } })).status, 403);
    assert.equal((await refusal(gateway, { headers: { origin: 'https://evil.example' } })).status, 403);
  });

  test('gives Codex every frame of the provider, untouched and in order', async ({ gateway }) => {
    const socket = await open(gateway);
    const turn = await socket.turn(create(marked('unknown_event', { after: 2, events: 4, seq: 1 })));
    turn.completed();
    assert.equal(turn.types[0], 'codex.rate_limits');
    for (const type of ['response.metadata', 'keepalive', 'response.hologram.delta']) assert.ok(turn.types.includes(type), type);
    const numbers = turn.frames.map((frame) => frame.sequence_number).filter((number) => number !== undefined);
    assert.deepEqual(numbers, numbers.map((_, i) => i));
    socket.close();
  });

  test('gives other clients the public frames only, with the output filled in', async ({ gateway }) => {
    const socket = await open(gateway, { codex: false });
    const turn = await socket.turn(create(marked('unknown_event', { after: 2, events: 4, seq: 1 }), { temperature: 0.5 }));
    turn.completed();
    assert.deepEqual(turn.frames[0], { type: 'patchbay.ignored', fields: ['temperature'] });
    const theirs = turn.types.filter((type) => !type.startsWith('patchbay.'));
    assert.deepEqual(theirs.filter((type) => /^codex\.|metadata|keepalive|hologram/.test(type)), [], turn.types.join());
    assert.equal(turn.last.response.output[0].content[0].text, sequence(4));
    socket.close();
  });

  test('tells what was left out and what was repaired, but not Codex', async ({ gateway }) => {
    const input = [{ type: 'reasoning', summary: [] }, ...user(marked('text', { events: 2 }))];
    for (const codex of [false, true]) {
      const socket = await open(gateway, { codex });
      const turn = await socket.turn(create(undefined, { input: codex ? user('hi') : input, temperature: 1 }));
      turn.completed();
      const told = turn.frames.filter((frame) => frame.type.startsWith('patchbay.'));
      assert.deepEqual(told, codex ? [] : [
        { type: 'patchbay.ignored', fields: ['temperature'] },
        { type: 'patchbay.repaired', repairs: ['reasoning_without_encrypted_content:0'] },
      ]);
      socket.close();
    }
  });

  test('asks the provider for what the name of a model means', async ({ gateway, sim }) => {
    for (const [model, wire, effort] of [['gpt-5.5-high', 'gpt-5.5', 'high'], ['claude-opus-4-8', 'gpt-6.2-sol', undefined]]) {
      const socket = await open(gateway);
      const turn = await socket.turn(create(marked('text', { events: 2, seq: 1 }), { model }));
      turn.completed();
      const { body } = (await frames(sim)).at(-1);
      assert.equal(body.model, wire);
      if (effort) assert.equal(body.reasoning.effort, effort);
      socket.close();
    }
  });

  test('has a lease, a settlement and a usage row of its own; opening the socket has none', async ({ gateway }) => {
    const id = `ws-usage-${Date.now()}`;
    const socket = await open(gateway, { id });
    assert.equal(socket.headers['x-request-id'], id);
    (await socket.turn(create(marked('text', { events: 3 })))).completed();
    (await socket.turn(create(marked('text', { events: 7 })))).completed();
    assert.equal(Number((await gateway.usageOf(`${id}.1`)).usage.output_tokens), 3);
    assert.equal(Number((await gateway.usageOf(`${id}.2`)).usage.output_tokens), 7);
    assert.ok(!(await gateway.usageRows()).some((row) => row.request_id === id));
    assert.equal(Number((await gateway.listAccounts())[0].leases_open), 0);
    socket.close();
  });

  test('continues the response before it, on the connection that remembers it', async ({ gateway, sim }) => {
    const socket = await open(gateway);
    const warm = await socket.turn(warmUp());
    assert.equal(warm.text, '');
    const first = await socket.turn(create(marked('text', { events: 2, seq: 1 }), { previous_response_id: warm.completed() }));
    const second = await socket.turn(create('And?', { previous_response_id: first.completed(), input: user(marked('text', { echo: 1 }, 'And?')) }));
    second.completed();
    assert.match(second.text, /And\?/);
    const [upgrade, ...turns] = await sim.requests();
    assert.equal(upgrade.status, 101);
    assert.deepEqual(turns.map((turn) => JSON.parse(JSON.stringify(turn.body)).previous_response_id ?? null), [null, warm.id, first.id]);
    assert.equal((await sim.stats()).sockets >= 1, true);
    socket.close();
  });

  test('reaches the provider as the client wrote it', async ({ gateway, sim }) => {
    const socket = await open(gateway);
    const frame = create(marked('text', { events: 1 }), { client_metadata: { 'x-codex-turn-state': 'ts' }, generate: true });
    (await socket.turn(frame)).completed();
    assert.deepEqual((await frames(sim)).at(-1).body, frame);
    const upgrade = (await sim.requests()).find((entry) => entry.status === 101);
    const headers = Object.fromEntries(upgrade.headers);
    assert.equal(headers['openai-beta'], 'responses_websockets=2026-02-06');
    assert.equal(headers['x-codex-turn-state'], undefined);
    assert.deepEqual(upgrade.headers.slice(0, 5).map(([name]) => name), ['Host', 'Connection', 'Upgrade', 'Sec-WebSocket-Version', 'Sec-WebSocket-Key']);
    assert.deepEqual(upgrade.headers.at(-1), ['sec-websocket-extensions', 'permessage-deflate; client_max_window_bits']);
    socket.close();
  });

  test('may be large, both ways', async ({ gateway }) => {
    const socket = await open(gateway);
    const turn = await socket.turn(create(marked('huge', { bytes: 3_000_000, after: 1, events: 2 }), { instructions: 'x'.repeat(2_000_000) }));
    turn.completed();
    assert.ok(turn.frames.some((frame) => frame.delta?.length === 3_000_000));
    socket.close();
  });
});

suite('websocket: what goes wrong in a turn', { accounts: 2 }, (test) => {
  test('is told in an error frame with its status, and the socket goes on', async ({ gateway }) => {
    const socket = await open(gateway);
    const cases = [
      [create(marked('status', { kind: 'context_length_exceeded' })), 400, 'context_length_exceeded'],
      [create('hi', { previous_response_id: 'resp_unknown' }), 400, 'previous_response_not_found'],
      [create('hi', { model: 'llama-3' }), 404, 'model_not_found'],
      [create('hi', { model: 7 }), 400],
      [create('hi', { generate: 'no' }), 400],
      [create('hi', { stream_id: 'lane' }), 400],
      [create('hi', { input: 7 }), 400],
      [{ type: 'response.cancel' }, 400],
      ['{"type":', 400],
      ['[]', 400],
      ['{"type":"response.create","model":"gpt-5.5","input":"\\ud800"}', 400],
      ['{"type":"response.create","model":"gpt-5.5","input":"a","input":"b"}', 400],
      [`{"type":"response.create","model":"gpt-5.5","input":"a","deep":${'['.repeat(128)}${']'.repeat(128)}}`, 400],
      [create('hi', { input: [{ role: 'king', content: 'hi' }] }), 400],
      [create('hi', { input: [{ type: 'function_call_output', call_id: 'c1', output: 'x' }] }), 400],
    ];
    for (const [frame, status, code] of cases) {
      (await socket.turn(frame)).failed(status, code);
      assert.equal(socket.closed, undefined, JSON.stringify(frame));
    }
    socket.send({ type: 'response.processed', response_id: 'resp_1' }); // no answer
    (await socket.turn(create('hi'))).completed();
    socket.close();
  });

  test('moves a whole conversation to another account unseen', async ({ gateway, sim }) => {
    const socket = await open(gateway);
    (await socket.turn(create('hi'))).completed();
    const [first] = (await frames(sim)).slice(-1);
    await sim.setScenario({ id: first.account }, { name: '429', retry_after: 3600, count: 1 });
    const turn = await socket.turn(create(marked('text', { events: 4, seq: 1 })));
    turn.completed();
    assert.equal(turn.text, sequence(4));
    assert.equal(turn.types.filter((type) => type === 'response.created').length, 1);
    assert.notEqual((await frames(sim)).at(-1).account, first.account);
    socket.close();
  });
});

suite('websocket: a continued turn whose account cannot go on', { accounts: 2 }, (test) => {
  test('asks for the whole conversation, and serves it elsewhere on the same socket', async ({ gateway, sim }) => {
    const socket = await open(gateway);
    const first = await socket.turn(create('hi'));
    const before = (await frames(sim)).at(-1).account;
    await sim.setScenario({ id: before }, { name: 'usage_limit_reached', resets_in: 3600 });
    const continued = create('more', { previous_response_id: first.completed() });
    (await socket.turn(continued)).failed(400, 'previous_response_not_found');
    const whole = await socket.turn(create(marked('text', { events: 3, seq: 1 })));
    whole.completed();
    assert.notEqual((await frames(sim)).at(-1).account, before);
    // Marked by now: the next continuation on another socket is told before the provider is asked.
    socket.close();
  });

  test('is told the truth when no account is left', async ({ gateway, sim }) => {
    for (const account of gateway.accounts) await sim.setScenario(account, { name: 'usage_limit_reached', resets_in: 3600 });
    const socket = await open(gateway).catch((error) => error);
    if (socket instanceof Refused) {
      assert.equal(socket.status, 429);
      return;
    }
    const error = (await socket.turn(create('hi'))).failed(429);
    assert.match(error.message, /limit|quota/i);
    socket.close();
    assert.equal((await refusal(gateway)).status, 429, 'an upgrade is refused by status then');
  });
});

suite('websocket: endings', { accounts: 1 }, (test) => {
  test('a turn that breaks after output ends in an error frame, and 1011', async ({ gateway }) => {
    for (const scenario of ['cut', 'rst', 'ws_close']) {
      const socket = await open(gateway);
      const turn = await socket.turn(create(marked(scenario, { after: 3, events: 10, seq: 1 })));
      turn.failed(502);
      assert.equal(turn.text, sequence(3), scenario);
      assert.equal((await socket.closing()).code, 1011, scenario);
    }
  });

  test('a failed response passes as the provider said it', async ({ gateway }) => {
    const socket = await open(gateway);
    const turn = await socket.turn(create(marked('failed', { after: 2, events: 5, seq: 1 })));
    assert.equal(turn.last.type, 'response.failed');
    assert.equal(turn.types.filter((type) => type === 'error').length, 0);
    (await socket.turn(create('hi'))).completed();
    socket.close();
  });

  test('what a failed turn says later is not the answer to the next one', async ({ gateway }) => {
    const socket = await open(gateway);
    (await socket.turn(create(marked('error_event', { after: 0, code: 'server_error' })))).failed(502);
    const turn = await socket.turn(create(marked('text', { events: 5, seq: 1 })));
    turn.completed();
    assert.equal(turn.text, sequence(5));
    socket.close();
  });

  test('an error after output is the last that is said', async ({ gateway }) => {
    const socket = await open(gateway);
    (await socket.turn(create(marked('error_event', { after: 3, events: 10, code: 'server_error' })))).failed(502);
    assert.equal((await socket.next()).closed?.code, 1011);
  });

  test("the provider's limit is relayed, with its close code", async ({ gateway }) => {
    const socket = await open(gateway);
    (await socket.turn(create(marked('ws_limit')))).failed(400, 'websocket_connection_limit_reached');
    assert.equal((await socket.closing()).code, 1000);
  });

  test('a client that leaves ends the provider\'s turn at once', async ({ gateway, sim }) => {
    const id = `ws-gone-${Date.now()}`;
    const socket = await open(gateway, { id });
    socket.send(create(marked('stall', { after: 2, events: 5 })));
    while ((await socket.next()).frame?.type !== 'response.output_text.delta');
    socket.abort();
    await socketsGone(sim);
    const row = await gateway.usageOf(`${id}.1`);
    assert.match(row.outcome, /ABANDONED/);
    assert.equal(Number((await gateway.listAccounts())[0].leases_open), 0);
  });

  test('what is no text of an acceptable size closes the socket', async ({ gateway }) => {
    const binary = await open(gateway);
    binary.send(Buffer.from([1, 2, 3]));
    assert.equal((await binary.closing()).code, 1003);
    const late = await open(gateway);
    late.ws._socket.write(Buffer.from([0x81, 0x01, 0x41])); // not masked
    assert.ok([1002, 1006].includes((await late.closing()).code));
  });
});

suite('websocket: limits', {
  accounts: 1,
  config: { frontend: { limits: { body_bytes: 100_000 }, websocket: { connections_per_key: 2, idle_timeout: '400ms', lifetime: '2s', buffered_bytes: 150_000 } } },
}, (test) => {
  test('a message over the bound closes with 1009', async ({ gateway }) => {
    const socket = await open(gateway);
    socket.send(create('x'.repeat(120_000)));
    assert.equal((await socket.closing()).code, 1009);
  });

  test('messages over what all sockets may hold close with 1013', async ({ gateway }) => {
    const socket = await open(gateway);
    socket.send(create(marked('stall', { at: 'head' }, 'x'.repeat(60_000))));
    socket.send(create('x'.repeat(60_000)));
    socket.send(create('x'.repeat(60_000)));
    assert.equal((await socket.closing()).code, 1013);
  });

  test('more sockets of one key than allowed are told to use HTTP', async ({ gateway, sim }) => {
    await socketsGone(sim);
    const sockets = [await open(gateway), await open(gateway)];
    const refused = await refusal(gateway);
    assert.equal(refused.status, 426);
    assert.equal(refused.json().error.code, 'websocket_limit_reached');
    for (const socket of sockets) socket.close();
  });

  test('an idle socket is closed with 1001, and an old one between turns', async ({ gateway, sim }) => {
    await socketsGone(sim);
    const idle = await open(gateway);
    assert.equal((await idle.closing()).code, 1001);
    const old = await open(gateway);
    const turn = await old.turn(create(marked('text', { events: 25, interval_ms: 100, seq: 1 })));
    assert.equal(turn.text, sequence(25), 'a running turn is not cut');
    assert.equal((await old.closing()).code, 1001);
  });
});

suite('websocket: declined', { accounts: 1, config: { frontend: { websocket: { enabled: false } } } }, (test) => {
  test('an upgrade is answered with 426 by configuration, and HTTP works', async ({ gateway, client }) => {
    const refused = await refusal(gateway);
    assert.equal(refused.status, 426);
    assert.equal(refused.json().error.code, 'websocket_disabled');
    const answer = await client.post('/v1/responses', { model: kModel, input: 'hi' });
    assert.equal(answer.status, 200, answer.text);
  });
});

suite('websocket: a provider that refuses the upgrade', { accounts: 2 }, (test) => {
  test('makes the client go on over HTTP when it says so itself', async ({ gateway, sim }) => {
    for (const account of gateway.accounts) await sim.setScenario(account, { name: '426', at: 'upgrade' });
    const refused = await refusal(gateway);
    assert.equal(refused.status, 426);
    assert.equal(refused.json().error.code, 'websocket_declined');
    const accounts = await gateway.listAccounts();
    assert.ok(accounts.every((account) => /ACTIVE/i.test(account.state)));
  });

  test('is tried with another account before the client has its 101', async ({ gateway, sim }) => {
    await sim.setScenario(gateway.accounts[0], { name: '500', at: 'upgrade', count: 1 });
    await sim.setScenario(gateway.accounts[1], { name: '500', at: 'upgrade', count: 1 });
    const refusedOrOpen = await open(gateway).catch((error) => error);
    if (refusedOrOpen instanceof Refused) assert.ok(refusedOrOpen.status >= 500);
    else refusedOrOpen.close();
    for (const account of gateway.accounts) await sim.clearScenario(account);
    await eventually('the way to be believed in again', async () => {
      const socket = await open(gateway).catch(() => undefined);
      socket?.close();
      return socket !== undefined;
    }, { within: 20_000, every: 200 });
  });
});

suite('websocket: restarts', { accounts: 1 }, (test) => {
  const restart = async (gateway, name) => {
    const result = await gateway.cli(['workers', 'restart', name]);
    assert.equal(result.code, 0, result.stderr);
  };
  const busy = (events) => create(marked('text', { events, interval_ms: 50, seq: 1 }));

  test('of accounts go unnoticed', async ({ gateway }) => {
    const socket = await open(gateway);
    socket.send(busy(20));
    await socket.next();
    await restart(gateway, 'accounts');
    const turn = await socket.answer();
    turn.completed();
    assert.equal(turn.text, sequence(20));
    (await socket.turn(create('hi', { previous_response_id: turn.id }))).completed();
    socket.close();
  });

  for (const name of ['frontend', 'upstream']) {
    test(`of ${name} let a running turn end and close idle sockets with 1012`, async ({ gateway }) => {
      const idle = await open(gateway);
      const running = await open(gateway);
      running.send(busy(20));
      await running.next();
      const restarted = restart(gateway, name);
      assert.equal((await idle.closing()).code, 1012);
      const turn = await running.answer();
      turn.completed();
      assert.equal(turn.text, sequence(20));
      assert.equal((await running.closing()).code, 1012);
      await restarted;
      const again = await open(gateway);
      (await again.turn(create('hi'))).completed();
      again.close();
    });
  }
});
