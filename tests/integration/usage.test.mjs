// What is known of usage: a row for each request, what it cost at the price of its time, and sums that are never counted
// again.
// ThreadSanitizer: settlements meet in the storage thread.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chat, chatStream, kModel, marked, responses } from '../support/bodies.mjs';
import { merge } from '../support/gateway.mjs';
import { speakers } from '../support/speakers/index.mjs';
import { suite } from '../support/suite.mjs';
import { bound, delay, eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const n = (value) => Number(value ?? 0);
let serial = 0;

/** A request, answered, and its row. */
async function asked({ client, gateway }, body, target = kPath) {
  const id = `usage-${++serial}-${Date.now()}`;
  const answer = await client.post(target, body, { headers: { 'x-request-id': id } });
  return { answer, row: await gateway.usageOf(id) };
}

const sumsBy = async (gateway, by, ...more) => gateway.json(['usage', '--by', by, ...more]);
const reload = async (gateway, changes) => {
  gateway.writeConfig(merge(gateway.config, changes));
  const { code, stdout, stderr } = await gateway.cli(['reload']);
  assert.equal(code, 0, stderr || stdout);
};
const costOf = ({ usage }, { input, cached, output }) =>
  Math.round((n(usage.input_tokens) - n(usage.cached_input_tokens)) * input * 1000 + n(usage.cached_input_tokens) * cached * 1000 + n(usage.output_tokens) * output * 1000);

// What codex-proxy.md §6 has for the simulated model.
const kPrice = { input: 5, cached: 0.5, output: 30 };

suite('usage', { accounts: 2 }, (test) => {
  test('a request has a row with what it cost, which a subscription is not billed', async (context) => {
    for (const [target, body] of [[kPath, chat(marked('text', { events: 7 }))], ['/v1/responses', responses(marked('text', { events: 7 }), { stream: false })]]) {
      const { answer, row } = await asked(context, body, target);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(n(row.usage.output_tokens), 7);
      assert.equal(n(row.cost_nano_dollars), costOf(row, kPrice), JSON.stringify(row));
      assert.ok(n(row.cost_nano_dollars) > 7 * 30_000);
      assert.equal(row.subscription, true);
      assert.equal(row.usage_estimated, false);
    }
  });

  test('a model that nobody has told a price of has no cost, and its requests are counted', async (context) => {
    const { row } = await asked(context, chat(marked('text', { events: 2 }), { model: 'gpt-6-luna' }));
    assert.equal(row.wire_model, 'gpt-6-luna');
    assert.ok(!('cost_nano_dollars' in row) || row.cost_nano_dollars === null, JSON.stringify(row));
    const { sum } = await sumsBy(context.gateway, 'model', '--model', 'gpt-6-luna');
    assert.equal(n(sum.unpriced), n(sum.requests));
    assert.equal(n(sum.subscription_nano_dollars), 0);
    const { stdout } = await context.gateway.cli(['usage', '--request-id', row.request_id]);
    assert.match(stdout, / \? /);
  });

  test('a tier is priced by what was served, or else asked', async (context) => {
    const { row } = await asked(context, chat(marked('text', { events: 2 }), { model: `${kModel}-fast` }));
    assert.equal(row.service_tier, 'priority');
    const own = await asked(context, chat(marked('text', { events: 2 }), { service_tier: 'priority' }));
    assert.equal(own.row.service_tier, 'priority', 'also where the request itself asked');
    const relayed = await asked(context, responses(marked('text', { events: 2 }), { stream: false, service_tier: 'priority' }), '/v1/responses');
    assert.equal(relayed.row.service_tier, 'priority', 'and on the byte-transparent route');
  });

  test('a price that changes changes what comes, and nothing that was', async (context) => {
    const { gateway } = context;
    const before = (await asked(context, chat(marked('text', { events: 3 })))).row;
    const sumsBefore = (await sumsBy(gateway, 'model', '--model', kModel)).sum;
    await reload(gateway, { providers: { openai: { prices: { [kModel]: { input: 1, cached_input: 1, output: 2 } } } } });
    assert.deepEqual((await sumsBy(gateway, 'model', '--model', kModel)).sum, sumsBefore, 'nothing is counted again');
    const { row } = await asked(context, chat(marked('text', { events: 3 })));
    assert.equal(n(row.cost_nano_dollars), costOf(row, { input: 1, cached: 1, output: 2 }));
    assert.equal((await gateway.usageOf(before.request_id)).cost_nano_dollars, before.cost_nano_dollars);
    const { sum } = await sumsBy(gateway, 'model', '--model', kModel);
    assert.equal(n(sum.subscription_nano_dollars) - n(sumsBefore.subscription_nano_dollars), n(row.cost_nano_dollars));
    await reload(gateway, { providers: { openai: { prices: { [kModel]: { input: 5, cached_input: 0.5, output: 30 } } } } });
  });

  test('sums by every part agree with the rows', async (context) => {
    const { gateway, client } = context;
    const second = await gateway.createKey('second');
    const id = `usage-second-${Date.now()}`;
    await client.with({ key: second }).post(kPath, chat(marked('text', { events: 4 })), { headers: { 'x-request-id': id } });
    await gateway.usageOf(id);
    const rows = await gateway.usageRows();
    const parts = { key: (row) => row.client_key_id, account: (row) => row.account, provider: (row) => row.provider, model: (row) => row.wire_model, day: () => new Date().toLocaleDateString('sv') };
    for (const [by, part] of Object.entries(parts)) {
      const { groups, sum } = await sumsBy(gateway, by);
      const expected = {};
      for (const row of rows) (expected[part(row)] ??= []).push(row);
      if (by === 'day' && groups.length > 1) continue; // it is midnight
      assert.deepEqual(groups.map(({ of }) => of).sort(), Object.keys(expected).sort(), by);
      for (const group of groups) {
        const mine = expected[group.of];
        assert.equal(n(group.sum.requests), mine.length, `${by} ${group.of}`);
        assert.equal(n(group.sum.usage.input_tokens), mine.reduce((all, row) => all + n(row.usage.input_tokens), 0));
        assert.equal(n(group.sum.usage.output_tokens), mine.reduce((all, row) => all + n(row.usage.output_tokens), 0));
        assert.equal(n(group.sum.subscription_nano_dollars), mine.reduce((all, row) => all + n(row.cost_nano_dollars), 0));
        assert.equal(n(group.sum.unpriced), mine.filter((row) => row.cost_nano_dollars === undefined || row.cost_nano_dollars === null).length);
      }
      assert.equal(n(sum.requests), rows.length);
    }
    const { groups } = await sumsBy(gateway, 'key', '--key', 'second');
    assert.deepEqual(groups.map(({ label, sum }) => [label, n(sum.requests)]), [['second', 1]]);
    assert.equal((await gateway.json(['usage', '--key', 'second'])).rows.length, 1);
    assert.match((await gateway.cli(['usage', '--key', 'second'])).stdout, / second \(ck_/, 'by its name');
  });

  test('are told as tables and CSV, and what is asked wrongly is refused', async ({ gateway }) => {
    const table = await gateway.cli(['usage', '--by', 'key']);
    assert.match(table.stdout, /^KEY .*REQUESTS.*SUBSCRIPTION.*UNPRICED/);
    assert.match(table.stdout, /^all /m);
    const csv = await gateway.cli(['usage', '--by', 'model', '--format', 'csv']);
    const [head, ...lines] = csv.stdout.trimEnd().split('\r\n');
    assert.match(head, /^model,label,requests,.*,cost_usd,subscription_usd,/);
    assert.equal(lines.length, (await sumsBy(gateway, 'model')).groups.length);
    const rows = (await gateway.cli(['usage', '--format', 'csv', '-n', '1000'])).stdout.trimEnd().split('\r\n');
    assert.equal(rows.length - 1, (await gateway.usageRows()).length);
    assert.equal((await gateway.cli(['usage', '--by', 'colour'])).code, 64);
    const soon = await gateway.cli(['usage', '--by', 'key', '--since', 'soon']);
    assert.equal(soon.code, 1);
    assert.match(soon.stderr, /'soon' is no time/);
    const backwards = await gateway.cli(['usage', '--by', 'key', '--since', '1h', '--until', '2h']);
    assert.match(backwards.stderr, /ends before it begins/);
  });

  test('know since when and until when, to the request', async (context) => {
    const { gateway } = context;
    const seconds = Math.ceil(bound(2));
    await delay(seconds * 1000 + 100);
    const { row } = await asked(context, chat(marked('text', { events: 1 })));
    const { rows } = await gateway.json(['usage', '--since', `${seconds}s`]);
    assert.deepEqual(rows.map(({ request_id: id }) => id), [row.request_id]);
    assert.equal(n((await sumsBy(gateway, 'key', '--since', `${seconds}s`)).sum.requests), 1, 'though it is part of an hour');
    const all = (await gateway.usageRows()).length;
    assert.equal(n((await sumsBy(gateway, 'key', '--until', `${seconds}s`)).sum.requests), all - 1);
    assert.equal(n((await sumsBy(gateway, 'key', '--until', '1h')).sum.requests), 0);
  });

  test('a request that nobody served has one row', async (context) => {
    const { answer, row } = await asked(context, chat(marked('400')));
    assert.equal(answer.status, 400);
    assert.match(row.outcome, /FAILED/);
    assert.match(row.failure, /400/);
    assert.equal(n(row.cost_nano_dollars), 0, 'it used nothing');
    assert.equal(row.usage_estimated, false);
  });

  for (const [name, speak] of Object.entries(speakers)) {
    test(`a stream of ${name} that its client cut is aborted at the provider and settled by an estimate`, async (context) => {
      const { gateway, sim } = context;
      const before = (await gateway.usageRows()).length;
      await speak(context, { model: kModel, turns: [{ user: marked('text', { events: 2000, interval_ms: 5 }) }], leave: 3 });
      const left = Date.now();
      if (!name.includes('WebSocket')) {
        // The provider's socket outlives a turn's client only where there is one.
        const entry = await eventually('the provider to see it end', async () => (await sim.requests()).at(-1)?.aborted && (await sim.requests()).at(-1), { within: 2000 });
        assert.ok(entry.aborted_at_ms - left < 1000);
      }
      const rows = await eventually('its row', async () => {
        const all = await gateway.usageRows();
        return all.length > before && all;
      });
      const [row] = rows;
      assert.match(row.outcome, /ABANDONED/, JSON.stringify(row));
      assert.equal(row.usage_estimated, true);
      assert.ok(n(row.usage.input_tokens) > 0 && n(row.usage.output_tokens) > 0 && n(row.usage.output_tokens) < 1500, JSON.stringify(row.usage));
      assert.ok(n(row.cost_nano_dollars) > 0);
    });
  }
});

const kChatRow = { dialect: 'openai_chat', quirks: ['openai_fields'], prices: { [kModel]: { input: 2, output: 8, cases: { fast: { tier: 'priority', input: 4, output: 16 } } } } };

suite('usage of an account that is billed', { accounts: 0, config: { providers: { mine: kChatRow } }, keys: { mine: 1 } }, (test) => {
  test('is a cost, by its own row, tier by tier', async (context) => {
    const { row } = await asked(context, chat(marked('text', { events: 5 })));
    assert.equal(row.provider, 'mine');
    assert.equal(row.subscription, false);
    assert.equal(n(row.cost_nano_dollars), costOf(row, { input: 2, cached: 2, output: 8 }));
    const fast = (await asked(context, chat(marked('text', { events: 5, tier: 'priority' }), { service_tier: 'priority' }))).row;
    assert.equal(fast.served_tier, 'priority');
    assert.equal(n(fast.cost_nano_dollars), costOf(fast, { input: 4, cached: 4, output: 16 }));
    const slow = (await asked(context, chat(marked('text', { events: 5 }), { service_tier: 'priority' }))).row;
    assert.deepEqual([slow.service_tier, slow.served_tier], ['priority', 'standard']);
    assert.equal(n(slow.cost_nano_dollars), costOf(slow, { input: 2, cached: 2, output: 8 }), 'what was served is paid');
    const { sum } = await sumsBy(context.gateway, 'provider');
    assert.equal(n(sum.cost_nano_dollars), n(row.cost_nano_dollars) + n(fast.cost_nano_dollars) + n(slow.cost_nano_dollars));
    assert.equal(n(sum.subscription_nano_dollars), 0);
  });

  test('is estimated where the provider does not tell it', async (context) => {
    const { answer, row } = await asked(context, chat(marked('text', { events: 8, usage: 'none' })));
    assert.equal(answer.status, 200);
    assert.match(row.outcome, /SUCCEEDED/);
    assert.equal(row.usage_estimated, true, JSON.stringify(row));
    assert.ok(n(row.usage.output_tokens) > 0);
  });
});

suite('usage that is forgotten', { accounts: 1 }, (test) => {
  test('stays in the sums', async (context) => {
    const { gateway, client } = context;
    const calls = 1040;
    for (let sent = 0; sent < calls; sent += 40) {
      await Promise.all(Array.from({ length: 40 }, () => client.post(kPath, chat(marked('text', { events: 1 })))));
    }
    await eventually('all to be written down', async () => n((await sumsBy(gateway, 'key')).sum.requests) === calls);
    const before = await sumsBy(gateway, 'key');
    await reload(gateway, { accounts: { usage: { requests_max: 1000 } } });
    await eventually('the oldest to go', async () => n((await gateway.json(['usage'])).total_rows) === 1000);
    const after = await sumsBy(gateway, 'key');
    assert.deepEqual(after.groups, before.groups);
    assert.equal((await gateway.cli(['config', 'check', gateway.configFile])).code, 0);
    gateway.writeConfig(merge(gateway.config, { accounts: { usage: { keep_requests: '1h' } } }));
    const refused = await gateway.cli(['reload']);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr + refused.stdout, /keep_requests: 1h is below the least allowed, 1d/);
  });
});

suite('the usage file', { accounts: 1 }, (test) => {
  test('has what OCM has, is replaced as a whole, and nobody else\'s is written over', async (context) => {
    const { gateway } = context;
    const file = path.join(gateway.directory, 'usages.json');
    writeFileSync(file, '{"last_updated":"2026-03-11T21:31:42+08:00","costs":{}}');
    await asked(context, chat(marked('text', { events: 6 })));
    await reload(gateway, { accounts: { usage: { usages_path: file } } });
    const usages = await eventually('the file', () => {
      const read = JSON.parse(readFileSync(file, 'utf8'));
      return read.combinations?.length > 0 && read;
    });
    assert.equal(JSON.parse(readFileSync(`${file}.before-patchbay`, 'utf8')).last_updated, '2026-03-11T21:31:42+08:00');
    const [combination] = usages.combinations;
    assert.equal(combination.model, kModel);
    assert.equal(combination.service_tier, 'default');
    assert.equal(combination.context_window, 272000);
    assert.equal(combination.total.request_count, 1);
    assert.equal(combination.total.output_tokens, 6);
    assert.equal(combination.by_user.test.request_count, 1, JSON.stringify(combination.by_user));
    assert.ok(combination.total.cost_usd > 0.00018);
    assert.equal(usages.costs.total_usd, combination.total.cost_usd);
    // A window of a week was told with the answer.
    assert.ok(combination.week_start_unix > 0);
    assert.match(Object.keys(usages.costs.by_week)[0], /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC[+-]\d+/);
    await asked(context, chat(marked('text', { events: 6 })));
    assert.equal((await gateway.cli(['workers', 'restart', 'accounts'])).code, 0);
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).combinations[0].total.request_count, 2, 'also when the worker ends');
    assert.ok(!existsSync(`${file}.tmp`));
  });
});

