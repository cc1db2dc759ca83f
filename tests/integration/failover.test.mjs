// An account that fails before the first output is replaced in silence: the client sees only success, the operator sees
// what happened.
// ThreadSanitizer: one attempt ends while the next begins.
import assert from 'node:assert/strict';
import { chat, chatStream, marked, responses, sequence } from '../support/bodies.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const state = (account) => String(account.state).replace('ACCOUNT_STATE_', '').toLowerCase();

async function stateOf(gateway, label) {
  return state((await gateway.listAccounts()).find((account) => account.label === label));
}

// Puts one account into trouble, asks until it was tried, and returns the state it is in then.
async function trouble({ client, sim, gateway }, scenario, { stream = true } = {}) {
  for (const { label } of gateway.accounts) await gateway.json(['accounts', 'clear', '--force', label]);
  const [bad] = gateway.accounts;
  await sim.setScenario(bad, scenario);
  for (let i = 0; i < 6; ++i) {
    const answer = await client.stream(kPath, chatStream(marked('text', { events: 5, seq: 1 }, `${scenario.name} ${i}`)));
    await answer.all();
    assert.equal(answer.status, 200, `${JSON.stringify(scenario)}: ${answer.body}`);
    assert.equal(chatOutcome(answer.json).text, sequence(5));
    assert.ok(answer.finishedWithDone);
  }
  const tried = (await sim.requests()).filter((request) => request.account === bad.id);
  assert.ok(tried.length >= 1, 'the troubled account was never tried');
  return { tried: tried.length, state: await stateOf(gateway, bad.label) };
}

const config = { accounts: { strategy: 'round_robin' } };

suite('failover', { accounts: 2, config }, (test) => {
  test('a throttled account is set aside for seconds', async (context) => {
    const seen = await trouble(context, { name: '429', retry_after: 20 });
    assert.equal(seen.state, 'throttled');
    assert.equal(seen.tried, 1);
  });
});

suite('failover when a window is used up', { accounts: 2, config }, (test) => {
  test('an exhausted account waits for its reset', async (context) => {
    const seen = await trouble(context, { name: 'usage_limit_reached', resets_in: 3600 });
    assert.equal(seen.state, 'exhausted');
    assert.equal(seen.tried, 1);
  });
});

suite('failover when a login is gone', { accounts: 2, config, accountOptions: { refreshable: false } }, (test) => {
  test('an account whose token is refused for good is expired', async (context) => {
    const seen = await trouble(context, { name: 'token_invalidated' });
    assert.equal(seen.state, 'expired');
  });
});

suite('failover when an account is banned', { accounts: 2, config }, (test) => {
  test('a ban is remembered until a human clears it', async (context) => {
    const seen = await trouble(context, { name: 'account_deactivated' });
    assert.equal(seen.state, 'banned');
  });
});

suite('failover when the path is broken', { accounts: 2, config }, (test) => {
  test('a server error moves on and blames no account', async (context) => {
    const seen = await trouble(context, { name: '503' });
    assert.notEqual(seen.state, 'banned');
    assert.notEqual(seen.state, 'expired');
  });

  test('a challenge page is no ban', async (context) => {
    const seen = await trouble(context, { name: 'challenge' });
    assert.notEqual(seen.state, 'banned');
  });

  test('a connection that dies before any output is tried again', async ({ client, sim, gateway }) => {
    await sim.setScenario(gateway.accounts[0], { name: 'rst', after: 0 });
    for (let i = 0; i < 4; ++i) {
      const answer = await client.post(kPath, chat(marked('text', { events: 3, seq: 1 })));
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json().choices[0].message.content, sequence(3));
    }
  });

  test('the transparent route fails over too', async ({ client, sim, gateway }) => {
    await sim.setScenario(gateway.accounts[0], { name: '503' });
    for (let i = 0; i < 4; ++i) {
      const stream = await client.stream('/v1/responses', responses(marked('text', { events: 3 })));
      await stream.all();
      assert.equal(stream.status, 200, stream.body.toString());
      assert.equal(stream.json.at(-1).type, 'response.completed');
    }
  });
});

