// The real opencode, with both of the provider packages that speak OpenAI's protocols: whole turns that run a command and
// edit a file.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Agent, nodeModule } from '../support/agent.mjs';
import { kModel } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const binary = nodeModule('opencode-linux-x64/bin/opencode');
// It says this tool in its turns only, not when it asks for a title.
const inTurn = { body_has: 'todowrite' };

async function opencode(gateway, npm, prompt, body, { key = gateway.key, path = '/v1' } = {}) {
  const agent = new Agent('opencode');
  try {
    agent.write('home/.config/opencode/opencode.json', {
      autoupdate: false,
      share: 'disabled',
      permission: { '*': 'allow' },
      provider: { gateway: { npm, name: 'gateway', options: { baseURL: `http://127.0.0.1:${gateway.port}${path}`, apiKey: '{env:GATEWAY_KEY}' }, models: { [kModel]: { name: kModel, reasoning: true, tool_call: true, limit: { context: 200_000, output: 8_000 } } } } },
    });
    const env = { GATEWAY_KEY: key, OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' };
    const result = await agent.run(binary, ['run', '-m', `gateway/${kModel}`, '--format', 'json', prompt], { env, ms: 180_000 });
    assert.ok(!result.late, `opencode did not end: ${result.stdout}${result.stderr}`);
    const events = result.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    await body({ agent, events, ...result });
  } finally {
    agent.remove();
  }
}

const packages = [['@ai-sdk/openai', 'Responses'], ['@ai-sdk/openai-compatible', 'Chat Completions']];

suite('opencode', { accounts: 2, skip: !existsSync(binary) }, (test) => {
  for (const [npm, protocol] of packages) {
    test(`a turn over ${protocol} that runs a command and edits a file`, async ({ gateway, sim }) => {
      await sim.script(
        { ...inTurn, output: [{ reasoning: 'I write it first' }, { function: 'bash', arguments: { command: 'printf "one\\n" > a.txt && cat a.txt', description: 'Writes a file' } }] },
        { ...inTurn, output: [{ function: 'apply_patch', arguments: { patchText: '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch' } }] },
        { ...inTurn, output: [{ text: 'It says two now.' }] },
      );
      await opencode(gateway, npm, 'make a.txt say two', async ({ code, stdout, stderr, agent, events }) => {
        assert.equal(code, 0, stdout + stderr);
        assert.equal(agent.read('work/a.txt'), 'two\n', stdout);
        const texts = events.filter((event) => event.type === 'text').map((event) => event.part.text);
        assert.equal(texts.at(-1), 'It says two now.');
        const tools = events.filter((event) => event.type === 'tool_use').map((event) => event.part.tool);
        assert.deepEqual(tools, ['bash', 'apply_patch']);
      });
      assert.equal(await sim.repliesWaiting(), 0);
      const turns = (await sim.requests()).filter((request) => JSON.stringify(request.body).includes(inTurn.body_has));
      assert.equal(turns.length, 3);
      assert.equal(new Set(turns.map((request) => request.account_id)).size, 1, 'one conversation, one account');
      assert.ok(!JSON.stringify(turns).includes(gateway.key));
    });
  }

  test('a base URL of the ChatGPT backend, as its plugin has it', async ({ gateway, sim }) => {
    await sim.script({ ...inTurn, output: [{ text: 'by the backend path' }] });
    await opencode(gateway, '@ai-sdk/openai', 'hello', async ({ code, stdout, stderr }) => {
      assert.equal(code, 0, stdout + stderr);
      assert.match(stdout, /by the backend path/);
    }, { path: '/backend-api/codex' });
  });

  test('a wrong key ends it at once', async ({ gateway }) => {
    await opencode(gateway, '@ai-sdk/openai', 'hello', async ({ code, stdout, stderr }) => {
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /401|client key|api key/i);
    }, { key: 'pbk_wrong' });
  });
});
