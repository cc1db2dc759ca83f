// Accounts that come from other programs, and go again (docs/accounts.md).
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { chat, marked } from '../support/bodies.mjs';
import { manyAccounts } from '../support/many_accounts.mjs';
import { suite } from '../support/suite.mjs';

const kAccounts = 1000;

async function made(sim, gateway, label) {
  const account = await sim.createAccount({ label });
  account.secrets.forEach((secret) => gateway.secrets.add(secret));
  return account;
}
const imported = (gateway, document, ...args) => gateway.json(['accounts', 'import', '-', ...args], { input: typeof document === 'string' ? document : JSON.stringify(document) });
const labels = async (gateway) => (await gateway.listAccounts()).map(({ label }) => label).sort();
async function removeAll(gateway) {
  for (const { ref } of await gateway.listAccounts()) await gateway.json(['accounts', 'rm', ref]);
}

suite('accounts', { accounts: 1 }, (test) => {
  test('come from other programs, each reported', async ({ sim, gateway, client }) => {
    await removeAll(gateway);
    const [one, two, three, four] = await Promise.all(['one', 'two', 'three', 'four'].map((label) => made(sim, gateway, label)));
    const cliProxy = [{ type: 'codex', access_token: one.token, refresh_token: one.refreshToken, email: 'one', priority: 4, disabled: true }, { type: 'gemini', token: {} }];
    const { code, stdout } = await gateway.cli(['accounts', 'import', '-', '--json'], { input: JSON.stringify(cliProxy) });
    assert.notEqual(code, 0, 'one of them failed');
    const report = JSON.parse(stdout);
    assert.equal(report.format, 'cli_proxy');
    assert.equal(report.items[0].account.label, 'one');
    assert.equal(report.items[0].account.priority, 4);
    assert.equal(report.items[0].account.state, 'ACCOUNT_STATE_DISABLED');
    assert.notEqual(report.items[1].error, '');

    const sub2api = { type: 'sub2api-data', proxies: [], accounts: [{ name: 'two', platform: 'openai', type: 'oauth', credentials: { access_token: two.token, refresh_token: two.refreshToken } }] };
    assert.equal((await imported(gateway, sub2api)).items[0].account.label, 'two');
    const lines = `${JSON.stringify({ accessToken: three.token, label: 'three' })}\n${JSON.stringify({ token: four.token, refreshToken: four.refreshToken, label: 'four' })}\n`;
    assert.equal((await imported(gateway, lines)).items.length, 2);
    assert.deepEqual(await labels(gateway), ['four', 'one', 'three', 'two']);
    assert.equal((await client.post('/v1/chat/completions', chat(marked('text', { events: 1 })))).status, 200);

    const again = await imported(gateway, sub2api);
    assert.equal(again.items[0].created ?? false, false, 'the same account again is no second one');
    assert.equal((await gateway.listAccounts()).length, 4);
  });

  test('go into a document that brings them back', async ({ sim, gateway, client }) => {
    await removeAll(gateway);
    for (const label of ['left', 'right']) {
      const account = await made(sim, gateway, label);
      await imported(gateway, { accounts: [{ token: account.token, refreshToken: account.refreshToken, label }] });
    }
    await gateway.json(['accounts', 'update', 'left', '--priority', '7', '--tags', 'a,b']);
    for (const [file, flags] of [['full.json', ['--full']], ['minimal.json', []]]) {
      const out = path.join(gateway.directory, file);
      const { code, stderr } = await gateway.cli(['accounts', 'export', '-o', out, ...flags]);
      assert.equal(code, 0, stderr);
      assert.equal(fs.statSync(out).mode & 0o777, 0o600);
      assert.notEqual((await gateway.cli(['accounts', 'export', '-o', out])).code, 0, 'a file that is there stays');
      const document = fs.readFileSync(out, 'utf8');
      fs.rmSync(out);
      await removeAll(gateway);
      assert.equal((await imported(gateway, document)).items.length, 2);
      assert.deepEqual(await labels(gateway), ['left', 'right']);
      const left = (await gateway.json(['accounts', 'show', 'left'])).account;
      if (file === 'full.json') assert.deepEqual([left.priority, left.tags], [7, ['a', 'b']]);
      assert.equal((await client.post('/v1/chat/completions', chat(marked('text', { events: 1 })))).status, 200);
    }
  });

  test(`${kAccounts} come at once`, async ({ sim, gateway }) => {
    await removeAll(gateway);
    const { items, total } = await imported(gateway, await manyAccounts(sim, kAccounts));
    assert.equal(total, kAccounts);
    assert.equal(items.filter(({ created }) => created).length, kAccounts);
    assert.equal((await gateway.listAccounts()).length, kAccounts);
  });
});
