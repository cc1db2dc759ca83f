// Logging in at providers other than the default one, through the real CLI: what their rows say is what the simulated
// ones want (opencodex §4), and the accounts that come of it serve and are renewed.
import assert from 'node:assert/strict';
import { chat, marked } from '../support/bodies.mjs';
import { freePort } from '../support/free_port.mjs';
import { LoginCommand, open } from '../support/login_command.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const kSlowly = { within: 30_000, every: 200 };
const kMoment = 5; // seconds that a token lives where it is to be renewed at once

// Not the real ones, which may be a person's own.
const [grokPort, anthropicPort] = [await freePort(), await freePort()];

function rows(sim, { clientId } = {}) {
  const place = (name) => ({ base_url: sim.apiBaseUrl, auth_base_url: `${sim.authBaseUrl}/${name}`, ca_file: sim.caFile, allow_private: true });
  const anthropic = { authorize_url: `${sim.authBaseUrl}/anthropic/oauth/authorize`, redirect_ports: [anthropicPort] };
  return {
    providers: {
      grok: { ...place('grok'), auth: { oauth: { redirect_ports: [grokPort] } } },
      kimi: place('kimi'),
      'github-copilot': { ...place('github'), auth: { oauth: { session_url: `${sim.authBaseUrl}/github/copilot_internal/v2/token` } } },
      anthropic: { ...place('anthropic'), auth: { oauth: clientId ? { ...anthropic, client_id: clientId } : anthropic } },
    },
  };
}

async function newPerson(sim, gateway, { expires_in_s, ...how } = {}) {
  const account = await sim.createAccount({ label: `person-${Math.random().toString(36).slice(2, 8)}`, expires_in_s });
  account.secrets.forEach((secret) => gateway.secrets.add(secret));
  await sim.control('POST', 'login', { account_id: account.id, ...how });
  return account;
}

/** Logs in and gives the account. */
async function logIn(gateway, sim, args) {
  const command = new LoginCommand(gateway, args);
  if (!args.includes('--device')) {
    const { redirects } = await command.state('WAITING');
    const page = await open(redirects[0].authorize_url, sim);
    assert.equal(page.status, 302, page.text);
    const back = await open(page.location, sim);
    assert.equal(back.status, 200, back.text);
  }
  const { code, login } = await command.end();
  assert.equal(code, 0, command.complaints);
  return login.account;
}

/** Every account that the test made is gone, so that the next test's is the one that serves. */
async function removeAll(gateway) {
  for (const { ref } of await gateway.listAccounts()) await gateway.json(['accounts', 'rm', ref]);
}

async function ask(gateway, model) {
  return gateway.client.post(kPath, chat(marked('text', { events: 2 }), { model }));
}

const stateOf = async (gateway, ref) => (await gateway.listAccounts()).find((account) => account.ref === ref).state;

suite('logging in with xAI', { accounts: 0, config: rows }, (test) => {
  test('leads from the name that keys have too to an account that serves, through a refused token', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway);
    const account = await logIn(gateway, sim, ['xai', '--label', 'mine']);
    assert.equal(account.provider, 'grok');
    assert.equal(account.provider_account_id, person.id);
    const first = await ask(gateway, 'xai/grok-4.6');
    assert.equal(first.status, 200, first.text);
    const sent = Object.fromEntries((await sim.lastRequest()).headers);
    assert.equal(sent['x-xai-token-auth'], 'xai-grok-cli');

    await sim.control('POST', `accounts/${person.id}/replace_key`, {}); // the token that was given is good for nothing
    const second = await ask(gateway, 'grok/grok-4.6');
    assert.equal(second.status, 200, second.text);
    const seen = await sim.account(person);
    assert.equal(seen.refreshes, 1);
    assert.equal(seen.reused_refresh_tokens, 0);
    await removeAll(gateway);
  });

  test('renews tokens before they end, each refresh token once', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway, { expires_in_s: kMoment });
    await logIn(gateway, sim, ['grok']);
    await eventually('two renewals', async () => (await sim.account(person)).refreshes >= 2, kSlowly);
    assert.equal((await sim.account(person)).reused_refresh_tokens, 0);
    assert.equal((await ask(gateway, 'grok/grok-4.6')).status, 200);
    await removeAll(gateway);
  });

  test('takes a limit of the token endpoint for none of the account', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway, { expires_in_s: 60 });
    await sim.setRefreshScenario(person, { name: 'refresh_status', code: '429', count: 1 });
    const { ref } = await logIn(gateway, sim, ['grok']);
    await eventually('a refused renewal', async () => (await sim.account(person)).refused_refreshes === 1, kSlowly);
    assert.equal(await stateOf(gateway, ref), 'ACCOUNT_STATE_ACTIVE');
    assert.equal((await ask(gateway, 'grok/grok-4.6')).status, 200, 'its token is still good');
    await eventually('a renewal', async () => (await sim.account(person)).refreshes === 1, kSlowly);
    assert.equal(await stateOf(gateway, ref), 'ACCOUNT_STATE_ACTIVE');
    await removeAll(gateway);
  });

  test('refuses an id token that was made for another login', async ({ gateway, sim }) => {
    await newPerson(sim, gateway, { other_nonce: true });
    const command = new LoginCommand(gateway, ['xai']);
    const { redirects } = await command.state('WAITING');
    await open((await open(redirects[0].authorize_url, sim)).location, sim);
    assert.equal((await command.end()).code, 1);
    assert.match(command.complaints, /was not made for this login; log in again/);
    assert.deepEqual(await gateway.listAccounts(), []);
  });

  test('works by a device too, which asks less often when it is told to', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway, { slow: 1 });
    await logIn(gateway, sim, ['xai', '--device']);
    assert.equal((await sim.account(person)).logins, 1);
    assert.equal((await ask(gateway, 'xai/grok-4.6')).status, 200);
    await removeAll(gateway);
  });
});

