// The real Codex CLI, over HTTP or over WebSocket.
import assert from 'node:assert/strict';
import { Agent, nodeModule } from '../agent.mjs';
import { kModel } from '../bodies.mjs';
import { jsonLines } from '../turn.mjs';

export const codexBinary = nodeModule('@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex');

export const patchOf = (lines) => `*** Begin Patch\n${lines.join('\n')}\n*** End Patch\n`;

export function codexSettings(gateway, { path = '/v1', retries = 0, name = 'gateway', model = kModel, search = false, websocket = false, extra = '', more = '' } = {}) {
  return `model = "${model}"
model_provider = "gateway"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
${search ? 'web_search = "live"' : ''}
${extra}
[analytics]
enabled = false
[features]
standalone_web_search = ${search}
[model_providers.gateway]
name = "${name}"
base_url = "http://127.0.0.1:${gateway.port}${path}"
env_key = "GATEWAY_KEY"
wire_api = "responses"
supports_websockets = ${websocket}
supports_standalone_web_search = ${search}
request_max_retries = ${retries}
stream_max_retries = ${retries}
${more}
`;
}

/** One turn in a home of its own; body({agent, run, items, code, stdout, stderr}), `items` being those that were completed. */
export async function codex(gateway, prompt, body, { key = gateway.key, during, prepare, ...options } = {}) {
  const agent = new Agent('codex');
  try {
    agent.write('home/.codex/config.toml', codexSettings(gateway, { ...options, ...prepare?.(agent) }));
    const run = (args) => agent.run(codexBinary, ['exec', ...args], { env: { GATEWAY_KEY: key } });
    const [first] = await Promise.all([run(['--skip-git-repo-check', '--json', prompt]), during?.()]);
    assert.ok(!first.late, `codex did not end: ${first.stdout}${first.stderr}`);
    const items = jsonLines(first.stdout).filter((event) => event.type === 'item.completed').map((event) => event.item);
    await body({ agent, run, ...first, items });
  } finally {
    agent.remove();
  }
}
