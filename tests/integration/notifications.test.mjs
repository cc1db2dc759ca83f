// People are told of events: by a program, by a webhook, once, again when that failed, and without secrets.
// ThreadSanitizer: programs and calls of the supervisor while the log goes on.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { chat, marked } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const ask = (client, text) => client.post('/v1/chat/completions', chat(marked('text', { events: 3, seq: 1 }, text)));

/** A webhook's other end: keeps what it gets, and answers as it is told. */
async function startHook() {
  const hook = { got: [], status: 204 };
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
      hook.got.push({ url: request.url, headers: request.headers, body: JSON.parse(body), at: Date.now() });
      response.writeHead(hook.status).end();
    });
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  hook.url = `http://127.0.0.1:${server.address().port}/hooks/a-very-secret-token`;
  hook.stop = () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); });
  return hook;
}

/** A program that writes what it gets into a file, and ends as `exit` says. */
function program(gateway, name, exit = '0') {
  const file = path.join(gateway.directory, `${name}.sh`);
  const out = path.join(gateway.directory, `${name}.out`);
  writeFileSync(file, `#!/bin/sh\n(cat; env) >> ${out}\necho told "$1"\nexit ${exit}\n`);
  chmodSync(file, 0o700);
  return { file, out, lines: () => (existsSync(out) ? readFileSync(out, 'utf8').split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)) : []) };
}

async function configure(gateway, notifications) {
  gateway.writeConfig({ ...gateway.config, notifications });
  await gateway.json(['reload']);
}
const state = async (gateway, name) => (await gateway.json(['notifications', 'list'])).notifications.find((each) => each.name === name);
const clearAll = async (gateway) => { for (const { label } of gateway.accounts) await gateway.json(['accounts', 'clear', '--force', label]); };

suite('notifications', { accounts: 2, accountOptions: { refreshable: false }, config: { accounts: { strategy: 'round_robin' } } }, (test) => {
  test('a webhook and a program are told of what happened, once, and of its end', async ({ client, sim, gateway }) => {
    const hook = await startHook();
    gateway.secrets.add('a-very-secret-token');
    try {
      const script = program(gateway, 'ops');
      const hookFile = path.join(gateway.directory, 'hook-url');
      writeFileSync(hookFile, `${hook.url}\n`, { mode: 0o600 });
      await configure(gateway, { chat: { webhook: hookFile, allow_private: true }, ops: { command: script.file, arguments: ['-x'], events: ['banned', 'all_exhausted'] } });
      const [one, two] = gateway.accounts;
      await sim.setScenario(one, { name: 'account_deactivated' });
      await sim.setScenario(two, { name: 'usage_limit_reached', resets_in: 3600 });
      assert.notEqual((await ask(client, 'first')).status, 200);
      await eventually('the hook to be told of all', () => hook.got.length === 3);
      assert.deepEqual(hook.got.map(({ body }) => body.kind).sort(), ['all_exhausted', 'banned', 'exhausted']);
      const banned = hook.got.find(({ body }) => body.kind === 'banned');
      assert.equal(banned.body.account_label, one.label);
      assert.equal(banned.body.severity, 'error');
      assert.match(banned.body.text, /^account acc_\S+ \(account-1\) was shut by its provider: .*account_deactivated/);
      assert.match(banned.headers['user-agent'], /^patchbay\//);
      assert.equal(banned.headers.authorization, undefined);
      await eventually('the program to be told', () => script.lines().length === 2);
      assert.deepEqual(script.lines().map(({ kind }) => kind).sort(), ['all_exhausted', 'banned']);
      assert.match(gateway.logs, /told -x/, 'what it writes is logged');
      assert.doesNotMatch(readFileSync(script.out, 'utf8'), /PATCHBAY_ROLE_TOKEN|PATCHBAY_SEAL_KEY/);

      await sim.clearScenario(one);
      await clearAll(gateway);
      await eventually('the hook to be told of the ends', () => hook.got.filter(({ body }) => body.kind === 'recovered').length === 3);
      const before = hook.got.length;
      await sim.setScenario(one, { name: 'account_deactivated' });
      await eventually('it to be shut again', async () => {
        await ask(client, `again ${Math.random()}`);
        return (await gateway.listAccounts())[0].state === 'ACCOUNT_STATE_BANNED';
      });
      await gateway.json(['notifications', 'test', 'chat']);
      assert.deepEqual(hook.got.slice(before).map(({ body }) => body.kind), ['test'], 'the same of the same account within the quiet time is not told again');
      const listed = await state(gateway, 'chat');
      assert.deepEqual([listed.way, listed.waiting, Number(listed.dropped), listed.problem], ['webhook', 0, 0, '']);
      assert.equal(Number(listed.told), before);
      assert.match((await gateway.cli(['notifications', 'list'])).stdout, /^chat +webhook +\d+ +0 +0 +(now|\d+s ago) +- +-$/m);
    } finally {
      await hook.stop();
    }
  });

  test('what is not taken is tried again, later each time', async ({ client, sim, gateway }) => {
    const hook = await startHook();
    try {
      hook.status = 500;
      await configure(gateway, { chat: { webhook: hook.url, allow_private: true, quiet: '0s' } });
      await sim.setScenario(gateway.accounts[0], { name: 'account_deactivated' });
      await clearAll(gateway);
      await eventually('it to be shut', async () => {
        await ask(client, `and again ${Math.random()}`);
        return (await gateway.listAccounts())[0].state === 'ACCOUNT_STATE_BANNED';
      });
      await eventually('a second try', () => hook.got.length >= 2, { within: 10_000 });
      assert.ok(hook.got[1].at - hook.got[0].at >= 900, 'not at once');
      assert.deepEqual(hook.got[0].body, hook.got[1].body);
      const failing = await state(gateway, 'chat');
      assert.equal(failing.problem, 'it answered 500');
      assert.ok(failing.waiting >= 1);
      hook.status = 200;
      await eventually('it to be taken', async () => (await state(gateway, 'chat')).waiting === 0, { within: 15_000 });
      assert.equal((await state(gateway, 'chat')).problem, '');
    } finally {
      await hook.stop();
    }
  });

  test('a test says at once what is wrong', async ({ gateway }) => {
    const failing = program(gateway, 'failing', '3');
    await configure(gateway, { bad: { command: failing.file }, gone: { command: '/nonexistent/program' }, nowhere: { webhook: 'http://127.0.0.1:1/', allow_private: true }, unset: { webhook: '${NO_SUCH_HOOK}' } });
    for (const [name, why] of [['bad', /exit 3/], ['gone', /cannot be executed/], ['nowhere', /CONNECT/], ['unset', /NO_SUCH_HOOK is not set/], ['other', /no notification 'other'/]]) {
      const { code, stderr } = await gateway.cli(['notifications', 'test', name]);
      assert.notEqual(code, 0, name);
      assert.match(stderr, why, name);
    }
  });

  test('a configuration that cannot be is refused, without the URL', async ({ gateway }) => {
    gateway.writeConfig({ ...gateway.config, notifications: { chat: { webhook: 'http://example.com/a-very-secret-token' } } });
    const { code, stderr } = await gateway.cli(['reload']);
    assert.equal(code, 1);
    assert.match(stderr, /notifications\.chat\.webhook: plain http needs allow_private: true/);
    assert.doesNotMatch(stderr, /a-very-secret-token/);
  });
});
