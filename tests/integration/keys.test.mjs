// Client keys over their life (docs/keys.md): made, limited, rotated, ended, and what nobody ever sees of them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chat } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { bound, delay, eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const ask = (client, key) => client.with({ key }).post(kPath, chat('hello'));
const show = (gateway, key) => gateway.json(['keys', 'show', key]);

/** A new secret for the key, which no log may show. */
async function rotate(gateway, key, ...more) {
  const { secret } = await gateway.json(['keys', 'rotate', key, ...more]);
  gateway.secrets.add(secret);
  return secret;
}

suite('client keys', { accounts: 1 }, (test) => {
  test('are told whole, and a term that is not given stays', async ({ gateway }) => {
    await gateway.createKey('terms', ['--model', 'gpt-5.5', '--model', 'claude-*', '--rpm', '60', '--budget', '5 USD a day', '--budget', '3M tokens a month']);
    await gateway.json(['keys', 'update', 'terms', '--rpm', '30', '--on-budget', 'fallback gpt-6-luna']);
    const { terms } = await show(gateway, 'terms');
    assert.deepEqual(terms.models, ['gpt-5.5', 'claude-*']);
    assert.equal(terms.requests_per_minute, 30);
    assert.equal(terms.budgets[0].nano_dollars, '5000000000');
    assert.equal(terms.budgets[1].tokens, '3000000');
    assert.equal(terms.fallback_model, 'gpt-6-luna');
    await gateway.json(['keys', 'update', 'terms', '--clear', 'model', '--clear', 'on-budget', '--name', 'renamed']);
    const after = await show(gateway, 'renamed');
    assert.deepEqual(after.terms.models, []);
    assert.equal(after.terms.fallback_model, '');
    assert.equal(after.terms.requests_per_minute, 30);

    assert.match((await gateway.cli(['keys', 'list'])).stdout, /renamed +\S+ +30 rpm, 5 USD a day, 3M tokens a month +0% of 5 USD a day/);
    const page = (await gateway.cli(['keys', 'show', 'renamed'])).stdout;
    assert.match(page, /^budget +5 USD a day: 0 USD used, resets in/m);
    assert.match(page, /^on budget +refuse$/m);
  });

  test('that cannot be are refused before one is made', async ({ gateway }) => {
    for (const [terms, why] of [
      [['--budget', 'a lot'], /'a lot' is no budget: write it like '5 USD a day'/],
      [['--budget', '1 USD a day', '--budget', '2 USD a day'], /two are of USD a day/],
      [['--source', '10.0.0.1/8'], /has bits behind its prefix/],
      [['--dialect', 'klingon'], /'klingon' is none of openai_chat/],
      [['--expires', '2020-01-01'], /is over already/],
      [['--on-budget', 'hope'], /neither 'refuse' nor 'fallback MODEL'/],
    ]) {
      const { code, stderr } = await gateway.cli(['keys', 'create', '--name', 'never', ...terms]);
      assert.notEqual(code, 0, terms.join(' '));
      assert.match(stderr, why);
    }
    assert.ok(!(await gateway.json(['keys', 'list', '--all'])).keys.some(({ name }) => name === 'never'));
    assert.match((await gateway.cli(['keys', 'update', 'test'])).stderr, /nothing to change/);
    assert.match((await gateway.cli(['keys', 'update', 'test', '--rpm', '5', '--clear', 'rpm'])).stderr, /contradict each other/);
  });

  test('get a new secret, and the old one ends at once', async ({ gateway, client }) => {
    const old = await gateway.createKey('rotated');
    assert.equal((await ask(client, old)).status, 200);
    const secret = await rotate(gateway, 'rotated');
    assert.notEqual(secret, old);
    assert.equal((await ask(client, secret)).status, 200);
    const refused = await ask(client, old);
    assert.equal(refused.status, 401, refused.text);
    assert.ok((await show(gateway, 'rotated')).rotated_at);
  });

  test('may keep the old secret for a while, and of two the older one ends', async ({ gateway, client }) => {
    const first = await gateway.createKey('kept');
    const second = await rotate(gateway, 'kept', '--keep-old', '1h');
    for (const secret of [first, second]) assert.equal((await ask(client, secret)).status, 200);
    const third = await rotate(gateway, 'kept', '--keep-old', '2s');
    assert.equal((await ask(client, first)).status, 401, 'two are enough');
    assert.equal((await ask(client, third)).status, 200);
    await gateway.kill('accounts');
    await gateway.ready();
    await eventually('the old secret to end by the clock', async () => (await ask(client, second)).status === 401, { within: 8000, every: 100 });
    assert.equal((await ask(client, third)).status, 200);
    assert.notEqual((await gateway.cli(['keys', 'rotate', 'kept', '--keep-old', '31d'])).code, 0);
  });

  test('end when their time is over, in what each protocol calls a wrong key', async ({ gateway, client }) => {
    const key = await gateway.createKey('short', ['--expires', '2s']);
    assert.equal((await ask(client, key)).status, 200);
    await delay(bound(2100));
    const over = await ask(client, key);
    assert.equal(over.status, 401);
    assert.equal(over.json().error.code, 'invalid_api_key');
    assert.match(over.json().error.message, /the client key (has expired|is not valid)/);
    await gateway.json(['keys', 'update', 'short', '--expires', 'never']);
    assert.equal((await ask(client, key)).status, 200);
    await gateway.json(['keys', 'revoke', 'short']);
    assert.equal((await ask(client, key)).status, 401);
  });

  test('stand on the audit trail, and their secrets nowhere', async ({ gateway }) => {
    const trail = readFileSync(path.join(gateway.stateDir, 'audit.jsonl'), 'utf8');
    for (const method of ['CreateClientKey', 'UpdateClientKey', 'RotateClientKey', 'RevokeClientKey']) assert.match(trail, new RegExp(`AccountAdmin\\.${method}`));
    const told = (await gateway.cli(['keys', 'list', '--all', '--json'])).stdout + (await gateway.cli(['keys', 'show', 'kept', '--json'])).stdout;
    for (const secret of gateway.secrets) {
      assert.ok(!trail.includes(secret), 'a secret is on the audit trail');
      assert.ok(!told.includes(secret), 'a secret is told again');
    }
  });

  test('are shown alone on standard output', async ({ gateway }) => {
    const made = await gateway.cli(['keys', 'create', '--name', 'alone']);
    gateway.secrets.add(made.stdout.trim());
    assert.match(made.stdout, /^pbk_\S+\n$/);
    const rotated = await gateway.cli(['keys', 'rotate', 'alone', '--keep-old', '1h']);
    gateway.secrets.add(rotated.stdout.trim());
    assert.match(rotated.stdout, /^pbk_\S+\n$/);
    assert.match(rotated.stderr, /The one before is good for 1h more/);
  });
});