suite('one request and many accounts', { accounts: 4, config }, (test) => {
  test('damages at most one account: the same refusal twice is the request\'s own fault', async ({ client, gateway }) => {
    const answer = await client.post(kPath, chat(marked('403', { kind: 'not_found' })));
    assert.ok(answer.status >= 400, answer.text);
    const states = (await gateway.listAccounts()).map(state);
    assert.ok(states.filter((each) => each !== 'active').length <= 1, states.join());
  });
});

suite('affinity', { accounts: 3 }, (test) => {
  test('a conversation stays on its account from the first turn', async ({ client, sim }) => {
    for (const conversation of ['one', 'two', 'three', 'four']) {
      const messages = [{ role: 'system', content: `conversation ${conversation}` }];
      for (let turn = 0; turn < 4; ++turn) {
        messages.push({ role: 'user', content: marked('text', { events: 2 }, `${conversation} ${turn === 0 ? 'begins' : turn}`) });
        const answer = await client.post(kPath, { model: 'gpt-5.5', messages });
        assert.equal(answer.status, 200, answer.text);
        messages.push({ role: 'assistant', content: answer.json().choices[0].message.content });
      }
    }
    const requests = await sim.requests();
    assert.equal(requests.length, 16);
    for (const conversation of ['one', 'two', 'three', 'four']) {
      const used = new Set(requests.filter((request) => JSON.stringify(request.body).includes(`conversation ${conversation}`)).map((request) => request.account));
      assert.equal(used.size, 1, `conversation ${conversation} was on ${used.size} accounts`);
    }
    assert.ok(new Set(requests.map((request) => request.account)).size >= 2, 'everything went to one account');
  });

  test('a conversation stays on its account over a restart of accounts', async ({ client, sim, gateway }) => {
    const names = Array.from({ length: 6 }, (_, i) => `lasting ${i}`);
    const turn = async (name, content) => {
      const messages = [{ role: 'system', content: name }, { role: 'user', content: marked('text', { events: 2 }, `${name} begins`) }];
      if (content) messages.push({ role: 'assistant', content: 'so be it' }, { role: 'user', content });
      const answer = await client.post(kPath, { model: 'gpt-5.5', messages });
      assert.equal(answer.status, 200, answer.text);
    };
    for (const name of names) await turn(name);
    await gateway.json(['workers', 'restart', 'accounts']);
    for (const name of names.toReversed()) await turn(name, marked('text', { events: 2 }, 'and goes on'));
    const requests = await sim.requests();
    for (const name of names) {
      const used = requests.filter((request) => JSON.stringify(request.body).includes(name)).map((request) => request.account);
      assert.equal(used.length, 2);
      assert.equal(used[0], used[1], `${name} moved`);
    }
  });

  test('spreads requests without a conversation over the accounts', async ({ client, sim }) => {
    await Promise.all(Array.from({ length: 18 }, (_, i) => client.post(kPath, chat(marked('text', { events: 20, interval_ms: 10 }, `unrelated ${i}`)))));
    const used = new Set((await sim.requests()).map((request) => request.account));
    assert.equal(used.size, 3);
  });
});

suite('queueing', { accounts: 1, config: { accounts: { slots_per_account: 2, queue_max: 4, queue_wait: '5s' } } }, (test) => {
  test('waits for a slot instead of failing at once', async ({ client }) => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => client.post(kPath, chat(marked('text', { events: 5, interval_ms: 20 })))));
    assert.deepEqual(answers.map((answer) => answer.status), Array(6).fill(200));
  });

  test('is bounded: beyond the queue the answer is a clear refusal', async ({ client, gateway }) => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => client.post(kPath, chat(marked('text', { events: 5, interval_ms: 50 })))));
    const statuses = answers.map((answer) => answer.status);
    assert.equal(statuses.filter((status) => status === 200).length, 6, statuses.join());
    for (const answer of answers.filter((each) => each.status !== 200)) {
      assert.ok([429, 503].includes(answer.status));
      assert.ok(answer.json().error.message);
    }
    await eventually('all slots to be free again', async () => (await gateway.listAccounts()).every((account) => Number(account.leases_open ?? 0) === 0));
  });
});
