// The Codex CLI with a ChatGPT login, pointed at the gateway: over https, with the lookups that such a login makes.
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { Agent, nodeModule } from '../support/agent.mjs';
import { kModel } from '../support/bodies.mjs';
import { Authority } from '../support/certificates.mjs';
import { removeDirectory, temporaryDirectory } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';

const binary = nodeModule('@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex');
const directory = temporaryDirectory('codex-login');
after(() => removeDirectory(directory));
const authority = new Authority(directory);
const { certificate, key } = authority.sign('localhost');
const tls = { certificate, key };

/** One headless turn with the login that `prepare` puts into the home: the lines of config.toml and what came of it. */
async function turn(port, lines, prepare) {
  const agent = new Agent('codex');
  try {
    const at = `https://localhost:${port}/backend-api`;
    agent.write('home/.codex/config.toml', `model = "${kModel}"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
${lines(at)}
[analytics]
enabled = false
`);
    await prepare(agent, path.join(agent.home, '.codex/auth.json'));
    const result = await agent.run(binary, ['exec', '--skip-git-repo-check', '--json', 'hello'], { env: { CODEX_CA_CERTIFICATE: authority.file, RUST_LOG: 'warn' } });
    assert.ok(!result.late, `codex did not end: ${result.stdout}${result.stderr}`);
    const events = result.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    return { ...result, items: events.filter((event) => event.type === 'item.completed').map((event) => event.item) };
  } finally {
    agent.remove();
  }
}

const kLookups = ['/backend-api/wham/accounts/check', '/backend-api/wham/settings/user', '/backend-api/ps/plugins/installed', '/backend-api/ps/mcp'];

/** The requests of a turn as the gateway's debug log has them: path → statuses. */
function lookups(log) {
  const seen = {};
  for (const line of log.split('\n').filter((each) => each.includes('"http.request"'))) {
    const { path: where, status } = JSON.parse(line);
    (seen[where] ??= []).push(status);
  }
  return seen;
}

suite('Codex CLI with a ChatGPT login', {
  accounts: 1,
  skip: !existsSync(binary),
  config: {
    log: { level: 'debug' },
    frontend: { listeners: { tls: { listen: '127.0.0.1:0', tls }, open: { listen: '127.0.0.1:0', tls, require_key: false } } },
  },
}, (test) => {
  test('a login file that holds a client key', async ({ gateway, sim }) => {
    await sim.script([{ text: 'by a key of ours' }]);
    const from = gateway.logs.length;
    const { code, stdout, stderr, items } = await turn(
      gateway.ports['http-tls'],
      (at) => `openai_base_url = "${at}/codex"\nchatgpt_base_url = "${at}"`,
      async (agent, file) => {
        const made = await gateway.json(['keys', 'create', '--name', 'codex', '--login-file', file]);
        gateway.secrets.add(made.secret);
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const again = await gateway.cli(['keys', 'create', '--name', 'codex', '--login-file', file]);
        assert.notEqual(again.code, 0);
        assert.match(again.stderr, /is there already/);
      },
    );
    assert.equal(code, 0, stdout + stderr);
    assert.equal(items.at(-1).text, 'by a key of ours');
    const complaints = stderr.split('\n').filter((line) => / (WARN|ERROR) (codex_core_plugins|codex_mcp|codex_core|codex_models_manager|rmcp)/.test(line));
    assert.deepEqual(complaints, [], 'each answer is taken without a word');
    const seen = lookups(gateway.logs.slice(from));
    for (const where of [...kLookups, '/backend-api/codex/models']) assert.ok(seen[where]?.every((status) => status < 300), `${where}: ${JSON.stringify(seen)}`);
    assert.equal((await sim.lastRequest()).method, 'FRAME', 'it went by WebSocket');
  });

  test('a login of its own, by one line, on a listener that asks for no key', async ({ gateway, sim }) => {
    await sim.script([{ text: 'by another login' }]);
    const login = await sim.createAccount({ label: 'somebody' });
    for (const secret of login.secrets) gateway.secrets.add(secret);
    const from = gateway.logs.length;
    const { code, stdout, stderr, items } = await turn(
      gateway.ports['http-open'],
      (at) => `chatgpt_base_url = "${at}"`,
      (agent) => agent.write('home/.codex/auth.json', {
        auth_mode: 'chatgpt',
        OPENAI_API_KEY: null,
        tokens: { id_token: login.idToken, access_token: login.token, refresh_token: login.refreshToken, account_id: login.id },
        last_refresh: new Date().toISOString(),
      }),
    );
    assert.equal(code, 0, stdout + stderr);
    assert.equal(items.at(-1).text, 'by another login');
    const seen = lookups(gateway.logs.slice(from));
    for (const where of kLookups) assert.ok(seen[where]?.every((status) => status < 300), `${where}: ${JSON.stringify(seen)}`);
    const requests = await sim.requests();
    assert.ok(requests.length > 0 && requests.every((request) => request.account_id !== login.id), 'calls are made with accounts of the gateway');
    assert.ok(!JSON.stringify(requests).includes(login.token), 'its token stays here');
  });
});
