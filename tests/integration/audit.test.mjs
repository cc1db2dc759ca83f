// The trail of who changed what: every change by an operator, on the disk, without secrets.
// ThreadSanitizer: the trail is written while the log is.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const trail = async (gateway, ...args) => (await gateway.json(['audit', ...args])).records;

suite('audit', { accounts: 1 }, (test) => {
  test('has every change with who, what and what came of it, and no look', async ({ gateway }) => {
    const before = (await trail(gateway)).length;
    const [{ ref }] = await gateway.listAccounts();
    await gateway.status();
    await gateway.json(['accounts', 'disable', ref]);
    await gateway.json(['accounts', 'enable', ref]);
    assert.notEqual((await gateway.cli(['accounts', 'rm', 'nobody'])).code, 0);
    const secret = await gateway.createKey('audited');
    await gateway.json(['keys', 'revoke', 'audited']);
    await gateway.json(['workers', 'restart', 'ollama']);
    await gateway.json(['reload']);
    const records = (await trail(gateway)).slice(before);
    assert.deepEqual(records.map(({ method, request, outcome }) => [method, request, outcome.split(':')[0]]), [
      ['AccountAdmin.UpdateAccount', `account=${ref} enabled=false`, 'ok'],
      ['AccountAdmin.UpdateAccount', `account=${ref} enabled=true`, 'ok'],
      ['AccountAdmin.RemoveAccount', 'account=nobody', 'not_found'],
      ['AccountAdmin.CreateClientKey', 'name=audited', 'ok'],
      ['AccountAdmin.RevokeClientKey', 'key=audited', 'ok'],
      ['Admin.RestartWorker', records[5]?.request, 'ok'],
      ['Admin.Reload', '', 'ok'],
    ]);
    assert.match(records[5].request, /^worker=ollama/);
    for (const record of records) {
      assert.equal(record.role, 'operator');
      assert.equal(record.uid, os.userInfo().uid);
      assert.equal(record.user, os.userInfo().username);
      assert.equal(record.program, 'patchbay');
      assert.ok(record.pid > 1 && Math.abs(Date.parse(record.at) - Date.now()) < 60_000);
    }
    assert.notEqual(records[0].pid, records[1].pid, 'each call by its own process');
    assert.ok(!readFileSync(path.join(gateway.stateDir, 'audit.jsonl'), 'utf8').includes(secret));
    assert.match((await gateway.cli(['audit', '--last', '1'])).stdout, /^\d{4}\S+Z +\S+, patchbay \d+\?? +Admin\.Reload +- +ok$/m);
  });

  test('knows a reload by signal, and whose it was is the signal\'s', async ({ gateway }) => {
    process.kill(Number((await gateway.status()).pid), 'SIGHUP');
    await eventually('the reload to be on the trail', async () => {
      const [last] = (await trail(gateway)).slice(-1);
      return last.role === 'signal' && last.method === 'Admin.Reload' && last.outcome === 'ok';
    });
  });

  test('has imports without what was imported', async ({ gateway, sim }) => {
    const made = await sim.createAccount({ label: 'imported' });
    made.secrets.forEach((secret) => gateway.secrets.add(secret));
    const document = { accounts: [{ token: made.token, refreshToken: made.refreshToken, label: 'imported' }] };
    assert.equal((await gateway.cli(['accounts', 'import', '-'], { input: JSON.stringify(document) })).code, 0);
    const file = path.join(gateway.stateDir, 'audit.jsonl');
    const text = readFileSync(file, 'utf8');
    assert.match(text, /AccountAdmin\.ImportAccounts/);
    for (const secret of gateway.secrets) assert.ok(!text.includes(secret));
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('is there after a kill of everything', async ({ gateway }) => {
    const before = await trail(gateway);
    process.kill(Number((await gateway.status()).pid), 'SIGKILL');
    await gateway.program.exited;
    await gateway.start();
    assert.deepEqual((await trail(gateway)).slice(0, before.length), before);
  });
});
