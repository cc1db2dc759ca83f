// Claude Code itself, headless, in a directory of its own: a whole turn that runs a shell command and edits a file.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { claudeCode as sandbox, resultOf } from '../support/agents/claude_code.mjs';
import { tideProgram } from '../support/agents/mcp.mjs';
import { kModel, marked, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

/** What Claude Code's --mcp-config wants to start a server of MCP with the tool mcp__tides__tide. */
function tideServer(directory) {
  const config = path.join(directory, 'mcp.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { tides: { command: process.execPath, args: [tideProgram(directory)] } } }));
  return config;
}

suite('Claude Code', { accounts: 2 }, (test) => {
  test('answers', async ({ gateway, sim }) => {
    const box = sandbox(gateway);
    try {
      const ran = await box.claude(marked('text', { events: 12, seq: 1 }));
      const result = resultOf(ran);
      assert.equal(ran.code, 0, JSON.stringify(result));
      assert.equal(result.result.trim(), sequence(12).trim());
      assert.equal(result.usage.output_tokens, 12);
      const { body } = await sim.lastRequest();
      assert.ok(!body.instructions.includes('x-anthropic-billing-header'), 'it would miss every prompt cache');
      assert.ok(body.input.every((item) => item.role !== 'system'));
    } finally {
      box.remove();
    }
  });

  test('answers under a Claude model\'s name', async ({ gateway, sim }) => {
    const box = sandbox(gateway, { ANTHROPIC_MODEL: 'claude-sonnet-4-5', ANTHROPIC_SMALL_FAST_MODEL: undefined });
    try {
      const ran = await box.claude(marked('text', { events: 5, seq: 1 }));
      assert.equal(resultOf(ran).result.trim(), sequence(5).trim());
      assert.match((await sim.lastRequest()).body.model, /^gpt-/);
    } finally {
      box.remove();
    }
  });

  test('runs a command and edits a file', async ({ gateway, sim }) => {
    const box = sandbox(gateway);
    const file = path.join(box.work, 'greeting.txt');
    writeFileSync(file, 'hello wrold\n');
    try {
      await sim.script(
        [{ reasoning: 'Look first.' }, { text: 'Let me look.' }, { function: 'Bash', arguments: { command: 'ls > listing.txt && cat greeting.txt', description: 'List files' } }],
        [{ function: 'Read', arguments: { file_path: file } }],
        [{ function: 'Edit', arguments: { file_path: file, old_string: 'wrold', new_string: 'world' } }],
        [{ text: 'Fixed the typo.' }],
      );
      const ran = await box.claude('Fix the typo in greeting.txt');
      const result = resultOf(ran);
      assert.equal(ran.code, 0, JSON.stringify(result));
      assert.equal(result.result, 'Fixed the typo.');
      assert.equal(result.num_turns, 4);
      assert.equal(readFileSync(file, 'utf8'), 'hello world\n');
      assert.match(readFileSync(path.join(box.work, 'listing.txt'), 'utf8'), /greeting\.txt/);
      assert.equal(await sim.repliesWaiting(), 0);
      const requests = await sim.requests();
      const last = requests.at(-1).body.input;
      const outputs = last.filter((item) => item.type === 'function_call_output').map((item) => JSON.stringify(item.output));
      assert.equal(outputs.length, 3);
      assert.match(outputs[0], /hello wrold/);
      assert.ok(last.some((item) => item.type === 'reasoning' && item.encrypted_content), 'the chain of thought is kept');
      assert.equal(new Set(requests.map((request) => request.account)).size, 1, 'one conversation, one account');
      assert.equal(new Set(requests.map((request) => request.body.prompt_cache_key)).size, 1);
    } finally {
      box.remove();
    }
  });

  test('finds a tool of an MCP server on demand, and calls it', async ({ gateway, sim }) => {
    const box = sandbox(gateway);
    try {
      await sim.script(
        [{ function: 'ToolSearch', arguments: { query: 'select:mcp__tides__tide', max_results: 5 } }],
        [{ function: 'mcp__tides__tide', arguments: { port: 'Oslo' } }],
        [{ text: 'At noon.' }],
      );
      const ran = await box.claude('When is high tide in Oslo?', 'ToolSearch', 'mcp__tides__tide', '--mcp-config', tideServer(box.work));
      const result = resultOf(ran);
      assert.equal(ran.code, 0, JSON.stringify(result));
      assert.equal(result.result, 'At noon.');
      assert.equal(await sim.repliesWaiting(), 0);
      const requests = (await sim.requests()).map((request) => request.body);
      const names = requests.map((body) => body.tools.map((tool) => tool.name));
      assert.ok(names[0].includes('ToolSearch'));
      assert.ok(!names[0].includes('mcp__tides__tide'), 'it was offered before it was looked for');
      assert.ok(names[1].includes('mcp__tides__tide') && names[2].includes('mcp__tides__tide'));
      assert.ok(names.flat().every((name) => name !== 'DeferredToolPlaceholder'));
      const outputs = requests[2].input.filter((item) => item.type === 'function_call_output').map((item) => JSON.stringify(item.output));
      assert.match(outputs[0], /The tool 'mcp__tides__tide' is available/);
      assert.match(outputs[1], /High at noon in Oslo/);
      assert.ok(requests[0].input.some((item) => item.role === 'developer' && JSON.stringify(item.content).includes('mcp__tides__tide')), 'the model does not know that there is such a tool');
    } finally {
      box.remove();
    }
  });

  test('asks a provider that refuses only as often as it must', async ({ gateway, sim }) => {
    const forbidden = { output: [{ text: 'An answer that is forbidden in its middle' }], name: 'failed', code: 'cyber_policy', after: 2, interval_ms: 30 };
    for (const [env, reply, calls, words] of [
      [{}, { output: [], name: 'cyber_policy' }, 1, /API Error: 403/],
      [{}, { output: [], name: 'context_length_exceeded' }, 1, /Prompt is too long/],
      [{}, { output: [], name: 'too_large' }, 1, /too large/],
      // It asks once more before it believes a refusal.
      [{}, forbidden, 2, /flagged this message/],
      [{ ANTHROPIC_MODEL: 'nothing' }, null, 0, /selected model \(nothing\)/],
    ]) {
      const box = sandbox(gateway, { CLAUDE_CODE_MAX_RETRIES: undefined, ...env });
      try {
        await sim.reset();
        if (reply) await sim.script(...Array.from({ length: 9 }, () => reply));
        const result = resultOf(await box.claude('hello'));
        assert.equal(result.is_error, true, JSON.stringify(result));
        assert.match(String(result.result), words);
        assert.equal((await sim.requests()).length, calls, String(result.result));
      } finally {
        box.remove();
      }
    }
  });

  test('has its effort obeyed, also where a message sets it', async ({ gateway, sim }) => {
    const box = sandbox(gateway, { ANTHROPIC_MODEL: 'claude-opus-5-5', CLAUDE_CODE_EFFORT_LEVEL: 'low' });
    try {
      const ran = await box.claude(marked('text', { events: 3, seq: 1 }));
      assert.equal(resultOf(ran).result.trim(), sequence(3).trim());
      assert.equal((await sim.lastRequest()).body.reasoning.effort, 'low');
    } finally {
      box.remove();
    }
  });

  // The one counts for names that it does not know, the other for all: of its own newest models it believes in a million.
  for (const [variable, model] of [['CLAUDE_CODE_MAX_CONTEXT_TOKENS', kModel], ['CLAUDE_CODE_AUTO_COMPACT_WINDOW', kModel], ['CLAUDE_CODE_AUTO_COMPACT_WINDOW', 'claude-opus-5-5']]) {
    test(`counts what fills the window of ${model} that ${variable} tells, without asking the provider`, async ({ gateway, sim }) => {
      const box = sandbox(gateway, { [variable]: '272000', ANTHROPIC_MODEL: model });
      try {
        const ran = await box.claude('/context', '--mcp-config', tideServer(box.work));
        const result = resultOf(ran);
        assert.equal(ran.code, 0, JSON.stringify(result));
        assert.match(result.result, /Tokens:\*\* [\d.]+k \/ 272k/);
        assert.match(result.result, /System tools \| [\d.]+k/);
        assert.equal((await sim.requests()).length, 0);
      } finally {
        box.remove();
      }
    });
  }

  test('runs two tools at once', async ({ gateway, sim }) => {
    const box = sandbox(gateway);
    try {
      await sim.script(
        [{ function: 'Write', arguments: { file_path: path.join(box.work, 'a.txt'), content: 'A\n' } }, { function: 'Write', arguments: { file_path: path.join(box.work, 'b.txt'), content: 'B "quoted" \\ é\n' } }],
        [{ text: 'Both written.' }],
      );
      const result = resultOf(await box.claude('Write two files'));
      assert.equal(result.result, 'Both written.');
      assert.equal(readFileSync(path.join(box.work, 'b.txt'), 'utf8'), 'B "quoted" \\ é\n');
    } finally {
      box.remove();
    }
  });

  test('fails truthfully: a wrong key, a long prompt, a policy, a provider that fails, an unknown model, a broken stream', async ({ gateway, sim }) => {
    for (const [env, reply, words] of [
      [{ ANTHROPIC_API_KEY: 'pbk_wrong' }, null, /key|auth|401/i],
      [{}, { output: [], name: 'context_length_exceeded' }, /too long/i],
      [{}, { output: [], name: 'cyber_policy' }, /policy/i],
      [{}, { output: [], name: 'failed', after: 0 }, /502/],
      [{ ANTHROPIC_MODEL: 'nothing' }, null, /selected model \(nothing\)/],
      [{}, { output: [{ text: 'An answer that is cut off in its middle' }], name: 'cut', after: 2 }, /./],
    ]) {
      const box = sandbox(gateway, env);
      try {
        await sim.reset();
        if (reply) await sim.script(...Array.from({ length: 6 }, () => reply));
        const ran = await box.claude('hello');
        const result = resultOf(ran);
        assert.equal(result.is_error, true, JSON.stringify(result));
        assert.notEqual(ran.code, 0);
        assert.match(String(result.result), words);
      } finally {
        box.remove();
      }
    }
  });

  test('says at once that every account is used up, and until when', async ({ gateway, sim }) => {
    for (const account of gateway.accounts) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 7200 });
    const box = sandbox(gateway, { CLAUDE_CODE_MAX_RETRIES: undefined });
    try {
      const ran = await box.claude('hello');
      const result = resultOf(ran);
      assert.equal(result.is_error, true, JSON.stringify(result));
      assert.equal(result.api_error_status, 429);
      assert.match(String(result.result), /it resets at \w{3}, /);
    } finally {
      box.remove();
    }
  });
});