suite('usage of calls whose books were killed', { accounts: 2, config: { accounts: { slots_per_account: 100 } } }, (test) => {
  test('is counted once, whenever it was', async (context) => {
    const { gateway, client } = context;
    let answered = 0;
    let running = true;
    const ids = [];
    const ask = async (i) => {
      while (running) {
        const id = `killed-${i}-${ids.length}-${Date.now()}`;
        const answer = await client.post(kPath, chat(marked('text', { events: 3 })), { headers: { 'x-request-id': id } });
        if (answer.status !== 200) continue;
        ids.push(id);
        ++answered;
      }
    };
    const load = Array.from({ length: 12 }, (_, i) => ask(i));
    for (let round = 0; round < 8; ++round) {
      // Rows wait up to half a second for their commit: most kills meet some between settlement and commit.
      await delay(150 + ((round * 97) % 400));
      const { generation } = await gateway.worker('accounts');
      await gateway.kill('accounts');
      await eventually('accounts to be ready again', async () => {
        const worker = await gateway.worker('accounts');
        return /READY/.test(worker.state) && n(worker.generation) > n(generation);
      }, { within: 10_000, every: 20 });
    }
    running = false;
    await Promise.all(load);
    assert.ok(answered > 50, `only ${answered}`);
    const rows = await eventually('a row for each answer', async () => {
      const all = await gateway.usageRows();
      const known = new Set(all.map(({ request_id: id }) => id));
      return ids.every((id) => known.has(id)) && all;
    }, { within: 15_000, every: 100 });
    assert.equal(new Set(rows.map(({ lease_id: lease }) => lease)).size, rows.length);
    const mine = rows.filter((row) => ids.includes(row.request_id) && /SUCCEEDED/.test(row.outcome));
    assert.equal(mine.length, ids.length, 'each answer once');
    const { sum } = await sumsBy(gateway, 'key');
    assert.equal(n(sum.requests), rows.length, 'rows and their sums are one');
    assert.equal(n(sum.usage.output_tokens), rows.reduce((all, row) => all + n(row.usage.output_tokens), 0));
    assert.equal(n(sum.subscription_nano_dollars), rows.reduce((all, row) => all + n(row.cost_nano_dollars), 0));
    assert.equal(rows.reduce((all, row) => all + n(row.usage.output_tokens), 0) >= 3 * ids.length, true);
  });
});
