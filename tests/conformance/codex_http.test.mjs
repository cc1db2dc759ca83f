// The real Codex CLI over HTTP: whole turns that run a command and edit a file, and how it takes what goes wrong.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Agent } from '../support/agent.mjs';
import { codex, codexBinary, codexSettings, patchOf } from '../support/agents/codex.mjs';
import { suite } from '../support/suite.mjs';
import { jsonLines } from '../support/turn.mjs';

// Of this one the CLI knows that it takes the lite form, in which a program calls the tools.
const kLiteModel = 'gpt-5.6-sol';

const config = { upstream: { first_byte_timeout: '3s', stall_timeout: '3s' }, accounts: { attempts_max: 1 } };

suite('Codex CLI over HTTP', { accounts: 2, config, skip: !existsSync(codexBinary) }, (test) => {
  test('a turn that runs a command and edits a file', async ({ gateway, sim }) => {
    await sim.script(
      [{ reasoning: 'I write it first' }, { function: 'exec_command', arguments: { cmd: 'printf "one\\n" > a.txt && cat a.txt' } }],
      [{ custom: 'apply_patch', input: patchOf(['*** Update File: a.txt', '@@', '-one', '+two']) }],
      [{ text: 'It says two now.' }],
    );
    await codex(gateway, 'make a.txt say two', async ({ code, stdout, stderr, agent, items }) => {
      assert.equal(code, 0, stdout + stderr);
      assert.equal(agent.read('work/a.txt'), 'two\n');
      assert.equal(items.at(-1).text, 'It says two now.');
      assert.ok(items.some((item) => item.type === 'command_execution' && item.aggregated_output.includes('one')), stdout);
      assert.ok(items.some((item) => item.type === 'file_change'), stdout);
    });
    const requests = await sim.requests();
    assert.equal(requests.length, 3);
    const said = requests.at(-1).body.input.map((item) => item.type);
    for (const type of ['reasoning', 'function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output']) assert.ok(said.includes(type), `${type}: ${said}`);
    assert.equal(await sim.repliesWaiting(), 0);
    // One conversation, one account, one cache key; the CLI's own headers reach the backend and our key does not.
    assert.equal(new Set(requests.map((request) => request.account_id)).size, 1);
    assert.equal(new Set(requests.map((request) => request.body.prompt_cache_key)).size, 1);
    assert.ok(!JSON.stringify(requests).includes(gateway.key));
  });

  test('a turn of a model that is asked in the lite form', async ({ gateway, sim }) => {
    const program = (lines) => [{ custom: 'exec', namespace: 'functions', input: lines.join('\n') }];
    await sim.script(
      program([`const made = await tools.exec_command({ cmd: 'printf "one\\n" > a.txt && cat a.txt' });`, 'text(JSON.stringify(made));']),
      program([`text(JSON.stringify(await tools.apply_patch(${JSON.stringify(patchOf(['*** Update File: a.txt', '@@', '-one', '+two']))})));`]),
      [{ text: 'It says two now.' }],
    );
    await codex(gateway, 'make a.txt say two', async ({ code, stdout, stderr, agent, items }) => {
      assert.equal(code, 0, stdout + stderr);
      assert.equal(agent.read('work/a.txt'), 'two\n');
      assert.equal(items.at(-1).text, 'It says two now.');
    }, { model: kLiteModel });
    const requests = await sim.requests();
    assert.equal(requests.length, 3);
    for (const { body, headers } of requests) {
      assert.equal(body.input[0].type, 'additional_tools');
      assert.equal(body.instructions, undefined);
      assert.equal(body.tools, undefined);
      assert.equal(Object.fromEntries(headers)['x-openai-internal-codex-responses-lite'], 'true');
    }
    assert.equal(new Set(requests.map((request) => request.account_id)).size, 1);
  });

  test('searches the web by itself', async ({ gateway, sim }) => {
    await sim.script(
      [{ custom: 'exec', namespace: 'functions', input: `text(JSON.stringify(await tools.web__run({ search_query: [{ q: 'weather in oslo' }] })));` }],
      [{ text: 'It rains.' }],
    );
    await codex(gateway, 'what is the weather?', async ({ code, stdout, stderr, items }) => {
      assert.equal(code, 0, stdout + stderr);
      assert.ok(items.some((item) => item.type === 'web_search' && item.query === 'weather in oslo'), stdout);
      assert.equal(items.at(-1).text, 'It rains.');
    }, { model: kLiteModel, search: true });
    const requests = await sim.requests();
    assert.deepEqual(requests.map((request) => request.path.split('/').at(-1)), ['responses', 'search', 'responses']);
    assert.match(JSON.stringify(requests.at(-1).body.input), /Results for: weather in oslo/);
    assert.equal(new Set(requests.map((request) => request.account_id)).size, 1, 'on the account of the conversation');
  });

  test('goes on where the provider has no search', async ({ gateway, sim }) => {
    await sim.script(
      [{ custom: 'exec', namespace: 'functions', input: `text(JSON.stringify(await tools.web__run({ search_query: [{ q: '[[sim:404]]' }] })));` }],
      [{ text: 'I do not know.' }],
    );
    await codex(gateway, 'what is the weather?', async ({ code, stdout, stderr, items }) => {
      assert.equal(code, 0, stdout + stderr);
      assert.equal(items.at(-1).text, 'I do not know.');
    }, { model: kLiteModel, search: true });
  });

  test('every tool the CLI offers arrives as it was sent', async ({ gateway, sim }) => {
    await codex(gateway, 'hello', async ({ code, stdout }) => assert.equal(code, 0, stdout));
    const { body } = await sim.lastRequest();
    const types = new Set(body.tools.map((tool) => tool.type));
    for (const type of ['function', 'custom', 'tool_search', 'web_search']) assert.ok(types.has(type), type);
    assert.ok(body.input.every((item) => item.type && item.content), JSON.stringify(body.input).slice(0, 500));
  });

  // A provider of this name is trusted with more: members of its own, and compaction by the backend.
  const asOpenAi = { name: 'OpenAI' };

  test('members that are in no documentation pass', async ({ gateway, sim }) => {
    await codex(gateway, 'hello', async ({ code, stdout }) => assert.equal(code, 0, stdout), asOpenAi);
    const { body } = await sim.lastRequest();
    assert.ok(body.input.some((item) => item.internal_chat_message_metadata_passthrough), JSON.stringify(body.input).slice(0, 500));
  });

  test('lets the backend compact the conversation and goes on with the result', async ({ gateway, sim }) => {
    await sim.script([{ function: 'exec_command', arguments: { cmd: 'echo hi' } }]);
    await codex(gateway, 'hello', async ({ code, stdout, items }) => {
      assert.equal(code, 0, stdout);
      assert.equal(items.at(-1).type, 'agent_message');
    }, { ...asOpenAi, extra: 'model_auto_compact_token_limit = 2000' });
    const inputs = (await sim.requests()).map((request) => request.body.input);
    const compacting = inputs.findIndex((input) => input.at(-1).type === 'compaction_trigger');
    assert.ok(compacting > 0, JSON.stringify(inputs.map((input) => input.at(-1).type)));
    const sealed = inputs[compacting + 1].filter((item) => item.type === 'compaction');
    assert.equal(sealed.length, 1);
    assert.ok(sealed[0].encrypted_content);
  });

  test('goes on with an earlier thread', async ({ gateway, sim }) => {
    await sim.script([{ reasoning: 'A name' }, { text: 'Hello Ann.' }], [{ text: 'You are Ann.' }]);
    await codex(gateway, 'I am Ann', async ({ stdout, run }) => {
      const thread = jsonLines(stdout).find((event) => event.type === 'thread.started').thread_id;
      const second = await run(['resume', thread, '--skip-git-repo-check', '--json', 'who am I?']);
      assert.equal(second.code, 0, second.stdout + second.stderr);
      assert.match(second.stdout, /You are Ann\./);
    });
    const { body } = await sim.lastRequest();
    assert.ok(body.input.some((item) => item.type === 'reasoning' && item.encrypted_content), 'sealed reasoning is said again');
    assert.ok(JSON.stringify(body.input).includes('Hello Ann.'));
  });

  test('under the paths of the ChatGPT backend', async ({ gateway, sim }) => {
    for (const base of ['/backend-api/codex', '/backend-api', '']) {
      await sim.script([{ text: `by ${base}` }]);
      await codex(gateway, 'hello', async ({ code, items, stderr }) => {
        assert.equal(code, 0, stderr);
        assert.equal(items.at(-1).text, `by ${base}`);
      }, { path: base });
    }
  });

  test('sees an image that is attached', async ({ gateway, sim }) => {
    const agent = new Agent('codex');
    try {
      agent.write('home/.codex/config.toml', codexSettings(gateway));
      const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==', 'base64');
      const file = path.join(agent.work, 'pixel.png');
      agent.write('work/pixel.png', '');
      (await import('node:fs')).writeFileSync(file, pixel);
      const result = await agent.run(codexBinary, ['exec', '--skip-git-repo-check', '--json', '-i', file, '--', 'what is it?'], { env: { GATEWAY_KEY: gateway.key } });
      assert.equal(result.code, 0, result.stdout + result.stderr);
      assert.match(JSON.stringify((await sim.lastRequest()).body.input), /data:image\/png;base64,iVBOR/);
    } finally {
      agent.remove();
    }
  });

  test('a wrong key', async ({ gateway }) => {
    await codex(gateway, 'hello', async ({ code, stdout, stderr }) => {
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /401 Unauthorized/);
    }, { key: 'pbk_wrong' });
  });

  // What the CLI makes of each ending (real-clients §2.3): the words are the CLI's own.
  const endings = [
    ['a context that is too long', { name: 'status', code: 400, kind: 'context_length_exceeded' }, /ran out of room|context window/],
    ['an overloaded model', { name: 'status', code: 503, kind: 'server_is_overloaded' }, /at capacity/],
    ['a failure in the middle', { name: 'failed', after: 1, code: 'server_error', message: 'it broke' }, /it broke/],
    ['a stream that is cut', { name: 'cut', after: 1 }, /stream disconnected|stream closed|broke off/],
    ['an incomplete answer', { name: 'incomplete' }, /[Ii]ncomplete/],
  ];
  for (const [title, scenario, wanted] of endings) {
    test(`is told of ${title}`, async ({ gateway, sim }) => {
      for (const account of gateway.accounts) await sim.setScenario(account, scenario);
      await codex(gateway, 'hello', async ({ code, stdout, stderr }) => {
        assert.notEqual(code, 0, stdout);
        assert.match(stdout + stderr, wanted);
      });
    });
  }

  test('is told once when every account is used up, and when that ends', async ({ gateway, sim }) => {
    for (const account of gateway.accounts) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 3600 });
    await codex(gateway, 'hello', async ({ code, stdout, stderr }) => {
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /usage limit/);
    }, { retries: 3 });
    assert.ok((await sim.requests()).length <= 2, 'the CLI did not try again');
  });
});
