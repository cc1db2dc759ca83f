// Real agents whose model is served by Chat Completions: each does the turn that it does with its own protocol behind. Its
// tools of free text and its namespaces are functions there, and its own again in the answer.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { claudeCode, resultOf } from '../support/agents/claude_code.mjs';
import { codex, codexBinary, patchOf } from '../support/agents/codex.mjs';
import { promptOf, withCli } from '../support/agents/gemini_cli.mjs';
import { tideProgram } from '../support/agents/mcp.mjs';
import { editsWithOpencode, kPackages, opencode, opencodeBinary } from '../support/agents/opencode.mjs';
import { kModel } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { callsIn, doesAWholeTurn, withAgent } from '../support/turn.mjs';

const kChatPath = '/v1/chat/completions';
// The rows, and the model that answers there to the name that the agents use. `freeText`: it has tools of free text.
const kOpenAi = { dialect: 'openai_chat', quirks: ['max_completion_tokens', 'developer_role', 'many_system_messages', 'strict_tools', 'effort', 'openai_fields', 'custom_tools'] };
const kBehind = {
  'a row without quirks': { row: 'custom', model: 'custom/z-ai/glm-5.2' },
  DeepSeek: { row: 'deepseek', model: 'deepseek/deepseek-v4-pro' },
  'a row like OpenAI': { row: 'like-openai', model: 'like-openai/gpt-5.5', providers: { 'like-openai': kOpenAi }, freeText: true },
};

