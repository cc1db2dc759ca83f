// The real Gemini CLI does a whole agentic turn: it runs a shell command, edits a file and says what it did. It talks to
// nothing but the gateway: telemetry, updates and usage statistics are off, and its home is a temporary directory.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { kCli, promptOf, withCli } from '../support/agents/gemini_cli.mjs';
import { kModel, marked } from '../support/bodies.mjs';
import { run } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';

suite('Gemini CLI', { accounts: 1, config: { accounts: { slots_per_account: 50 } } }, (test) => {
  test('runs a shell command and edits a file', withCli(async ({ sim, cli, file }) => {
    await sim.script(
      [{ reasoning: 'First I look' }, { text: 'Let me look.' }, { function: 'run_shell_command', arguments: { command: 'cat notes.txt > seen.txt', description: 'reads' } }],
      [{ reasoning: 'Now I write' }, { function: 'replace', arguments: { file_path: file('notes.txt'), instruction: 'Change red to blue', old_string: 'colour = red', new_string: 'colour = blue' } }, { function: 'write_file', arguments: { file_path: file('new.txt'), content: 'made\n' } }],
      [{ text: 'It is blue now.' }],
    );
    const result = await cli(...promptOf('Make the colour blue'));
    assert.equal(result.code, 0, result.stderr);
    assert.equal(JSON.parse(result.stdout).response, 'It is blue now.');
    assert.equal(readFileSync(file('seen.txt'), 'utf8'), 'colour = red\n');
    assert.equal(readFileSync(file('notes.txt'), 'utf8'), 'colour = blue\n');
    assert.ok(existsSync(file('new.txt')));
    assert.equal(await sim.repliesWaiting(), 0);

    const { input } = (await sim.lastRequest()).body;
    const ids = input.filter((item) => item.type === 'function_call').map((item) => item.call_id);
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(input.filter((item) => item.type === 'function_call_output').map((item) => item.call_id).sort(), [...ids].sort());
    assert.equal(input.filter((item) => item.type === 'reasoning' && item.encrypted_content).length, 2, 'reasoning was not played back');
  }));

  // It says the results of the earlier turns twice then.
  test('goes on with a session', withCli(async ({ sim, cli, file }) => {
    await sim.script(
      [{ reasoning: 'First I look' }, { function: 'run_shell_command', arguments: { command: 'cat notes.txt > seen.txt', description: 'reads' } }, { function: 'read_file', arguments: { file_path: file('notes.txt') } }],
      [{ text: 'It is red.' }],
      [{ reasoning: 'Now I write' }, { function: 'replace', arguments: { file_path: file('notes.txt'), instruction: 'Change red to blue', old_string: 'colour = red', new_string: 'colour = blue' } }],
      [{ text: 'It is blue now.' }],
    );
    const first = await cli(...promptOf('Which colour is it?'));
    assert.equal(first.code, 0, first.stderr);
    assert.equal(JSON.parse(first.stdout).response, 'It is red.');
    const second = await cli('--resume', 'latest', ...promptOf('Make it blue'));
    assert.equal(second.code, 0, second.stderr);
    assert.equal(JSON.parse(second.stdout).response, 'It is blue now.');
    assert.equal(readFileSync(file('notes.txt'), 'utf8'), 'colour = blue\n');
    assert.equal(await sim.repliesWaiting(), 0);

    const { input } = (await sim.lastRequest()).body;
    assert.match(JSON.stringify(input), /Which colour is it\?.*It is red\..*Make it blue/);
    const calls = input.filter((item) => item.type === 'function_call').map((item) => item.call_id);
    assert.equal(calls.length, 3);
    assert.deepEqual(input.filter((item) => item.type === 'function_call_output').map((item) => item.call_id).sort(), [...calls].sort(), 'one result for each call');
  }));

  test('shows an answer', withCli(async ({ cli }) => {
    const result = await cli(...promptOf(marked('reasoning', { events: 30, seq: 1, interval_ms: 5 })));
    assert.equal(result.code, 0, result.stderr);
    assert.match(JSON.parse(result.stdout).response, /^0 1 2 /);
  }));

  test('chooses its models by itself: names that no provider has, and a router that wants JSON', withCli(async ({ sim, cli, file }) => {
    await sim.script(
      { body_has: 'run_shell_command', output: [{ function: 'write_file', arguments: { file_path: file('auto.txt'), content: 'auto\n' } }] },
      { body_has: 'function_call_output', output: [{ text: 'Written.' }] },
    );
    const result = await cli('-p', 'Write it', '-o', 'json', '--approval-mode', 'yolo');
    assert.equal(result.code, 0, result.stderr);
    assert.equal(JSON.parse(result.stdout).response, 'Written.');
    assert.equal(readFileSync(file('auto.txt'), 'utf8'), 'auto\n');
    const router = (await sim.requests()).find((request) => request.body.text?.format);
    assert.equal(router.body.text.format.type, 'json_schema');
  }));

  test('searches the web through the provider', withCli(async ({ sim, cli }) => {
    await sim.script(
      { body_has: '"name":"google_web_search"', output: [{ function: 'google_web_search', arguments: { query: 'weather oslo' } }] },
      { body_has: '"type":"web_search"', output: [{ web_search: 'weather oslo' }, { text: 'Sunny, says the web.' }] },
      { body_has: 'Sunny, says the web.', output: [{ text: 'It is sunny.' }] },
    );
    const result = await cli(...promptOf('Is it sunny in Oslo?'));
    assert.equal(result.code, 0, result.stderr);
    assert.equal(JSON.parse(result.stdout).response, 'It is sunny.');
    assert.equal(await sim.repliesWaiting(), 0);
  }));

  test('ends at once when the key is wrong or the request is refused', withCli(async ({ gateway, cli, home }) => {
    const refused = await cli(...promptOf(marked('cyber_policy')));
    assert.notEqual(refused.code, 0);
    const wrong = await run(process.execPath, [kCli, ...promptOf('hi')], {
      cwd: path.join(home, 'work'),
      env: { HOME: home, GEMINI_API_KEY: 'pbk_wrong', GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${gateway.port}`, GEMINI_CLI_NO_RELAUNCH: 'true', GEMINI_CLI_TRUST_WORKSPACE: 'true' },
      timeout: 120_000,
    });
    assert.notEqual(wrong.code, 0);
    assert.equal(wrong.signal, null, 'it kept trying');
  }));

  test('tells a stream that broke off from an answer', withCli(async ({ cli }) => {
    const result = await cli(...promptOf(marked('cut', { after: 3, events: 9, seq: 1, interval_ms: 30 })));
    assert.notEqual(result.code, 0, result.stdout);
    assert.equal(result.signal, null, 'it kept trying');
  }));

  test('ends at once when every account is used up for hours', withCli(async ({ gateway, sim, cli }) => {
    for (const account of gateway.accounts) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 7200 });
    const result = await cli(...promptOf('hi'));
    assert.notEqual(result.code, 0);
    assert.equal(result.signal, null, 'it kept trying');
  }));
});
