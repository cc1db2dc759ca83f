// The real opencode, with one of the provider packages that it brings for the protocols here.
import { nodeModule } from '../agent.mjs';
import { kModel } from '../bodies.mjs';

export const opencodeBinary = nodeModule('opencode-linux-x64/bin/opencode');
// It says this tool in its turns only, not when it asks for a title.
export const kInTurn = 'todowrite';
export const kPackages = { '@ai-sdk/openai': '/v1', '@ai-sdk/openai-compatible': '/v1', '@ai-sdk/anthropic': '/v1', '@ai-sdk/google': '/v1beta' };

export function opencode(agent, gateway, npm, { key = gateway.key, path = kPackages[npm] } = {}) {
  const models = { [kModel]: { name: kModel, reasoning: true, tool_call: true, modalities: { input: ['text', 'image'], output: ['text'] }, limit: { context: 200_000, output: 8_000 } } };
  agent.write('home/.config/opencode/opencode.json', {
    autoupdate: false,
    share: 'disabled',
    permission: { '*': 'allow' },
    provider: { patchbay: { npm, name: 'patchbay', options: { baseURL: `http://127.0.0.1:${gateway.port}${path}`, apiKey: '{env:PATCHBAY_KEY}' }, models } },
  });
  const env = { PATCHBAY_KEY: key, OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' };
  return (...args) => agent.run(opencodeBinary, ['run', '-m', `patchbay/${kModel}`, '--format', 'json', ...args], { env, ms: 180_000 });
}

/** What doesAWholeTurn has to know of it. */
export const editsWithOpencode = {
  offers: kInTurn,
  shell: (command) => ({ function: 'bash', arguments: { command, description: 'Writes a file' } }),
  edit: (from, to) => ({ function: 'apply_patch', arguments: { patchText: `*** Begin Patch\n*** Update File: a.txt\n@@\n-${from}\n+${to}\n*** End Patch` } }),
};
