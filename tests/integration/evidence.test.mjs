// What a failure is believed to mean: of one account, of a provider, of one request. What is counted is what the provider
// received.
import assert from 'node:assert/strict';
import { chat, marked, responses, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const kResponses = '/v1/responses';
const config = { accounts: { strategy: 'round_robin' } };
const states = async (gateway) => (await gateway.listAccounts()).map((account) => String(account.state).replace('ACCOUNT_STATE_', '').toLowerCase());
const paused = async (gateway) => (await gateway.status()).paused_ways ?? [];
const ask = (client, text, options) => client.post(kPath, chat(marked('text', { events: 3, seq: 1 }, text)), options);

async function mustServe(client, text, options) {
  const answer = await ask(client, text, options);
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json().choices[0].message.content, sequence(3));
}

suite('a pool that is used up', { accounts: 2, config }, (test) => {
  test('answers without asking anybody, with the earliest reset', async ({ client, sim, gateway }) => {
    const [one, two] = gateway.accounts;
    await sim.setUsage(one, { primary_used: 100, primary_reset_in: 3600, primary_minutes: 300 });
    await sim.setUsage(two, { primary_used: 100, primary_reset_in: 3605, primary_minutes: 300 });
    const earliest = Date.now() / 1000 + 3600;
    for (let i = 0; i < 10; ++i) {
      const answer = await client.post(kResponses, responses(`question ${i}`, { stream: false }));
      assert.equal(answer.status, 429, answer.text);
      const { error } = answer.json();
      assert.equal(error.type, 'usage_limit_reached', answer.text);
      assert.ok(Math.abs(error.resets_at - earliest) < 20, `${error.resets_at} is not ${earliest}`);
      assert.ok(Math.abs(Number(answer.headers['retry-after']) - 3600) < 20, answer.headers['retry-after']);
      assert.equal(answer.headers['x-should-retry'], 'false');
    }
    assert.ok((await sim.requests()).length <= 2, 'no account was asked twice; one whose own numbers were read first was not asked at all');
    assert.deepEqual(await states(gateway), ['exhausted', 'exhausted']);
  });
});

suite('a pool that is nearly dead', { accounts: 5, config, accountOptions: { refreshable: false } }, (test) => {
  test('serves from the one account that lives', async ({ client, sim, gateway }) => {
    const dead = [{ name: 'usage_limit_reached', resets_in: 3600 }, { name: 'token_invalidated' }, { name: 'account_deactivated' }, { name: 'usage_not_included' }];
    for (const [i, scenario] of dead.entries()) await sim.setScenario(gateway.accounts[i], scenario);
    for (let i = 0; i < 6; ++i) await mustServe(client, `question ${i}`);
    const asked = (await sim.requests()).map((request) => request.account);
    assert.equal(asked.length, 4 + 6, 'each dead account was asked once');
    assert.deepEqual(await states(gateway), ['exhausted', 'expired', 'banned', 'banned', 'active']);
  });
});

