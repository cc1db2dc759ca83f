// The whole state into a folder and back (docs/accounts.md).
// ThreadSanitizer: the database is copied while the storage thread writes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { chat, marked } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const ask = (client) => client.post('/v1/chat/completions', chat(marked('text', { events: 1 })));

suite('a backup', { accounts: 2 }, (test) => {
  test('is made while the gateway runs, and put back while it does not', async ({ gateway, client }) => {
    const folder = path.join(gateway.directory, 'backup');
    const state = ['--state-dir', gateway.stateDir];
    assert.equal((await ask(client)).status, 200);
    const made = await gateway.cli(['backup', folder, ...state]);
    assert.equal(made.code, 0, made.stderr);
    assert.equal(fs.statSync(folder).mode & 0o777, 0o700);
    assert.notEqual((await gateway.cli(['backup', folder, ...state])).code, 0, 'a folder that is there stays');

    const [first] = await gateway.listAccounts();
    await gateway.json(['accounts', 'rm', first.ref]);
    const running = await gateway.cli(['restore', folder, ...state]);
    assert.notEqual(running.code, 0);
    assert.match(running.stderr, /running/);
    assert.equal((await gateway.listAccounts()).length, 1);

    await gateway.program.stop();
    const restored = await gateway.cli(['restore', folder, ...state]);
    assert.equal(restored.code, 0, restored.stderr);
    await gateway.start();
    assert.deepEqual((await gateway.listAccounts()).map(({ ref }) => ref).includes(first.ref), true);
    const again = client.with({ port: gateway.port });
    assert.equal((await ask(again)).status, 200, 'keys and tokens are there again');
    again.close();
  });
});
