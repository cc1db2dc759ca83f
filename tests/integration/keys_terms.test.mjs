// What a client key may be used for (docs/keys.md), told in the words of every protocol.
import assert from 'node:assert/strict';
import { chat, kModel, marked } from '../support/bodies.mjs';
import { doors, knock, saidBy } from '../support/doors.mjs';
import { SocketClient, codexHeaders, create } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kOther = 'gpt-6-luna';
let serial = 0;
const keyWith = async ({ gateway, client }, ...terms) => client.with({ key: await gateway.createKey(`terms-${++serial}`, terms) });

suite('the terms of a client key', { accounts: 1 }, (test) => {
  const refused = async (context, terms, why, options) => {
    const limited = await keyWith(context, ...terms);
    for (const door of Object.keys(doors)) {
      const answer = await knock(limited, door, 'hello', options);
      assert.equal(answer.status, 403, `${door}: ${answer.text}`);
      assert.deepEqual(saidBy(door, answer, doors[door].terms), doors[door].terms);
      assert.match(doors[door].error(answer.json()).message, why);
      assert.equal(answer.headers['x-should-retry'], 'false', door);
    }
    assert.equal((await context.sim.requests()).filter(({ path }) => path.includes('responses')).length, 0, 'nobody was asked');
  };

  test('are its models', async (context) => {
    await refused(context, ['--model', kOther], /may not be used for model gpt-5\.5/);
    const limited = await keyWith(context, '--model', 'gpt-5*');
    for (const door of Object.keys(doors)) assert.equal((await knock(limited, door)).status, 200, door);
  });

  test('are its providers', (context) => refused(context, ['--provider', 'anthropic'], /may not be used for provider codex/));

  test('are its tags, which leave accounts out', async (context) => {
    const { gateway } = context;
    const limited = await keyWith(context, '--tag', 'team-a');
    const without = await knock(limited, 'openai_chat');
    assert.notEqual(without.status, 200, 'no account has it');
    await gateway.json(['accounts', 'update', gateway.accounts[0].label, '--tags', 'team-a']);
    assert.equal((await knock(limited, 'openai_chat')).status, 200);
    await gateway.json(['accounts', 'update', gateway.accounts[0].label, '--tags', '']);
  });

  test('are the protocols of its clients', async (context) => {
    const limited = await keyWith(context, '--dialect', 'anthropic');
    for (const door of Object.keys(doors)) {
      const answer = await knock(limited, door);
      assert.equal(answer.status, door === 'anthropic' ? 200 : 403, `${door}: ${answer.text}`);
    }
  });

  test('are the tiers that it may ask for', async (context) => {
    const limited = await keyWith(context, '--tier', 'standard');
    const ask = (extra, path = '/v1/chat/completions') => limited.post(path, chat('hello', extra));
    assert.equal((await ask({})).status, 200);
    assert.equal((await ask({ service_tier: 'default' })).status, 200);
    const dear = await ask({ service_tier: 'priority' });
    assert.equal(dear.status, 403, dear.text);
    assert.match(dear.json().error.message, /may not be used for the tier priority/);
    const relayed = await limited.post('/v1/responses', { model: kModel, input: 'hello', service_tier: 'fast' });
    assert.equal(relayed.status, 403, 'also on the byte-transparent route');
    assert.equal((await ask({ model: `${kModel}-fast` })).status, 403, 'and by the name of the model');
  });

  test('are the highest effort, to which more is lowered', async (context) => {
    const limited = await keyWith(context, '--highest-effort', 'low');
    const answer = await limited.post('/v1/chat/completions', chat('hello', { reasoning_effort: 'high' }));
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.headers['x-patchbay-repaired'], /reasoning_effort:high/);
    const [asked] = (await context.sim.requests()).filter(({ path }) => path.includes('responses')).slice(-1);
    assert.equal(asked.body.reasoning.effort, 'low');
  });

  test('are the highest effort also of clients that count tokens, and of those that say nothing', async (context) => {
    const limited = await keyWith(context, '--highest-effort', 'low');
    const effort = async () => (await context.sim.requests()).filter(({ path }) => path.includes('responses')).at(-1).body.reasoning.effort;
    const anthropic = { model: kModel, max_tokens: 64000, messages: [{ role: 'user', content: 'hello' }] };
    const budgets = {
      '/v1/messages': { ...anthropic, thinking: { type: 'enabled', budget_tokens: 40000 } },
      [`/v1beta/models/${kModel}:generateContent`]: { contents: [{ role: 'user', parts: [{ text: 'hello' }] }], generationConfig: { thinkingConfig: { thinkingBudget: 40000 } } },
      '/v1/chat/completions': chat('hello', { reasoning: { max_tokens: 40000 } }),
    };
    for (const [path, body] of Object.entries(budgets)) {
      const answer = await limited.post(path, body);
      assert.equal(answer.status, 200, `${path}: ${answer.text}`);
      assert.match(answer.headers['x-patchbay-repaired'], /reasoning_effort:40000/, path);
      assert.equal(await effort(), 'low', path);
    }
    const quiet = await limited.post('/v1/chat/completions', chat('hello'));
    assert.match(quiet.headers['x-patchbay-repaired'], /reasoning_effort/, 'the model would think more by itself');
    assert.equal(await effort(), 'low');
    const odd = await limited.post('/v1/responses', { model: kModel, input: 'hello', reasoning: { effort: 'heroic' } });
    assert.match(odd.headers['x-patchbay-repaired'], /reasoning_effort:heroic/);
    assert.equal(await effort(), 'low');
    const none = await keyWith(context, '--highest-effort', 'none');
    const refused = await none.post('/v1/chat/completions', chat('hello'));
    assert.equal(refused.status, 403, refused.text);
    assert.match(refused.json().error.message, /its highest effort is none/);
    assert.equal((await none.get(`/v1/models/${kModel}`)).status, 404);
  });

  test('are the addresses that it may be used from, told before a body is read', async (context) => {
    await refused(context, ['--source', '192.0.2.0/24'], /may not be used from 127\.0\.0\.1/);
    const limited = await keyWith(context, '--source', '192.0.2.0/24', '--source', '127.0.0.0/8');
    assert.equal((await knock(limited, 'openai_chat')).status, 200);
    const elsewhere = await keyWith(context, '--source', '192.0.2.0/24');
    assert.equal((await elsewhere.post('/v1/chat/completions', 'no JSON at all')).status, 403);
    assert.equal((await elsewhere.get('/v1/models')).status, 403);
  });

  test('leave their models out of every list', async (context) => {
    const limited = await keyWith(context, '--model', 'gpt-5.5');
    await eventually('the live list', async () => (await context.client.get('/v1/models/catalog')).json().some(({ id, source }) => id === kOther && source === 'live'));
    const claude = { headers: { 'anthropic-version': '2023-06-01' } };
    const lists = [['/v1/models'], ['/v1/models', claude], ['/v1/models/catalog'], ['/v1beta/models'], ['/v1/models?client_version=0.171.0']];
    for (const [path, options] of lists) {
      const [all, some] = [await context.client.get(path, options), await limited.get(path, options)];
      assert.equal(some.status, 200, `${path}: ${some.text}`);
      assert.ok(all.text.includes(`"${kOther}"`) || all.text.includes(`/${kOther}"`), `${path} has it for others`);
      assert.ok(!some.text.includes(`${kOther}"`), `${path}: ${some.text.slice(0, 300)}`);
      assert.ok(some.text.includes(kModel), path);
    }
    for (const path of [`/v1/models/${kOther}`, `/v1/models/${kOther}/info`, `/v1beta/models/${kOther}`]) assert.equal((await limited.get(path)).status, 404, path);
    assert.equal((await limited.get(`/v1/models/${kModel}`)).status, 200);
  });

  test('hold on a WebSocket, whose frames say so', async (context) => {
    const { key } = await keyWith(context, '--model', kOther);
    const socket = await SocketClient.open({ port: context.gateway.port, key, headers: codexHeaders('0198c0de-0000-7000-8000-00000000ffff') });
    const turn = await socket.turn(create(marked('text', { events: 3 })));
    assert.match(turn.failed(403).message, /may not be used for model gpt-5\.5/);
    socket.abort();
  });

  test('change for the next request', async (context) => {
    const limited = await keyWith(context, '--model', kOther);
    assert.equal((await knock(limited, 'openai_chat')).status, 403);
    await context.gateway.json(['keys', 'update', `terms-${serial}`, '--clear', 'model']);
    assert.equal((await knock(limited, 'openai_chat')).status, 200);
  });
});

