// Quota that is kept for some client keys (docs/choosing.md).
import assert from 'node:assert/strict';
import { responses } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const kPath = '/v1/responses';
const config = { accounts: { reserves: { nightly: { window: '7d', percent: 10, keys: ['nightly-builds'], tags: ['shared'] } } } };
const weekly = (used) => ({ primary_used: 5, primary_reset_in: 3600, primary_minutes: 300, secondary_used: used, secondary_reset_in: 90_000, secondary_minutes: 10_080 });
const ask = (client, text, options) => client.post(kPath, responses(text, { stream: false }), options);

suite('a reserve', { accounts: 1, config }, (test) => {
  test('keeps the last of a window for its key, and tells the others when there is more', async ({ client, sim, gateway }) => {
    const [account] = gateway.accounts;
    await gateway.json(['accounts', 'update', account.label, '--tags', 'shared']);
    const nightly = { headers: { authorization: `Bearer ${await gateway.createKey('nightly-builds')}` } };
    await sim.setUsage(account, weekly(95));
    assert.equal((await ask(client, 'told by its answer')).status, 200);

    const refused = await ask(client, 'of no key that it is kept for');
    assert.equal(refused.status, 429, refused.text);
    assert.ok(Math.abs(Number(refused.headers['retry-after']) - 90_000) < 20, refused.headers['retry-after']);
    assert.equal((await ask(client, 'of its key', nightly)).status, 200);
    const { accounts } = await gateway.json(['accounts', 'explain', '--model', 'gpt-5.5']);
    assert.match(accounts[0].reason, /kept for others \(the last 10 % of 7d for nightly-builds\)/);

    await gateway.json(['accounts', 'update', account.label, '--tags', '']);
    assert.equal((await ask(client, 'no reserve is about this account now')).status, 200);
  });
});
