// The real Cline, as a command, with the two of its providers that take a base URL.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { nodeModule } from '../support/agent.mjs';
import { kModel } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { answers, doesAWholeTurn, jsonLines, withAgent } from '../support/turn.mjs';

const binary = nodeModule('@cline/cli-linux-x64/bin/cline');
// Without a daemon in the background that others share.
const env = { CLINE_SESSION_BACKEND_MODE: 'local' };

async function cline(agent, gateway, provider) {
  agent.write('home/.cline/data/settings/global-settings.json', { telemetryOptOut: true, autoUpdateEnabled: false });
  const { code, stdout, stderr } = await agent.run(binary, ['auth', '-p', provider, '-k', gateway.key, '-m', kModel, '-b', `http://127.0.0.1:${gateway.port}/v1`], { env });
  assert.equal(code, 0, stdout + stderr);
  return (prompt) => agent.run(binary, ['--json', prompt], { env });
}

const deltas = (stdout) =>
  jsonLines(stdout).filter((line) => line.event?.type === 'content_start' && line.event.contentType === 'text').map((line) => line.event.text);

suite('Cline', { accounts: 2, skip: !existsSync(binary) }, (test) => {
  for (const provider of ['openai-compatible', 'openai-native']) {
    test(`${provider}: an answer, as it comes`, async ({ gateway }) => {
      await withAgent('cline', async (agent) => {
        const parts = await answers(await cline(agent, gateway, provider), deltas);
        assert.ok(parts.length > 1, 'the text came in one piece');
      });
    });

    test(`${provider}: a turn that runs a command and edits a file`, async ({ gateway, sim }) => {
      await withAgent('cline', async (agent) => {
        await doesAWholeTurn({
          sim,
          agent,
          run: await cline(agent, gateway, provider),
          offers: '"name":"run_commands"',
          shell: (command) => ({ function: 'run_commands', arguments: { commands: [command] } }),
          edit: (from, to) => ({ function: 'apply_patch', arguments: { input: `*** Begin Patch\n*** Update File: a.txt\n@@\n-${from}\n+${to}\n*** End Patch` } }),
        });
      });
    });
  }
});
