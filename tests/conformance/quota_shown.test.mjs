// What the terminals of the Codex CLI and of Claude Code show of the pool's quota.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after } from 'node:test';
import { Agent, nodeModule } from '../support/agent.mjs';
import { Authority } from '../support/certificates.mjs';
import { removeDirectory, temporaryDirectory } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const codex = nodeModule('@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex');
const claude = nodeModule('@anthropic-ai/claude-code-linux-x64/claude');
const directory = temporaryDirectory('quota-shown');
after(() => removeDirectory(directory));
const authority = new Authority(directory);
const { certificate, key } = authority.sign('localhost');
const tls = { certificate, key };

/** Two accounts whose pool has 40 % of its five hours and 20 % of its week used, known to the gateway. */
async function usedPool({ gateway, sim, client }) {
  await sim.setUsage(gateway.accounts[0], { primary_used: 20, secondary_used: 10 });
  await sim.setUsage(gateway.accounts[1], { primary_used: 60, secondary_used: 30 });
  for (let i = 0; i < 8; ++i) {
    const answer = await client.post('/v1/chat/completions', { model: 'gpt-5.5', messages: [{ role: 'user', content: `question ${i}` }] });
    assert.equal(answer.status, 200, answer.text);
  }
  await eventually('the pool to be known', async () => (await client.get('/wham/usage')).json().rate_limit?.primary_window?.used_percent === 40);
}

suite('quota in the terminals of clients', {
  accounts: 2,
  config: { frontend: { listeners: { tls: { listen: '127.0.0.1:0', tls }, open: { listen: '127.0.0.1:0', tls, require_key: false } } } },
}, (test) => {
  /** `/status` of the Codex CLI with the login that `prepare` puts into its home. */
  async function status(gateway, port, prepare) {
    const agent = new Agent('codex');
    const base = `https://localhost:${port}/backend-api`;
    agent.write('home/.codex/config.toml', `model = "gpt-6.2-sol"
openai_base_url = "${base}/codex"
chatgpt_base_url = "${base}"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
[projects."${agent.work}"]
trust_level = "trusted"
[analytics]
enabled = false
`);
    await prepare(agent, path.join(agent.home, '.codex/auth.json'));
    const terminal = agent.terminal(codex, ['--no-daemon'], { env: { CODEX_CA_CERTIFICATE: authority.file } });
    try {
      await terminal.shows(/for shortcuts/);
      await new Promise((resolve) => setTimeout(resolve, 2000)); // what it asks at its start is behind it
      terminal.type('/status');
      await terminal.shows(/› \/status/);
      terminal.type('\r');
      return await terminal.shows(/Weekly limit:.*left/);
    } finally {
      terminal.close();
      agent.remove();
    }
  }

  test('/status of the Codex CLI with a login that is a client key', { skip: !existsSync(codex) }, async (context) => {
    await usedPool(context);
    const { gateway } = context;
    const shown = await status(gateway, gateway.ports['http-tls'], async (agent, file) => {
      const made = await gateway.json(['keys', 'create', '--name', 'terminal', '--login-file', file]);
      gateway.secrets.add(made.secret);
    });
    assert.match(shown, /5h limit: .* 60% left/);
    assert.match(shown, /Weekly limit: .* 80% left/);
  });

  test('/status of the Codex CLI with a login of its own: its account and plan, the windows of the pool', { skip: !existsSync(codex) }, async (context) => {
    await usedPool(context);
    const { gateway, sim } = context;
    const login = await sim.createAccount({ label: 'somebody', plan: 'pro' });
    for (const secret of login.secrets) gateway.secrets.add(secret);
    await sim.setUsage(login, { primary_used: 100, secondary_used: 100 });
    const shown = await status(gateway, gateway.ports['http-open'], (agent) => agent.write('home/.codex/auth.json', {
      auth_mode: 'chatgpt',
      OPENAI_API_KEY: null,
      tokens: { id_token: login.idToken, access_token: login.token, refresh_token: login.refreshToken, account_id: login.id },
      last_refresh: new Date().toISOString(),
    }));
    assert.match(shown, /Account: +somebody@example\.com \(Pro /);
    assert.match(shown, /5h limit: .* 60% left/);
  });

  test('the status line of Claude Code', { skip: !existsSync(claude) }, async (context) => {
    await usedPool(context);
    const { gateway, sim } = context;
    await sim.script([{ text: 'hello from the pool' }], [{ text: 'and again' }]);
    const agent = new Agent('claude');
    const line = path.join(agent.directory, 'line.json');
    agent.write('home/.claude.json', { hasCompletedOnboarding: true, theme: 'dark', projects: { [agent.work]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } } });
    agent.write('home/.claude/settings.json', { statusLine: { type: 'command', command: `cat > '${line}.new'; mv '${line}.new' '${line}'; echo pool` } });
    const terminal = agent.terminal(claude, [], {
      env: { ANTHROPIC_BASE_URL: `http://127.0.0.1:${gateway.port}`, CLAUDE_CODE_OAUTH_TOKEN: gateway.key, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' },
    });
    try {
      await terminal.shows(/❯/);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      terminal.type('hello');
      await terminal.shows(/❯.*hello/);
      terminal.type('\r');
      const told = await eventually('the status line to be told', () => existsSync(line) && JSON.parse(readFileSync(line, 'utf8')).rate_limits, { within: 60_000 })
        .catch((error) => { throw new Error(`${error.message}\n${terminal.screen.text}`); });
      assert.equal(Math.round(told.five_hour.used_percentage), 40);
      assert.equal(Math.round(told.seven_day.used_percentage), 20);
      assert.ok(told.five_hour.resets_at > Date.now() / 1000);
    } finally {
      terminal.close();
      agent.remove();
    }
  });

  test('the events of Claude Code in print mode', { skip: !existsSync(claude) }, async (context) => {
    await usedPool(context);
    const { gateway, sim } = context;
    await sim.script([{ text: 'hello' }]);
    const agent = new Agent('claude');
    try {
      const { code, stdout, stderr } = await agent.run(claude, ['-p', '--output-format', 'stream-json', '--verbose', 'hello'], {
        env: { ANTHROPIC_BASE_URL: `http://127.0.0.1:${gateway.port}`, CLAUDE_CODE_OAUTH_TOKEN: gateway.key, CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
      });
      assert.equal(code, 0, stdout + stderr);
      const event = stdout.split('\n').filter(Boolean).map((text) => JSON.parse(text)).find((each) => each.type === 'rate_limit_event');
      assert.ok(event, stdout.slice(0, 2000));
      assert.equal(event.rate_limit_info.status, 'allowed');
      assert.equal(Math.round(event.rate_limit_info.unifiedWindows.five_hour.utilization * 100), 40);
    } finally {
      agent.remove();
    }
  });
});
