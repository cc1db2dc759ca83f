// The real Continue CLI, with the two of its providers that keep to a base URL.
import { nodeModule } from '../support/agent.mjs';
import { kModel } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { answers, doesAWholeTurn, withAgent } from '../support/turn.mjs';
import { eventually } from '../support/wait.mjs';

const kCli = nodeModule('@continuedev/cli/dist/cn.js');
// What it speaks goes by its provider and by how the model's name begins.
const kProtocols = {
  openai_responses: { provider: 'openai', model: kModel },
  openai_chat: { provider: 'openai', model: `codex:${kModel}` },
  anthropic: { provider: 'anthropic', model: kModel },
};

function cn(agent, gateway, protocol) {
  const models = [{ name: 'patchbay', ...kProtocols[protocol], apiBase: `http://127.0.0.1:${gateway.port}/v1`, apiKey: gateway.key, roles: ['chat'] }];
  // JSON is YAML, too.
  const config = agent.write('home/.continue/config.yaml', { name: 'patchbay', version: '1.0.0', schema: 'v1', models });
  const env = { CONTINUE_TELEMETRY_ENABLED: '0' };
  return (...args) => agent.run(process.execPath, [kCli, '-p', '--auto', '--config', config, ...args], { env });
}

suite('Continue', { accounts: 2 }, (test) => {
  for (const protocol of Object.keys(kProtocols)) {
    // It asks for a stream, and prints what came when that has ended.
    test(`${protocol}: an answer`, async ({ gateway }) => {
      const from = gateway.logs.length;
      await withAgent('cn', (agent) => answers(cn(agent, gateway, protocol), (stdout) => [stdout]));
      await eventually('the call in the log', () => gateway.logs.slice(from).includes(`"dialect":"${protocol}"`));
    });

    test(`${protocol}: a turn that runs a command and edits a file`, async ({ gateway, sim }) => {
      await withAgent('cn', (agent) =>
        doesAWholeTurn({
          sim,
          agent,
          run: cn(agent, gateway, protocol),
          offers: '"name":"Bash"',
          shell: (command) => ({ function: 'Bash', arguments: { command } }),
          read: () => ({ function: 'Read', arguments: { filepath: `${agent.work}/a.txt` } }),
          edit: (old_string, new_string) => ({ function: 'MultiEdit', arguments: { file_path: `${agent.work}/a.txt`, edits: [{ old_string, new_string }] } }),
        }));
    });
  }
});
