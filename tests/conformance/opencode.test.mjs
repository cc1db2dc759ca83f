// The real opencode, with each of the provider packages that it brings for the protocols here.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { nodeModule } from '../support/agent.mjs';
import { kModel, pixelPng } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { answers, doesAWholeTurn, jsonLines, withAgent } from '../support/turn.mjs';

const binary = nodeModule('opencode-linux-x64/bin/opencode');
// It says this tool in its turns only, not when it asks for a title.
const kInTurn = 'todowrite';
const kPackages = { '@ai-sdk/openai': '/v1', '@ai-sdk/openai-compatible': '/v1', '@ai-sdk/anthropic': '/v1', '@ai-sdk/google': '/v1beta' };

function opencode(agent, gateway, npm, { key = gateway.key, path = kPackages[npm] } = {}) {
  const models = { [kModel]: { name: kModel, reasoning: true, tool_call: true, modalities: { input: ['text', 'image'], output: ['text'] }, limit: { context: 200_000, output: 8_000 } } };
  agent.write('home/.config/opencode/opencode.json', {
    autoupdate: false,
    share: 'disabled',
    permission: { '*': 'allow' },
    provider: { patchbay: { npm, name: 'patchbay', options: { baseURL: `http://127.0.0.1:${gateway.port}${path}`, apiKey: '{env:PATCHBAY_KEY}' }, models } },
  });
  const env = { PATCHBAY_KEY: key, OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' };
  return (...args) => agent.run(binary, ['run', '-m', `patchbay/${kModel}`, '--format', 'json', ...args], { env, ms: 180_000 });
}

const texts = (stdout) => jsonLines(stdout).filter((event) => event.type === 'text').map((event) => event.part.text);

suite('opencode', { accounts: 2, skip: !existsSync(binary) }, (test) => {
  for (const npm of Object.keys(kPackages)) {
    test(`${npm}: a turn that runs a command and edits a file`, async ({ gateway, sim }) => {
      await withAgent('opencode', (agent) =>
        doesAWholeTurn({
          sim,
          agent,
          run: opencode(agent, gateway, npm),
          offers: kInTurn,
          shell: (command) => ({ function: 'bash', arguments: { command, description: 'Writes a file' } }),
          edit: (from, to) => ({ function: 'apply_patch', arguments: { patchText: `*** Begin Patch\n*** Update File: a.txt\n@@\n-${from}\n+${to}\n*** End Patch` } }),
        }));
      assert.ok(!JSON.stringify(await sim.requests()).includes(gateway.key));
    });
  }

  test('shows a picture, and goes on with the session', async ({ gateway, sim }) => {
    await withAgent('opencode', async (agent) => {
      const run = opencode(agent, gateway, '@ai-sdk/openai');
      agent.write('work/pixel.png', Buffer.from(pixelPng, 'base64'));
      await sim.script({ body_has: kInTurn, output: [{ text: 'One red pixel.' }] });
      assert.deepEqual(texts((await run('what is it?', '-f', 'pixel.png')).stdout), ['One red pixel.']);
      await answers((prompt) => run('--continue', prompt), texts);
      const said = JSON.stringify((await sim.requests()).filter((request) => JSON.stringify(request.body).includes(kInTurn)).at(-1).body.input);
      assert.match(said, /data:image\/png;base64.*One red pixel\./);
    });
  });

  test('a base URL of the ChatGPT backend, as its plugin has it', async ({ gateway }) => {
    await withAgent('opencode', (agent) => answers(opencode(agent, gateway, '@ai-sdk/openai', { path: '/backend-api/codex' }), texts));
  });

  test('a wrong key ends it at once', async ({ gateway }) => {
    await withAgent('opencode', async (agent) => {
      const { code, late, stdout, stderr } = await opencode(agent, gateway, '@ai-sdk/openai', { key: 'pbk_wrong' })('hello');
      assert.ok(!late && code !== 0, stdout + stderr);
      assert.match(stdout + stderr, /401|client key|api key/i);
    });
  });
});
