// The real Codex CLI over WebSocket: whole turns that run a command and edit a file, and how it gets over what goes wrong.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { codex as overHttp, codexBinary, patchOf } from '../support/agents/codex.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

// Of this one the CLI knows that it takes the lite form, in which a program calls the tools.
const kLiteModel = 'gpt-5.6-sol';

const codex = (gateway, prompt, body, options) => overHttp(gateway, prompt, body.after ?? body, { websocket: true, retries: 2, during: body.during, ...options });
const upgrades = (requests) => requests.filter((request) => request.status === 101);
const turns = (requests) => requests.filter((request) => request.method === 'FRAME');
const agentic = [
  [{ reasoning: 'I write it first' }, { function: 'exec_command', arguments: { cmd: 'printf "one\\n" > a.txt && cat a.txt' } }],
  [{ custom: 'apply_patch', input: patchOf(['*** Update File: a.txt', '@@', '-one', '+two']) }],
  [{ text: 'It says two now.' }],
];
const noFallback = (text) => assert.doesNotMatch(text, /Falling back/);

suite('Codex CLI over WebSocket', { accounts: 2, skip: !existsSync(codexBinary) }, (test) => {
  test('a turn that runs a command and edits a file, on one socket', async ({ gateway, sim }) => {
    await sim.script(...agentic);
    await codex(gateway, 'make a.txt say two', async ({ code, stdout, stderr, agent, items }) => {
      assert.equal(code, 0, stdout + stderr);
      noFallback(stdout + stderr);
      assert.equal(agent.read('work/a.txt'), 'two\n');
      assert.equal(items.at(-1).text, 'It says two now.');
      assert.ok(items.some((item) => item.type === 'command_execution' && item.aggregated_output.includes('one')), stdout);
      assert.ok(items.some((item) => item.type === 'file_change'), stdout);
    });
    const requests = await sim.requests();
    assert.equal(upgrades(requests).length, 1, 'one socket');
    assert.ok(!requests.some((request) => request.method === 'POST'), 'nothing over HTTP');
    const [warm, ...rest] = turns(requests).map((turn) => turn.body);
    assert.equal(warm.generate, false);
    assert.equal(rest.length, 3);
    for (const turn of rest) assert.match(turn.previous_response_id, /^resp_/, 'each continues the one before');
    assert.deepEqual(rest[1].input.map((item) => item.type), ['function_call_output'], 'and sends only what is new');
    assert.equal(new Set(requests.map((request) => request.account_id)).size, 1);
    assert.ok(!JSON.stringify(requests).includes(gateway.key));
    assert.equal(await sim.repliesWaiting(), 0);
    await eventually('every lease to be settled', async () => (await gateway.listAccounts()).every((account) => Number(account.leases_open) === 0));
    await eventually('the socket to be closed', async () => (await sim.stats()).open_sockets === 0);
  });

  test('a turn of a model that is asked in the lite form, on one socket', async ({ gateway, sim }) => {
    const program = (lines) => [{ custom: 'exec', namespace: 'functions', input: lines.join('\n') }];
    await sim.script(
      program([`const made = await tools.exec_command({ cmd: 'printf "one\\n" > a.txt && cat a.txt' });`, 'text(JSON.stringify(made));']),
      program([`text(JSON.stringify(await tools.apply_patch(${JSON.stringify(patchOf(['*** Update File: a.txt', '@@', '-one', '+two']))})));`]),
      [{ text: 'It says two now.' }],
    );
    await codex(gateway, 'make a.txt say two', async ({ code, stdout, stderr, agent, items }) => {
      assert.equal(code, 0, stdout + stderr);
      noFallback(stdout + stderr);
      assert.equal(agent.read('work/a.txt'), 'two\n');
      assert.equal(items.at(-1).text, 'It says two now.');
    }, { model: kLiteModel });
    const requests = await sim.requests();
    assert.equal(upgrades(requests).length, 1, 'one socket');
    const [warm, ...rest] = turns(requests).map((turn) => turn.body);
    assert.deepEqual([warm.generate, warm.input], [false, []]);
    assert.equal(rest.length, 3);
    for (const body of [warm, ...rest]) {
      assert.equal(body.client_metadata.ws_request_header_x_openai_internal_codex_responses_lite, 'true');
      assert.equal(body.instructions, undefined);
    }
  });

  test('gets over a socket that is cut in the middle of an answer', async ({ gateway, sim }) => {
    await sim.script({ output: [{ text: 'This is never read to its end, for it is cut.' }], name: 'cut', after: 2 }, [{ text: 'Whole.' }]);
    await codex(gateway, 'hello', async ({ code, stdout, stderr, items }) => {
      assert.equal(code, 0, stdout + stderr);
      noFallback(stdout + stderr);
      assert.equal(items.at(-1).text, 'Whole.');
    });
  });

  test("gets over the provider's connection limit", async ({ gateway, sim }) => {
    await sim.script({ output: [{ text: 'x' }], name: 'ws_limit' }, [{ text: 'On a new socket.' }]);
    await codex(gateway, 'hello', async ({ code, stdout, stderr, items }) => {
      assert.equal(code, 0, stdout + stderr);
      noFallback(stdout + stderr);
      assert.equal(items.at(-1).text, 'On a new socket.');
    });
    assert.ok(upgrades(await sim.requests()).length >= 2);
  });

  test('moves to another account in the middle of a turn, and finishes its work', async ({ gateway, sim }) => {
    await sim.script(agentic[0]);
    await codex(gateway, 'make a.txt say two', {
      // When the first call is out, its account is used up: what follows can only be done elsewhere.
      async during() {
        const first = await eventually('the first call', async () => turns(await sim.requests()).find((turn) => turn.scenario === 'scripted'), { every: 5, within: 60_000 });
        await sim.setScenario({ id: first.account_id }, { name: 'usage_limit_reached', resets_in: 3600 });
        await sim.script(...agentic.slice(1));
      },
      async after({ code, stdout, stderr, agent, items }) {
        assert.equal(code, 0, stdout + stderr);
        noFallback(stdout + stderr);
        assert.equal(agent.read('work/a.txt'), 'two\n');
        assert.equal(items.at(-1).text, 'It says two now.');
      },
    });
    assert.equal(new Set(turns(await sim.requests()).filter((turn) => turn.scenario === 'scripted').map((turn) => turn.account_id)).size, 2);
  });
});

