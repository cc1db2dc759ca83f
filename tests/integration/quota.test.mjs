// What accounts have left: learnt from every source, kept, forecast, and shown to clients as their key says.
import assert from 'node:assert/strict';
import { chat, kModel, marked, responses } from '../support/bodies.mjs';
import { merge } from '../support/gateway.mjs';
import { SocketClient, codexHeaders, create } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kOther = 'gpt-6-luna';
const kThread = '0198c0de-0000-7000-8000-00000000aaaa';
const quotaOf = async (gateway, account) => (await gateway.json(['accounts', 'quota', account.label])).accounts[0];
const windowOf = (quota, length, limit = '') => (quota.windows ?? []).find((window) => window.length === length && (window.limit ?? '') === limit);
const stateOf = async (gateway, account) => (await gateway.listAccounts()).find((each) => each.label === account.label).state.replace('ACCOUNT_STATE_', '').toLowerCase();
const kFiveHours = '18000s';
const kWeek = '604800s';

suite('quota from every source', { accounts: 1 }, (test) => {
  test('a new account is looked at by itself', async ({ gateway }) => {
    const quota = await eventually('its usage to be known', async () => {
      const known = await quotaOf(gateway, gateway.accounts[0]);
      return windowOf(known, kWeek) && known;
    });
    assert.equal(windowOf(quota, kFiveHours).used_percent, 12);
    assert.equal(windowOf(quota, kWeek).used_percent, 31);
    assert.equal(quota.credits.has_credits, false);
  });

  test('heads of answers', async ({ gateway, sim, client }) => {
    await sim.setUsage(gateway.accounts[0], { primary_used: 40, credits: { has_credits: true, balance: '7.50' } });
    assert.equal((await client.post('/v1/chat/completions', chat('hello'))).status, 200);
    const quota = await eventually('the answer to be told', async () => {
      const known = await quotaOf(gateway, gateway.accounts[0]);
      return windowOf(known, kFiveHours).used_percent === 40 && known;
    });
    assert.equal(quota.credits.balance, '7.50');
  });

  test('frames and the handshake of a socket', async ({ gateway, sim }) => {
    await sim.setUsage(gateway.accounts[0], { primary_used: 55, secondary_used: 66 });
    const socket = await SocketClient.open({ port: gateway.port, key: gateway.key, headers: codexHeaders(kThread) });
    (await socket.turn(create(marked('text', { events: 3 })))).completed();
    await eventually('the turn to be told', async () => windowOf(await quotaOf(gateway, gateway.accounts[0]), kWeek).used_percent === 66);
    socket.abort();
  });

  test('a limit of one model keeps that model alone', async ({ gateway, sim, client }) => {
    const [account] = gateway.accounts;
    await sim.setUsage(account, { extra: [{ limit_name: 'GPT-5.5', metered_feature: 'codex_bengalfox', model: kModel, primary_used: 100, primary_reset_in: 7200 }] });
    const refused = await client.post('/v1/responses', responses('hello', { stream: false }));
    assert.equal(refused.status, 429, refused.text);
    assert.ok(Math.abs(Number(refused.headers['retry-after']) - 7200) < 30, refused.headers['retry-after']);
    assert.equal(await stateOf(gateway, account), 'active');
    assert.equal((await client.post('/v1/responses', responses('hello', { stream: false, model: kOther }))).status, 200);
    assert.equal((await client.post('/v1/responses', responses('hello', { stream: false }))).status, 429);
    assert.equal((await sim.requests()).length, 2, 'it was asked for that model once');
    const { accounts } = await gateway.json(['accounts', 'explain', '--model', kModel]);
    assert.match(accounts[0].reason, /^its limit codex_bengalfox for gpt-5\.5 is used up until/);
    const quota = await quotaOf(gateway, account);
    assert.equal(windowOf(quota, kFiveHours, 'codex_bengalfox').used_percent, 100);
    assert.equal(windowOf(quota, kFiveHours, 'codex_bengalfox').limit_name, 'GPT-5.5');
    await gateway.json(['accounts', 'clear', '--force', account.label]);
  });

  test('warns when a window is nearly used up', async ({ gateway, sim, client }) => {
    const from = gateway.logs.length;
    await sim.setUsage(gateway.accounts[0], { primary_used: 96, primary_reset_in: 7777 });
    assert.equal((await client.post('/v1/chat/completions', chat('hello'))).status, 200);
    await eventually('the warning', () => /"quota_low".*"5h window".*past 95 %: 96 % are used/.test(gateway.logs.slice(from)));
    assert.equal((await client.post('/v1/chat/completions', chat('hello'))).status, 200);
    assert.equal(gateway.logs.slice(from).match(/"kind":"quota_low"/g).length, 1);
    const { stats } = await gateway.worker('accounts');
    assert.ok(Number(stats?.quota_warnings_total ?? 1) >= 1);
  });

  test('readings are kept for plots, over a restart', async ({ gateway }) => {
    // Once a second what is new goes to the disk.
    const points = await eventually('the last reading to be kept', async () => {
      const { points: kept } = await gateway.json(['accounts', 'history', gateway.accounts[0].label]);
      return kept?.some((point) => point.length === kFiveHours && !point.limit && point.used_percent === 96) && kept;
    });
    await gateway.kill('accounts');
    await eventually('accounts to be back', async () => {
      const again = await gateway.cli(['accounts', 'history', gateway.accounts[0].label, '--json']);
      return again.code === 0 && JSON.parse(again.stdout).points.length >= points.length;
    });
    const quota = await quotaOf(gateway, gateway.accounts[0]);
    assert.equal(windowOf(quota, kFiveHours).used_percent, 96);
    assert.equal(quota.credits.has_credits, false);
    assert.match((await gateway.cli(['accounts', 'quota'])).stdout, /codex: 1 of 1 account has room/);
  });
});

