// Why an account was chosen or not, as operators and clients are told it.
import assert from 'node:assert/strict';
import { chat, marked, responses } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const config = { accounts: { strategy: 'least_used' } };
const ask = (client, text) => client.post('/v1/chat/completions', chat(marked('text', { events: 3, seq: 1 }, text)));
const explain = (gateway, ...args) => gateway.json(['accounts', 'explain', '--model', 'gpt-5.5', ...args]);
const stateOf = async (gateway, { label }) => (await gateway.listAccounts()).find((account) => account.label === label).state.replace('ACCOUNT_STATE_', '').toLowerCase();

suite('accounts explain', { accounts: 4, config, accountOptions: { refreshable: false } }, (test) => {
  test('tells of every account whether, why not, until when, on what evidence and in which order', async ({ client, sim, gateway }) => {
    const [used, shut, ...free] = gateway.accounts;
    await sim.setScenario(used, { name: 'usage_limit_reached', resets_in: 3600 });
    await sim.setScenario(shut, { name: 'account_deactivated' });
    await eventually('both to have been asked', async () => {
      await ask(client, `question ${Math.random()}`);
      return (await stateOf(gateway, used)) === 'exhausted' && (await stateOf(gateway, shut)) === 'banned';
    });
    const reply = await explain(gateway);
    const of = ({ label }) => reply.accounts.find((account) => account.label === label);
    assert.equal(reply.accounts.length, 4);
    assert.match(of(used).reason, /^exhausted until \S+Z \(429 usage_limit_reached\)$/);
    assert.ok(Math.abs(Date.parse(of(used).until) - Date.now() - 3_600_000) < 60_000, of(used).until);
    assert.ok(Math.abs(Date.parse(of(used).since) - Date.now()) < 60_000, 'when it was seen');
    assert.match(of(shut).reason, /^banned \(.*account_deactivated\)$/);
    assert.deepEqual([of(used).place, of(shut).place], [0, 0]);
    assert.deepEqual(free.map((account) => of(account).place).sort(), [1, 2]);
    for (const account of free) {
      assert.match(of(account).score, /^\d+ in flight, \d+% left$/);
      assert.deepEqual([of(account).eligible, of(account).leases_open, of(account).slots, of(account).wire_model], [true, 0, 8, 'gpt-5.5']);
    }
    assert.equal(reply.chosen, reply.accounts.find(({ place }) => place === 1).account);
    assert.equal(reply.reason, 'least_used');
    const { stdout } = await gateway.cli(['accounts', 'explain', '--model', 'gpt-5.5']);
    assert.match(stdout, /^1 +acc_\S+ +account-\d +codex +yes +- +\d+ in flight/m);
    assert.match(stdout, /^ +acc_\S+ +account-1 +codex +no +in \d+m.*exhausted until/m);
    assert.match(stdout, /would be chosen: least_used$/m);
  });

  test('agrees with what happens next', async ({ client, sim, gateway }) => {
    for (let i = 0; i < 4; ++i) {
      const { chosen } = await explain(gateway);
      assert.equal((await ask(client, `next ${i} ${Math.random()}`)).status, 200);
      const { label } = (await gateway.listAccounts()).find(({ ref }) => ref === chosen);
      assert.equal((await sim.lastRequest()).account, gateway.accounts.find((account) => account.label === label).id);
    }
  });

  test('asks as a client key', async ({ gateway }) => {
    await gateway.createKey('ci');
    assert.notEqual((await explain(gateway, '--key', 'ci')).chosen, '');
    await gateway.json(['keys', 'revoke', 'ci']);
    const refused = await explain(gateway, '--key', 'ci');
    assert.equal(refused.chosen, '');
    assert.equal(refused.denied, 'DENY_REASON_KEY');
    const unknown = await gateway.cli(['accounts', 'explain', '--model', 'gpt-5.5', '--key', 'nobody']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /no such client key: nobody/);
  });

  test('recheck lifts what the provider says is over, and nothing without its word', async ({ client, sim, gateway }) => {
    const [used, shut, ...free] = gateway.accounts;
    await sim.setScenario(used, { name: 'usage_limit_reached', resets_in: 3600 });
    for (const { label } of free) await gateway.json(['accounts', 'disable', label]);
    await gateway.json(['accounts', 'clear', '--force', used.label]);
    assert.notEqual((await ask(client, 'nobody else is left')).status, 200);
    assert.equal(await stateOf(gateway, used), 'exhausted');
    await sim.clearScenario(used);
    const { codex } = gateway.config.providers;
    const there = gateway.config;
    gateway.writeConfig({ ...there, providers: { codex: { ...codex, base_url: 'https://127.0.0.1:1/backend-api/codex' } } });
    await gateway.json(['reload']);
    const silent = await gateway.cli(['accounts', 'recheck', used.label]);
    assert.equal(silent.code, 1, silent.stdout);
    assert.match(silent.stdout, /account-1.*: as before \(exhausted\): no answer/);
    assert.match(silent.stderr, /1 of 1 accounts could not be asked; they are as they were/);
    assert.equal(await stateOf(gateway, used), 'exhausted');
    gateway.writeConfig(there);
    await gateway.json(['reload']);
    const all = await gateway.cli(['accounts', 'recheck']);
    assert.equal(all.stdout.trim().split('\n').length, 4, all.stdout + all.stderr);
    assert.match(all.stdout, /account-1.*: exhausted → active/);
    assert.match(all.stdout, /account-2.*: banned/);
    assert.equal(await stateOf(gateway, used), 'active');
    assert.equal(await stateOf(gateway, shut), 'banned', 'a ban is a human\'s to lift');
  });

  test('clear forgets a ban, and only by force', async ({ gateway }) => {
    const [, shut] = gateway.accounts;
    const asked = await gateway.cli(['accounts', 'clear', shut.label]);
    assert.equal(asked.code, 64);
    assert.match(asked.stderr, /accounts recheck account-2/);
    assert.equal(await stateOf(gateway, shut), 'banned');
    const { account } = await gateway.json(['accounts', 'clear', '--force', shut.label]);
    assert.equal(account.state, 'ACCOUNT_STATE_ACTIVE');
  });
});

suite('a denial', { accounts: 2, config, accountOptions: { refreshable: false } }, (test) => {
  test('tells in each dialect how the accounts are', async ({ client, sim, gateway }) => {
    const [used, shut] = gateway.accounts;
    await sim.setScenario(used, { name: 'usage_limit_reached', resets_in: 3600 });
    await sim.setScenario(shut, { name: 'account_deactivated' });
    const short = /\(accounts: 1 exhausted until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, 1 banned\)/;
    const message = { model: 'gpt-5.5', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] };
    const gemini = { contents: [{ role: 'user', parts: [{ text: 'hello' }] }] };
    for (const [path, body] of [
      ['/v1/chat/completions', chat('hello')],
      ['/v1/responses', responses('hello', { stream: false })],
      ['/v1/messages', message],
      ['/v1beta/models/gpt-5.5:generateContent', gemini],
      ['/v1/completions', { model: 'gpt-5.5', prompt: 'hello' }],
    ]) {
      const answer = await client.post(path, body);
      assert.equal(answer.status, 429, `${path}: ${answer.text}`);
      assert.match(answer.json().error.message, short, path);
      assert.doesNotMatch(answer.text, /account-1|acc_/, 'whose accounts they are is the operator\'s business');
    }
  });
});
