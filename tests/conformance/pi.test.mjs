// The real pi, with each of the four protocols that it speaks.
import assert from 'node:assert/strict';
import { nodeModule } from '../support/agent.mjs';
import { kModel, pixelPng } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { answers, doesAWholeTurn, jsonLines, withAgent } from '../support/turn.mjs';

const kCli = nodeModule('@mariozechner/pi-coding-agent/dist/cli.js');
const kProtocols = { 'openai-responses': '/v1', 'openai-completions': '/v1', 'anthropic-messages': '', 'google-generative-ai': '/v1beta' };

function pi(agent, gateway, api) {
  const baseUrl = `http://127.0.0.1:${gateway.port}${kProtocols[api]}`;
  const models = [{ id: kModel, reasoning: true, input: ['text', 'image'], contextWindow: 272_000, maxTokens: 32_000 }];
  agent.write('home/.pi/agent/models.json', { providers: { patchbay: { baseUrl, api, apiKey: 'PATCHBAY_KEY', models } } });
  const env = { PATCHBAY_KEY: gateway.key, PI_OFFLINE: '1', PI_TELEMETRY: '0' };
  return (...args) => agent.run(process.execPath, [kCli, '-p', '--mode', 'json', '--model', `patchbay/${kModel}`, ...args], { env });
}

const deltas = (stdout) =>
  jsonLines(stdout).filter((line) => line.type === 'message_update' && line.assistantMessageEvent.type === 'text_delta').map((line) => line.assistantMessageEvent.delta);

suite('pi', { accounts: 2 }, (test) => {
  for (const api of Object.keys(kProtocols)) {
    test(`${api}: an answer, as it comes`, async ({ gateway }) => {
      await withAgent('pi', async (agent) => {
        const parts = await answers(pi(agent, gateway, api), deltas);
        assert.ok(parts.length > 1, 'the text came in one piece');
      });
    });

    test(`${api}: a turn that runs a command and edits a file`, async ({ gateway, sim }) => {
      await withAgent('pi', async (agent) => {
        await doesAWholeTurn({
          sim,
          agent,
          run: pi(agent, gateway, api),
          offers: '"name":"bash"',
          shell: (command) => ({ function: 'bash', arguments: { command } }),
          edit: (oldText, newText) => ({ function: 'edit', arguments: { path: 'a.txt', edits: [{ oldText, newText }] } }),
        });
      });
    });
  }

  test('shows a picture, and goes on with the session', async ({ gateway, sim }) => {
    await withAgent('pi', async (agent) => {
      const run = pi(agent, gateway, 'openai-responses');
      agent.write('work/pixel.png', Buffer.from(pixelPng, 'base64'));
      await sim.script([{ text: 'One red pixel.' }]);
      await run('@pixel.png', 'what is it?');
      await answers((prompt) => run('--continue', prompt), deltas);
      assert.match(JSON.stringify((await sim.lastRequest()).body.input), /data:image\/.*One red pixel\./);
    });
  });
});