suite('the rates of a client key', { accounts: 1 }, (test) => {
  test('are its requests a minute', async (context) => {
    for (const door of Object.keys(doors)) {
      const limited = await keyWith(context, '--rpm', '1');
      assert.equal((await knock(limited, door)).status, 200, door);
      const answer = await knock(limited, door);
      assert.equal(answer.status, 429, `${door}: ${answer.text}`);
      assert.deepEqual(saidBy(door, answer, doors[door].rate), doors[door].rate);
      assert.match(doors[door].error(answer.json()).message, /limited to 1 requests a minute/);
      const wait = Number(answer.headers['retry-after']);
      assert.ok(wait > 0 && wait <= 61, `${door}: retry-after ${answer.headers['retry-after']}`);
    }
  });

  test('are its tokens a minute', async (context) => {
    const limited = await keyWith(context, '--tpm', '1000');
    assert.equal((await knock(limited, 'openai_chat', marked('text', { events: 1500 }))).status, 200);
    const answer = await eventually('the tokens to be counted', async () => {
      const next = await knock(limited, 'openai_chat');
      return next.status === 429 && next;
    });
    assert.match(answer.json().error.message, /limited to 1000 tokens a minute/);
  });

  test('are its calls at once: further ones wait', async (context) => {
    const { gateway } = context;
    const limited = await keyWith(context, '--concurrency', '1');
    const standing = async () => (await gateway.json(['keys', 'show', `terms-${serial}`])).standing;
    const first = await limited.stream('/v1/chat/completions', chat(marked('stall', { after: 2 }), { stream: true }));
    await eventually('one to be open', async () => (await standing()).open === 1);
    const second = knock(limited, 'openai_chat');
    await eventually('the other one to wait', async () => (await standing()).waiting === 1);
    first.leave();
    assert.equal((await second).status, 200);
    await eventually('none to be open', async () => (await standing()).open === 0);
  });
});
