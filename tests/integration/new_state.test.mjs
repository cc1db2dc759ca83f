// A state directory that is new where more was expected says so; a first start does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Gateway } from '../support/gateway.mjs';

const doubtOf = async (gateway) => (await gateway.status()).state_doubt ?? '';
const warned = (gateway) => /"event":"state\.new"/.test(gateway.logs);

// Where no other patchbay of this machine is found.
function gatewayAtHome(t, options) {
  const gateway = new Gateway(options);
  t.after(() => gateway.destroy());
  gateway.env = { ...gateway.env, HOME: gateway.directory };
  return gateway;
}

test('a first start is quiet', async (t) => {
  const gateway = gatewayAtHome(t);
  await gateway.start();
  assert.equal(await doubtOf(gateway), '');
  assert.ok(!warned(gateway));
  assert.doesNotMatch((await gateway.cli(['status'])).stdout, /is new/);
  await gateway.stop();
});

test('a new directory under a configuration that names keys is told of until the next start', async (t) => {
  const providers = { mine: { base_url: 'https://api.example.com/v1', dialect: 'openai_chat', keys: ['${MINE_KEY}'] } };
  const gateway = gatewayAtHome(t, { config: { providers }, env: { MINE_KEY: 'key-of-mine-that-is-long' } });
  await gateway.start();
  const doubt = await doubtOf(gateway);
  assert.equal(doubt, `state directory ${gateway.stateDir} is new: no login, client key or usage of before is in it (the configuration has providers.mine.keys)`);
  assert.ok(warned(gateway));
  assert.ok((await gateway.cli(['status'])).stdout.includes(doubt));
  assert.equal((await gateway.program.stop()).code, 0);
  await gateway.start();
  assert.equal(await doubtOf(gateway), '', 'it is not new any more');
  await gateway.stop();
});

test('a new directory is doubted where another of the usual places has accounts', async (t) => {
  const gateway = gatewayAtHome(t);
  const usual = path.join(gateway.directory, '.local', 'state', 'patchbay');
  mkdirSync(usual, { recursive: true, mode: 0o700 });
  writeFileSync(path.join(usual, 'accounts.db'), 'of before');
  await gateway.start();
  assert.ok((await doubtOf(gateway)).includes(`${usual} has the accounts of a patchbay: is that the one that was meant?`));
  assert.ok(warned(gateway));
  await gateway.stop();
});
