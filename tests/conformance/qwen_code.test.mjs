// The real Qwen Code, with each of the four protocols that it speaks.
import assert from 'node:assert/strict';
import { nodeModule } from '../support/agent.mjs';
import { kModel } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { answers, doesAWholeTurn, jsonLines, withAgent } from '../support/turn.mjs';

const kCli = nodeModule('@qwen-code/qwen-code/cli-entry.js');
const kProtocols = {
  openai: (origin, key) => ({ OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: key }),
  'openai-responses': (origin, key) => ({ OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: key }),
  anthropic: (origin, key) => ({ ANTHROPIC_BASE_URL: origin, ANTHROPIC_API_KEY: key, ANTHROPIC_MODEL: kModel }),
  gemini: (origin, key) => ({ GOOGLE_GEMINI_BASE_URL: origin, GEMINI_API_KEY: key, GEMINI_MODEL: kModel }),
};

function qwen(agent, gateway, type) {
  agent.write('home/.qwen/settings.json', { privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false }, general: { enableAutoUpdate: false }, memory: { enableManagedAutoMemory: false } });
  const env = kProtocols[type](`http://127.0.0.1:${gateway.port}`, gateway.key);
  return (...args) => agent.run(process.execPath, [kCli, '--auth-type', type, '-m', kModel, '--yolo', '-o', 'stream-json', '--include-partial-messages', ...args], { env });
}

const deltas = (stdout) => jsonLines(stdout).filter((line) => line.event?.delta?.type === 'text_delta').map((line) => line.event.delta.text);

suite('Qwen Code', { accounts: 2 }, (test) => {
  for (const type of Object.keys(kProtocols)) {
    test(`${type}: an answer, as it comes`, async ({ gateway }) => {
      await withAgent('qwen', async (agent) => {
        const parts = await answers(qwen(agent, gateway, type), deltas);
        assert.ok(parts.length > 1, 'the text came in one piece');
      });
    });

    test(`${type}: a turn that runs a command and edits a file`, async ({ gateway, sim }) => {
      await withAgent('qwen', async (agent) => {
        await doesAWholeTurn({
          sim,
          agent,
          run: qwen(agent, gateway, type),
          offers: '"name":"run_shell_command"',
          shell: (command) => ({ function: 'run_shell_command', arguments: { command, is_background: false } }),
          read: () => ({ function: 'read_file', arguments: { file_path: `${agent.work}/a.txt` } }),
          edit: (old_string, new_string) => ({ function: 'edit', arguments: { file_path: `${agent.work}/a.txt`, old_string, new_string } }),
        });
      });
    });
  }
});