suite('a refusal without a cause', { accounts: 2, config }, (test) => {
  test('bans no account', async ({ client, sim, gateway }) => {
    await sim.setScenario(gateway.accounts[0], { name: '403', kind: 'not_found' });
    for (let i = 0; i < 6; ++i) await mustServe(client, `question ${i}`);
    assert.ok(['active', 'throttled'].includes((await states(gateway))[0]));
    assert.match(gateway.logs, /usage\.checked/, 'its usage endpoint was asked');
  });

  test('of a fresh token is looked into before the account needs a login', async ({ client, sim, gateway }) => {
    const [odd] = gateway.accounts;
    await gateway.json(['accounts', 'clear', '--force', odd.label]);
    await sim.setScenario(odd, { name: '401', kind: 'unauthorized' });
    const { refreshes } = await sim.account(odd);
    for (let i = 0; i < 6; ++i) await mustServe(client, `odd ${i}`);
    await eventually('its usage endpoint to answer for it', () => /the usage endpoint answers for it: 401[^"]*, with a fresh token too/.test(gateway.logs));
    assert.equal((await sim.account(odd)).refreshes, refreshes + 1, 'renewed once');
    assert.ok(['active', 'throttled'].includes((await states(gateway))[0]));
    await gateway.json(['accounts', 'clear', '--force', odd.label]);
  });

  test('by two accounts is the request\'s', async ({ client, sim, gateway }) => {
    for (const account of gateway.accounts) await sim.setScenario(account, { name: '403', kind: 'not_found' });
    for (const { label } of gateway.accounts) await gateway.json(['accounts', 'clear', '--force', label]);
    const answer = await ask(client, 'the bad one');
    assert.ok(answer.status >= 400, answer.text);
    assert.deepEqual(await states(gateway), ['active', 'active']);
  });
});

suite('overload of one account', { accounts: 4, config }, (test) => {
  for (const scenario of [{ name: '503' }, { name: 'failed', after: 0, code: 'server_is_overloaded' }]) {
    test(`makes it the last choice for new work: ${scenario.name}`, async ({ client, sim, gateway }) => {
      const [bad] = gateway.accounts;
      await gateway.json(['accounts', 'clear', '--force', bad.label]);
      await sim.setScenario(bad, scenario);
      for (let i = 0; i < 24; ++i) await mustServe(client, `${scenario.name} ${i}`);
      const tried = (await sim.requests()).filter((request) => request.account === bad.id).length;
      assert.ok(tried >= 2 && tried <= 3, `it was asked ${tried} times`);
      const { accounts } = await gateway.json(['accounts', 'explain', '--model', 'gpt-5.5']);
      const explained = accounts.find((account) => account.label === bad.label);
      assert.match(explained.reason, /last choice for new work until .*overloaded/);
      assert.ok(explained.eligible, 'where nobody else can it serves');
      assert.equal((await states(gateway))[0], 'active');
    });
  }
});

suite('overload of a provider', { accounts: 3, config }, (test) => {
  test('holds no account, pauses that model and is told by status', async ({ client, sim, gateway }) => {
    for (const account of gateway.accounts) await sim.setScenario(account, { name: '503' });
    for (let i = 0; i < 5; ++i) assert.equal((await ask(client, `question ${i}`)).status, 503);
    const [way] = (await gateway.status()).paused_ways;
    assert.equal(way.provider, 'codex');
    assert.equal(way.wire_model, 'gpt-5.5');
    assert.match(way.evidence, /503 server_is_overloaded/);
    assert.match((await gateway.cli(['status'])).stdout, /provider +codex gpt-5\.5: paused, next try .*503 server_is_overloaded; the last 5 conversations, of 1 key, failed/);
    const { accounts } = await gateway.json(['accounts', 'explain', '--model', 'gpt-5.5']);
    for (const account of accounts) assert.match(account.reason, /^calls to its provider fail \(503/);
    for (const account of gateway.accounts) await sim.clearScenario(account);
    await eventually('one that goes ahead to be served', async () => (await ask(client, 'after it')).status === 200, { within: 20_000 });
    assert.deepEqual(await paused(gateway), []);
    assert.deepEqual(await states(gateway), ['active', 'active', 'active']);
  });
});

suite('a burst limit', { accounts: 2 }, (test) => {
  for (const path of [kPath, kResponses]) {
    test(`is waited for where the conversation lives: ${path}`, async ({ client, sim }) => {
      const turn = (text) => (path === kPath
        ? chat(marked('text', { events: 3 }, text), { user: 'u' })
        : responses(marked('text', { events: 3 }, text), { stream: false, prompt_cache_key: 'conversation' }));
      const call = async (text) => {
        const body = turn(text);
        const answer = await client.post(path, body, { headers: { session_id: `burst ${path}` } });
        assert.equal(answer.status, 200, answer.text);
      };
      await call('the first turn');
      const home = (await sim.lastRequest()).account;
      await sim.setScenario({ id: home }, { name: '429', kind: 'burst', count: 2 });
      const before = Date.now();
      await call('the second turn');
      const waited = Date.now() - before;
      const asked = (await sim.requests()).map((request) => request.account);
      assert.deepEqual(asked, Array(4).fill(home), 'no other account was asked');
      assert.ok(waited >= 2900 && waited < 6000, `1 and 2 s, not ${waited} ms`);
    });
  }
});

suite('one client\'s poison', { accounts: 3, config }, (test) => {
  test('closes the provider for nobody', async ({ client, gateway }) => {
    const other = { headers: { authorization: `Bearer ${await gateway.createKey('another')}` } };
    await mustServe(client, 'before', other);
    const poison = (text) => client.post(kPath, chat(marked('500', {}, text)));
    for (let i = 0; i < 8; ++i) assert.ok((await poison('the same')).status >= 500);
    await mustServe(client, 'healthy', other);
    for (let i = 0; i < 8; ++i) assert.ok((await poison(`another ${i}`)).status >= 500);
    assert.deepEqual(await paused(gateway), []);
    const start = Date.now();
    await mustServe(client, 'healthy still', other);
    assert.ok(Date.now() - start < 900, 'it did not wait');
  });

  test('but the failures of several clients pause it, and it comes back by itself', async ({ client, sim, gateway }) => {
    const other = { headers: { authorization: `Bearer ${await gateway.createKey('a third')}` } };
    for (const account of gateway.accounts) await sim.setScenario(account, { name: '500' });
    for (let i = 0; i < 5; ++i) assert.ok((await ask(client, `question ${i}`, i % 2 ? other : undefined)).status >= 500);
    const [way] = (await gateway.status()).paused_ways;
    assert.equal(way.wire_model ?? '', '');
    assert.equal(way.client_keys, 2);
    for (const account of gateway.accounts) await sim.clearScenario(account);
    await eventually('one that goes ahead to be served', async () => (await ask(client, 'a scout goes ahead', other)).status === 200, { within: 20_000 });
    assert.deepEqual(await paused(gateway), []);
  });
});
