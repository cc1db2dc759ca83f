// Access tokens are renewed before they expire and when the provider refuses them: once, whoever asks.
// ThreadSanitizer: many calls wait for one refresh, and for the storage thread.
import assert from 'node:assert/strict';
import { chat, marked } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { delay, eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const kParallel = 50;

function together(client, count = kParallel) {
  return Promise.all(Array.from({ length: count }, (_, i) => client.post(kPath, chat(marked('text', { events: 3 }, `parallel ${i}`)))));
}

suite('token refresh', { accounts: 1, config: { accounts: { slots_per_account: 100 } } }, (test) => {
  test('happens once for many requests that meet a dead token', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    await sim.expireToken(account);
    const answers = await together(client);
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200], answers.find((answer) => answer.status !== 200)?.text);
    assert.equal(await sim.refreshes(account), 1);
    assert.equal(await sim.refusedRefreshes(account), 0);
  });

  test('can be asked for by the operator', async ({ sim, gateway }) => {
    const [account] = gateway.accounts;
    const before = await sim.refreshes(account);
    const result = await gateway.cli(['accounts', 'refresh', account.label]);
    if (result.code === 64) return; // the command is not part of this version
    assert.equal(result.code, 0, result.stderr);
    assert.equal(await sim.refreshes(account), before + 1);
  });

  test('keeps the new tokens over a restart of accounts', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    await sim.expireToken(account);
    assert.equal((await together(client, 3)).filter((answer) => answer.status === 200).length, 3);
    const refreshes = await sim.refreshes(account);
    await gateway.kill('accounts');
    const answers = await together(client, 10);
    assert.ok(answers.every((answer) => answer.status === 200));
    assert.equal(await sim.refreshes(account), refreshes, 'the renewed token was forgotten');
  });
});

suite('token refresh ahead of time', { accounts: 1, accountOptions: { expires_in_s: 120 }, config: { accounts: { refresh_skew: '5m', slots_per_account: 100 } } }, (test) => {
  test('happens before the token expires, once', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    const answers = await together(client);
    assert.ok(answers.every((answer) => answer.status === 200));
    await eventually('the token to be renewed', async () => (await sim.refreshes(account)) >= 1);
    assert.equal(await sim.refusedRefreshes(account), 0, 'a refresh token was used twice');
  });
});

suite('a token that ends while nobody looks', { accounts: 1, accountOptions: { expires_in_s: 2 }, config: { accounts: { refresh_skew: '1s', slots_per_account: 200 } } }, (test) => {
  test('is renewed once for a hundred requests that come at its end', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    await sim.setRefreshScenario(account, { name: 'refresh_status', code: 503, count: 1 }); // so that nobody renews it ahead of time
    await eventually('the first try to fail', async () => (await sim.refusedRefreshes(account)) === 1);
    await delay(2500);
    const before = await sim.account(account);
    const answers = await together(client, 100);
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200], answers.find((answer) => answer.status !== 200)?.text);
    const after = await sim.account(account);
    // Two seconds later it ends again.
    assert.ok(after.refreshes - before.refreshes <= 4, `${after.refreshes - before.refreshes} refreshes`);
    assert.equal(after.reused_refresh_tokens, 0);
  });
});

suite('accounts killed in the middle of refreshes', { accounts: 1, config: { accounts: { slots_per_account: 100 } } }, (test) => {
  test('loses no login whose new tokens were not on their way just then', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    for (let round = 0; round < 8; ++round) {
      await sim.expireToken(account);
      // The provider thinks for a while, and takes the token after that: killed meanwhile, nobody knows.
      await sim.setRefreshScenario(account, { name: 'refresh_stall', count: 1 });
      const asked = together(client, 5);
      await delay(20 + 40 * round);
      await gateway.kill('accounts');
      const answers = await asked;
      assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200], answers.find((answer) => answer.status !== 200)?.text);
      assert.equal((await sim.account(account)).reused_refresh_tokens, 0);
      await sim.clearScenario(account);
    }
  });

  test('which is restarted on purpose waits for the answer', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    const { refreshes } = await sim.account(account);
    await sim.setRefreshScenario(account, { name: 'refresh_slow', head_ms: 1500, count: 1 });
    const refreshing = gateway.cli(['accounts', 'refresh', account.label]);
    await eventually('the provider to be asked', async () => (await sim.account(account)).refreshes === refreshes + 1);
    assert.equal((await gateway.cli(['workers', 'restart', 'accounts'])).code, 0);
    await refreshing;
    assert.equal((await client.post(kPath, chat(marked('text', { events: 2 })))).status, 200);
    assert.equal((await gateway.cli(['accounts', 'refresh', account.label])).code, 0);
    assert.equal((await sim.account(account)).reused_refresh_tokens, 0);
  });

  test('says what most likely became of a login whose answer was lost', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    await sim.expireToken(account);
    await sim.setRefreshScenario(account, { name: 'refresh_lost', count: 1 });
    assert.notEqual((await client.post(kPath, chat(marked('text', { events: 2 })))).status, 200);
    assert.match((await gateway.cli(['accounts', 'show', account.label])).stdout, /renewal +unanswered/);
    await gateway.kill('accounts');
    await client.post(kPath, chat(marked('text', { events: 2 })));
    const shown = await eventually('the account to need a login', async () => {
      const found = (await gateway.listAccounts()).find((each) => each.label === account.label);
      return /expired/i.test(found.state) && found;
    });
    assert.match(shown.evidence, /most likely it was ours/);
  });
});

suite('a refused refresh', { accounts: 2 }, (test) => {
  test('expires the account and leaves the client none the wiser', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    await sim.expireToken(account);
    await sim.setRefreshScenario(account, { name: 'refresh_invalidated' });
    for (let i = 0; i < 4; ++i) {
      const answer = await client.post(kPath, chat(marked('text', { events: 3 }, `after refusal ${i}`)));
      assert.equal(answer.status, 200, answer.text);
    }
    await eventually('the account to be shown as expired', async () => {
      const shown = (await gateway.listAccounts()).find((each) => each.label === account.label);
      return /expired/i.test(shown.state);
    });
  });
});
