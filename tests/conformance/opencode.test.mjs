// The real opencode, with each of the provider packages that it brings for the protocols here.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { editsWithOpencode, kInTurn, kPackages, opencode, opencodeBinary } from '../support/agents/opencode.mjs';
import { pixelPng } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { answers, doesAWholeTurn, jsonLines, withAgent } from '../support/turn.mjs';

const texts = (stdout) => jsonLines(stdout).filter((event) => event.type === 'text').map((event) => event.part.text);

suite('opencode', { accounts: 2, skip: !existsSync(opencodeBinary) }, (test) => {
  for (const npm of Object.keys(kPackages)) {
    test(`${npm}: a turn that runs a command and edits a file`, async ({ gateway, sim }) => {
      await withAgent('opencode', (agent) =>
        doesAWholeTurn({
          sim,
          agent,
          run: opencode(agent, gateway, npm),
          ...editsWithOpencode,
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