suite('an exhausted account', { accounts: 1, config: { accounts: { recheck_max: '1s' } } }, (test) => {
  const exhaust = async ({ sim, client, gateway }) => {
    await sim.setScenario(gateway.accounts[0], { name: 'usage_limit_reached', resets_in: 86_400, count: 1 });
    assert.equal((await client.post('/v1/responses', responses('hello', { stream: false }))).status, 429);
    assert.equal(await stateOf(gateway, gateway.accounts[0]), 'exhausted');
  };

  test('serves again as soon as a reading shows room', async (context) => {
    await exhaust(context);
    await eventually('the early reset to be noticed', async () => (await stateOf(context.gateway, context.gateway.accounts[0])) === 'active');
    assert.equal((await context.client.post('/v1/responses', responses('hello', { stream: false }))).status, 200);
  });

  test('does not flap where the usage endpoint contradicts its refusals', async ({ sim, client, gateway }) => {
    await sim.setScenario(gateway.accounts[0], { name: 'usage_limit_reached', resets_in: 86_400 });
    const answer = () => client.post('/v1/responses', responses('hello', { stream: false }));
    const until = Date.now() + 6_000;
    while (Date.now() < until) {
      assert.equal((await answer()).status, 429);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const asked = (await sim.requests()).length;
    assert.ok(asked <= 2, `it was asked ${asked} times`);
    assert.equal(await stateOf(gateway, gateway.accounts[0]), 'exhausted');
    await gateway.json(['accounts', 'clear', '--force', gateway.accounts[0].label]);
  });

  test('is asked no further once its own numbers show a window at its limit', async ({ sim, client, gateway }) => {
    await sim.setUsage(gateway.accounts[0], { primary_used: 100, primary_reset_in: 86_000, per_request: 0, credits: { has_credits: true, balance: '1' } });
    assert.equal((await client.post('/v1/responses', responses('hello', { stream: false }))).status, 200, 'it pays with credits');
    await sim.setUsage(gateway.accounts[0], { credits: {} });
    await eventually('the look that sees it', async () => {
      await gateway.json(['accounts', 'clear', '--force', gateway.accounts[0].label]);
      await client.post('/v1/responses', responses('hello', { stream: false }));
      return (await stateOf(gateway, gateway.accounts[0])) === 'exhausted';
    });
  });
});

suite('reset credits', { accounts: 1 }, (test) => {
  test('are listed, and one is redeemed once', async ({ gateway, sim, client }) => {
    const [account] = gateway.accounts;
    await sim.setUsage(account, { primary_used: 100, primary_reset_in: 9000, reset_credits: 2 });
    assert.equal((await client.post('/v1/responses', responses('hello', { stream: false }))).status, 429);
    assert.equal(await stateOf(gateway, account), 'exhausted');
    const listed = await gateway.json(['accounts', 'credits', account.label]);
    assert.equal(listed.available, 2);
    assert.equal(listed.credits[0].id, 'rc_1');
    const redeemed = await gateway.json(['accounts', 'redeem', account.label, '--credit', 'rc_2', '--redeem-id', '01234567-89ab-4def-8123-456789abcdef']);
    assert.equal(redeemed.outcome, 'reset');
    assert.equal(redeemed.windows_reset, 2);
    assert.equal(await stateOf(gateway, account), 'active', 'at once');
    assert.equal((await client.post('/v1/responses', responses('hello', { stream: false }))).status, 200);
    const again = await gateway.json(['accounts', 'redeem', account.label, '--redeem-id', '01234567-89ab-4def-8123-456789abcdef']);
    assert.equal(again.outcome, 'already_redeemed');
    await eventually('what is left to be read', async () => Number((await quotaOf(gateway, account)).reset_credits) === 1);
    assert.match((await gateway.cli(['accounts', 'credits', account.label])).stdout, /rc_2 +redeemed[^]*1 to redeem/);
  });
});

suite('quota shown to clients', { accounts: 2 }, (test) => {
  const kPaths = ['/backend-api/wham/usage', '/api/codex/usage', '/wham/usage'];
  const view = (gateway, name) => gateway.json(['keys', 'update', 'test', '--quota-view', name]);
  const known = async ({ gateway, sim, client }) => {
    await sim.setUsage(gateway.accounts[0], { primary_used: 20, secondary_used: 10 });
    await sim.setUsage(gateway.accounts[1], { primary_used: 61, secondary_used: 30 });
    for (let i = 0; i < 8; ++i) await client.post('/v1/chat/completions', chat(`question ${i}`));
    return eventually('the pool to be known', async () => {
      const usage = (await client.get('/wham/usage')).json();
      return usage.rate_limit?.primary_window?.used_percent === 40 && usage;
    });
  };

  test('the usage endpoints say what the pool has left', async (context) => {
    const usage = await known(context);
    assert.equal(usage.plan_type, 'plus');
    assert.equal(usage.rate_limit.allowed, true);
    assert.equal(usage.rate_limit.primary_window.limit_window_seconds, 18_000);
    assert.equal(usage.rate_limit.secondary_window.used_percent, 20);
    for (const path of kPaths) {
      const answer = await context.client.get(path);
      assert.equal(answer.status, 200, path);
      assert.deepEqual(answer.json().rate_limit.secondary_window.limit_window_seconds, 604_800);
    }
    assert.equal((await context.client.get('/wham/usage', { headers: { authorization: 'Bearer nobody' } })).status, 401);
  });

  test('headers and frames agree with them, as the key says', async (context) => {
    const { gateway, client } = context;
    await known(context);
    const look = async () => {
      const codex = await client.post('/v1/responses', responses('hello', { stream: false }));
      assert.equal(codex.status, 200, codex.text);
      const claude = await client.post('/v1/messages', { model: kModel, max_tokens: 20, messages: [{ role: 'user', content: 'hello' }] });
      assert.equal(claude.status, 200, claude.text);
      const socket = await SocketClient.open({ port: gateway.port, key: gateway.key, headers: codexHeaders(kThread) });
      const turn = await socket.turn(create(marked('text', { events: 3 })));
      turn.completed();
      const frame = turn.frames.find((each) => each.type === 'codex.rate_limits');
      socket.abort();
      const usage = (await client.get('/wham/usage')).json();
      return { codex: codex.headers, claude: claude.headers, frame, handshake: socket.headers, usage, own: (await client.get('/v1/usage')).json() };
    };
    await view(gateway, 'pool');
    const pool = await look();
    assert.equal(Math.floor(Number(pool.codex['x-codex-primary-used-percent'])), 40);
    assert.equal(pool.codex['x-codex-primary-window-minutes'], '300');
    assert.equal(pool.codex['x-codex-active-limit'], undefined, 'whose account it was is nobody\'s business');
    assert.equal(pool.frame.rate_limits.primary.used_percent, 40);
    assert.equal(Math.floor(Number(pool.handshake['x-codex-primary-used-percent'])), 40);
    assert.equal(pool.claude['anthropic-ratelimit-unified-5h-utilization'], '0.405');
    assert.equal(pool.claude['anthropic-ratelimit-unified-7d-utilization'], '0.2');
    assert.equal(pool.claude['anthropic-ratelimit-unified-status'], 'allowed');
    assert.equal(pool.claude['x-codex-primary-used-percent'], undefined);
    assert.equal(pool.own.quota.windows[0].used_percent, 40.5);
    assert.equal(pool.own.key.name, 'test');

    await view(gateway, 'upstream');
    const upstream = await look();
    assert.ok(['20', '61'].includes(upstream.codex['x-codex-primary-used-percent']), upstream.codex['x-codex-primary-used-percent']);
    assert.ok([20, 61].includes(upstream.frame.rate_limits.primary.used_percent));
    assert.ok([20, 61].includes(upstream.usage.rate_limit.primary_window.used_percent));
    assert.equal(upstream.own.quota_view, 'upstream');

    for (const name of ['none', 'own']) {
      await view(gateway, name);
      const nothing = await look();
      assert.equal(nothing.codex['x-codex-primary-used-percent'], undefined, name);
      assert.equal(nothing.codex['x-codex-plan-type'], undefined, name);
      assert.equal(nothing.handshake['x-codex-primary-used-percent'], undefined, name);
      assert.equal(nothing.frame, undefined, name);
      assert.equal(nothing.claude['anthropic-ratelimit-unified-status'], undefined, name);
      assert.equal(nothing.usage.rate_limit, null, name);
      assert.equal(nothing.own.quota, null, name);
    }
    await view(gateway, 'default');
    assert.match((await gateway.cli(['keys', 'list'])).stdout, /test +\S+ +- +- +default/);
  });

  test('a pool that is used up says so, and when it is back', async ({ gateway, sim, client }) => {
    for (const [i, account] of gateway.accounts.entries()) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 3600 + i * 600 });
    const refused = await eventually('both to be used up', async () => {
      const answer = await client.post('/v1/responses', responses('hello', { stream: false }));
      return answer.status === 429 && answer;
    });
    await eventually('the pool to be told', async () => (await client.get('/wham/usage')).json().rate_limit.limit_reached);
    const usage = (await client.get('/wham/usage')).json();
    assert.equal(usage.rate_limit.allowed, false);
    assert.equal(usage.rate_limit.primary_window.used_percent, 100);
    assert.ok(Math.abs(usage.rate_limit.primary_window.reset_after_seconds - 3600) < 30);
    assert.equal(usage.rate_limit_reached_type.type, 'rate_limit_reached');
    assert.ok(refused.status === 429);
    const later = await client.post('/v1/responses', responses('hello', { stream: false }));
    assert.equal(later.headers['x-codex-primary-used-percent'], '100');
    const claude = await client.post('/v1/messages', { model: kModel, max_tokens: 20, messages: [{ role: 'user', content: 'hello' }] });
    assert.equal(claude.headers['anthropic-ratelimit-unified-status'], 'rejected');
    assert.equal(claude.headers['anthropic-ratelimit-unified-representative-claim'], 'five_hour');
  });
});