suite('logging in with Kimi', { accounts: 0, config: rows }, (test) => {
  test('adds an account that serves', async ({ gateway, sim }) => {
    await newPerson(sim, gateway);
    const { provider } = await logIn(gateway, sim, ['kimi', '--device']);
    assert.equal(provider, 'kimi');
    const answer = await ask(gateway, 'kimi/kimi-k2.7-code');
    assert.equal(answer.status, 200, answer.text);
    const sent = Object.fromEntries((await sim.lastRequest()).headers);
    assert.equal(sent['x-msh-platform'], 'kimi_code_cli');
    await removeAll(gateway);
  });

  test('says that the code was not entered in time', async ({ gateway, sim }) => {
    await newPerson(sim, gateway, { sleeps: true });
    const command = new LoginCommand(gateway, ['kimi', '--device']);
    assert.equal((await command.end()).code, 1);
    assert.match(command.complaints, /the code was not entered in time; log in again/);
  });

  test('has no page for a browser, and says so', async ({ gateway }) => {
    const { code, stderr } = await gateway.cli(['login', 'kimi']);
    assert.equal(code, 1);
    assert.match(stderr, /Kimi for Coding has no login with a browser; log in by a device's code/);
  });
});

suite('logging in with GitHub Copilot', { accounts: 0, config: rows }, (test) => {
  test('shows calls the token of minutes, and gets the next one with the login', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway, { expires_in_s: kMoment });
    const { ref } = await logIn(gateway, sim, ['github-copilot', '--device']);
    await eventually('two tokens of minutes', async () => (await sim.account(person)).refreshes >= 2, kSlowly);
    const answer = await ask(gateway, 'copilot/gpt-4.1');
    assert.equal(answer.status, 200, answer.text);
    const sent = Object.fromEntries((await sim.lastRequest()).headers);
    assert.equal(sent['copilot-integration-id'], 'vscode-chat');
    assert.equal(await stateOf(gateway, ref), 'ACCOUNT_STATE_ACTIVE');
    await removeAll(gateway);
  });

  test('logs the account in again that is named, or that has the label', async ({ gateway, sim }) => {
    const again = async (...args) => {
      await newPerson(sim, gateway);
      return logIn(gateway, sim, [...args, '--device']);
    };
    const { ref } = await again('github-copilot', '--label', 'mine');
    assert.equal((await again('--account', ref)).ref, ref);
    assert.equal((await again('github-copilot', '--label', 'mine')).ref, ref);
    assert.equal((await gateway.listAccounts()).length, 1);
    assert.notEqual((await again('github-copilot')).ref, ref, 'nobody says whose it is');
    const { code, stderr } = await gateway.cli(['login', 'kimi', '--device', '--account', ref]);
    assert.equal(code, 1);
    assert.match(stderr, /is one of github-copilot, not of kimi/);
    await removeAll(gateway);
  });

  test('says that the GitHub account may not use Copilot', async ({ gateway, sim }) => {
    await newPerson(sim, gateway, { no_copilot: true });
    const { ref } = await logIn(gateway, sim, ['github-copilot', '--device']);
    await eventually('the account to need a login', async () => (await stateOf(gateway, ref)) === 'ACCOUNT_STATE_EXPIRED', kSlowly);
    const shown = JSON.stringify((await gateway.listAccounts()).find((account) => account.ref === ref));
    assert.match(shown, /may not use Copilot/);
    await removeAll(gateway);
  });
});

suite('logging in with Anthropic without a client id', { accounts: 0, config: rows }, (test) => {
  test('says what to set and why', async ({ gateway }) => {
    const { code, stderr } = await gateway.cli(['login', 'anthropic']);
    assert.equal(code, 1);
    assert.match(stderr, /the terms of Anthropic keep its client id for programs of its own/);
    assert.match(stderr, /providers\.anthropic\.auth\.oauth\.client_id/);
  });
});

suite('logging in with Anthropic', { accounts: 0, config: (sim) => rows(sim, { clientId: 'the-operators-own' }) }, (test) => {
  test('takes CODE#STATE, keeps and renews the account, and serves nothing of it', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway, { expires_in_s: kMoment });
    const command = new LoginCommand(gateway, ['anthropic', '--label', 'subscription']);
    const { redirects, note } = await command.state('WAITING');
    assert.match(note, /patchbay cannot call Anthropic yet/);
    const { location } = await open(redirects[0].authorize_url, sim);
    const answer = new URL(location).searchParams;
    command.type(`${answer.get('code')}#${answer.get('state')}`);
    const { code, login } = await command.end();
    assert.equal(code, 0, command.complaints);
    assert.equal(login.account.label, 'subscription');
    await eventually('two renewals', async () => (await sim.account(person)).refreshes >= 2, kSlowly);
    assert.equal((await sim.account(person)).reused_refresh_tokens, 0);

    const before = (await sim.requests()).length;
    assert.notEqual((await ask(gateway, 'anthropic:claude-sonnet-5')).status, 200);
    assert.equal((await sim.requests()).length, before, 'nobody was asked');
    const { stdout } = await gateway.cli(['providers', 'list', '--config', gateway.configFile]);
    assert.match(stdout, /^anthropic +Anthropic +none yet +login/m);
  });
});