for (const [name, { row, model, providers = {}, freeText }] of Object.entries(kBehind)) {
  const options = { accounts: 0, keys: { [row]: 1 }, config: { providers, models: { aliases: { [kModel]: model } }, accounts: { slots_per_account: 50 } } };
  const patching = (input) => (freeText ? { custom: 'apply_patch', input } : { function: 'apply_patch', arguments: { input } });
  const agentic = [
    [{ reasoning: 'I write it first' }, { text: 'I look.' }, { function: 'exec_command', arguments: { cmd: 'printf "one \\"é\\"\\n" > a.txt && cat a.txt' } }, { function: 'exec_command', arguments: { cmd: 'printf three > b.txt' } }],
    [{ reasoning: 'Now the edit' }, patching(patchOf(['*** Update File: a.txt', '@@', '-one "é"', '+two \\ "ü"']))],
    [{ text: 'It says two now.' }],
  ];
  const chats = async (sim) => {
    const requests = await sim.requests();
    for (const request of requests) assert.equal(`${request.path} ${request.status}`, `${kChatPath} 200`, JSON.stringify(request.body).slice(0, 500));
    return requests;
  };

  suite(`Codex CLI over ${name}`, { ...options, skip: !existsSync(codexBinary) }, (test) => {
    for (const websocket of [false, true]) {
      test(`runs two commands at once and edits a file, ${websocket ? 'with' : 'without'} WebSocket`, async ({ gateway, sim }) => {
        await sim.script(...agentic);
        await codex(gateway, 'make a.txt say two', async ({ code, stdout, stderr, agent, items }) => {
          assert.equal(code, 0, stdout + stderr);
          assert.equal(agent.read('work/a.txt'), 'two \\ "ü"\n', stdout);
          assert.equal(agent.read('work/b.txt'), 'three');
          assert.equal(items.at(-1).text, 'It says two now.');
          assert.equal(items.filter((item) => item.type === 'command_execution').length, 2, stdout);
          assert.ok(items.some((item) => item.type === 'file_change'), stdout);
        }, { websocket });
        const requests = await chats(sim);
        assert.equal(requests.length, 3);
        const { calls, results } = callsIn(requests.at(-1).body);
        assert.deepEqual(calls.map((call) => call.name), ['exec_command', 'exec_command', 'apply_patch']);
        assert.deepEqual(results.map((result) => result.id), calls.map((call) => call.id));
        assert.match(results[0].text, /one "é"/);
        assert.match(calls[2].input, freeText ? /^\*\*\* Begin Patch\n/ : /^\{"input":"\*\*\* Begin Patch\\n/);
        assert.equal(await sim.repliesWaiting(), 0);
      });
    }

    test('searches for the tool of an MCP server, which stands in a namespace, and calls it', async ({ gateway, sim }) => {
      await sim.script([{ function: 'tool_search', arguments: { query: 'tide', limit: 3 } }], [{ function: 'mcp__tides__tide', arguments: { port: 'Oslo' } }], [{ text: 'At noon.' }]);
      const prepare = (agent) => ({ more: `[mcp_servers.tides]\ncommand = "${process.execPath}"\nargs = ["${tideProgram(agent.directory)}"]` });
      await codex(gateway, 'When is high tide in Oslo?', async ({ code, stdout, stderr, items }) => {
        assert.equal(code, 0, stdout + stderr);
        assert.equal(items.at(-1).text, 'At noon.');
      }, { prepare });
      const { calls, results } = callsIn((await chats(sim)).at(-1).body);
      assert.deepEqual(calls.map((call) => call.name), ['tool_search', 'mcp__tides__tide']);
      assert.match(results[0].text, /tide of mcp__tides/);
      assert.match(results[1].text, /High at noon in Oslo/);
    });
  });

  suite(`Claude Code over ${name}`, options, (test) => {
    test('runs a command, edits a file, and writes two at once', async ({ gateway, sim }) => {
      const box = claudeCode(gateway);
      const file = (name) => path.join(box.work, name);
      writeFileSync(file('greeting.txt'), 'hello wrold\n');
      try {
        await sim.script(
          [{ reasoning: 'Look first.' }, { text: 'Let me look.' }, { function: 'Bash', arguments: { command: 'ls > listing.txt && cat greeting.txt', description: 'List files' } }],
          [{ function: 'Read', arguments: { file_path: file('greeting.txt') } }],
          [{ reasoning: 'A typo.' }, { function: 'Edit', arguments: { file_path: file('greeting.txt'), old_string: 'wrold', new_string: 'world' } }],
          [{ function: 'Write', arguments: { file_path: file('a.txt'), content: 'A\n' } }, { function: 'Write', arguments: { file_path: file('b.txt'), content: 'B "quoted" \\ é\n' } }],
          [{ text: 'Fixed the typo.' }],
        );
        const ran = await box.claude('Fix the typo in greeting.txt');
        const result = resultOf(ran);
        assert.equal(ran.code, 0, JSON.stringify(result));
        assert.equal(result.result, 'Fixed the typo.');
        assert.equal(readFileSync(file('greeting.txt'), 'utf8'), 'hello world\n');
        assert.equal(readFileSync(file('b.txt'), 'utf8'), 'B "quoted" \\ é\n');
        assert.equal(await sim.repliesWaiting(), 0);
        const { calls, results } = callsIn((await chats(sim)).at(-1).body);
        assert.deepEqual(calls.map((call) => call.name), ['Bash', 'Read', 'Edit', 'Write', 'Write']);
        assert.deepEqual(results.map((each) => each.id), calls.map((call) => call.id));
        assert.match(results[0].text, /hello wrold/);
      } finally {
        box.remove();
      }
    });
  });

  suite(`opencode over ${name}`, { ...options, skip: !existsSync(opencodeBinary) }, (test) => {
    for (const npm of Object.keys(kPackages)) {
      test(`${npm}: a turn that runs a command and edits a file`, async ({ gateway, sim }) => {
        await withAgent('opencode', (agent) => doesAWholeTurn({ sim, agent, run: opencode(agent, gateway, npm), ...editsWithOpencode }));
        await chats(sim);
      });
    }
  });

  suite(`Gemini CLI over ${name}`, options, (test) => {
    test('runs a shell command and edits a file', withCli(async ({ sim, cli, file }) => {
      await sim.script(
        [{ reasoning: 'First I look' }, { text: 'Let me look.' }, { function: 'run_shell_command', arguments: { command: 'cat notes.txt > seen.txt', description: 'reads' } }],
        [{ reasoning: 'Now I write' }, { function: 'replace', arguments: { file_path: file('notes.txt'), instruction: 'Change red to blue', old_string: 'colour = red', new_string: 'colour = blue' } }, { function: 'write_file', arguments: { file_path: file('new.txt'), content: 'made\n' } }],
        [{ text: 'It is blue now.' }],
      );
      const result = await cli(...promptOf('Make the colour blue'));
      assert.equal(result.code, 0, result.stderr);
      assert.equal(JSON.parse(result.stdout).response, 'It is blue now.');
      assert.equal(readFileSync(file('notes.txt'), 'utf8'), 'colour = blue\n');
      assert.ok(existsSync(file('new.txt')));
      const { calls, results } = callsIn((await chats(sim)).at(-1).body);
      assert.equal(calls.length, 3);
      assert.deepEqual(results.map((each) => each.id), calls.map((call) => call.id));
    }));
  });
}