suite("quota of callers' own logins", { accounts: 0, config: { providers: { codex: { auth: { mode: 'forward' } } } } }, (test) => {
  test('is what the provider says to each of them', async ({ gateway, sim, client }) => {
    for (const [label, used] of [['ada', 7], ['bob', 70]]) {
      const account = await sim.createAccount({ label });
      for (const secret of account.secrets) gateway.secrets.add(secret);
      await sim.setUsage(account, { primary_used: used });
      const headers = { authorization: `Bearer ${account.token}`, 'chatgpt-account-id': account.id, 'x-patchbay-key': gateway.key };
      // A gateway that has just begun may not have told its frontend yet whose logins these are.
      const usage = await eventually('the row to be known', async () => {
        const told = (await client.get('/backend-api/wham/usage', { headers })).json();
        return told.rate_limit && told;
      });
      assert.equal(usage.rate_limit.primary_window.used_percent, used);
      assert.equal(usage.account_id, account.id);
      const answer = await client.post('/v1/responses', responses('hello', { stream: false }), { headers });
      assert.equal(answer.headers['x-codex-primary-used-percent'], String(used));
    }
    const nobody = (await client.get('/backend-api/wham/usage')).json();
    assert.equal(nobody.rate_limit, null);
  });
});

suite('who asks', { accounts: 1, config: { frontend: { listeners: { open: { listen: '127.0.0.1:0', require_key: false } } } } }, (test) => {
  test('is told of its own account and plan, and of the windows of the pool', async ({ gateway, sim, client }) => {
    const login = await sim.createAccount({ label: 'somebody', plan: 'team' });
    for (const secret of login.secrets) gateway.secrets.add(secret);
    const open = client.with({ port: gateway.ports['http-open'], key: login.token });
    const usage = await eventually('the pool to be known', async () => {
      const told = (await open.get('/backend-api/wham/usage', { headers: { 'chatgpt-account-id': login.id } })).json();
      return told.rate_limit && told;
    });
    open.close();
    assert.equal(usage.account_id, login.id);
    assert.equal(usage.plan_type, 'team');
    assert.equal(usage.rate_limit.primary_window.used_percent, 12, 'of the account of the gateway');
    assert.ok(!JSON.stringify(await sim.requests()).includes(login.token));
  });
});