suite('Codex CLI over WebSocket, refused', { accounts: 1, skip: !existsSync(codexBinary) }, (test) => {
  test('is told once when every account is used up', async ({ gateway, sim }) => {
    await sim.setUsage(gateway.accounts[0], { primary_used: 100, primary_reset_in: 3600 });
    await codex(gateway, 'hello', async ({ code, stdout, stderr }) => {
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /usage limit/i);
    });
  });

  test('a wrong key', async ({ gateway }) => {
    await codex(gateway, 'hello', async ({ code, stdout, stderr }) => {
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /401 Unauthorized/);
    }, { key: 'pbk_wrong', retries: 0 });
  });
});

suite('Codex CLI with WebSocket disabled here', { accounts: 1, config: { frontend: { websocket: { enabled: false } } }, skip: !existsSync(codexBinary) }, (test) => {
  test('goes on over HTTP and does the same work', async ({ gateway, sim }) => {
    await sim.script(...agentic);
    await codex(gateway, 'make a.txt say two', async ({ code, stdout, stderr, agent }) => {
      assert.equal(code, 0, stdout + stderr);
      assert.equal(agent.read('work/a.txt'), 'two\n');
    });
    const requests = await sim.requests();
    assert.equal(upgrades(requests).length, 0);
    assert.equal(requests.filter((request) => request.method === 'POST').length, 3);
  });
});
