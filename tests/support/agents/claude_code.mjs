// Claude Code itself, headless.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { nodeModule } from '../agent.mjs';
import { kModel } from '../bodies.mjs';
import { removeDirectory, run, temporaryDirectory } from '../program.mjs';

const claude = nodeModule('@anthropic-ai/claude-code-linux-x64/claude');

/** A home and a working directory that are thrown away; nothing in it may talk to anybody but the gateway. */
export function claudeCode(gateway, extra = {}) {
  const directory = temporaryDirectory('claude');
  const home = path.join(directory, 'home');
  const work = path.join(directory, 'work');
  for (const each of [home, work]) mkdirSync(each);
  const env = {
    HOME: home,
    CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${gateway.port}`,
    ANTHROPIC_API_KEY: gateway.key,
    ANTHROPIC_MODEL: kModel,
    ANTHROPIC_SMALL_FAST_MODEL: kModel,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    CLAUDE_CODE_MAX_RETRIES: '0',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_TELEMETRY: '1',
    DISABLE_ERROR_REPORTING: '1',
    IS_SANDBOX: '1',
    // Whatever it might still want to reach, it reaches nobody.
    HTTPS_PROXY: 'http://127.0.0.1:9',
    HTTP_PROXY: 'http://127.0.0.1:9',
    NO_PROXY: '127.0.0.1',
    ANTHROPIC_AUTH_TOKEN: undefined,
    ANTHROPIC_CUSTOM_HEADERS: undefined,
    ...extra,
  };
  return { work, remove: () => removeDirectory(directory), claude: (prompt, ...args) => run(claude, ['-p', prompt, '--output-format', 'json', '--permission-mode', 'acceptEdits', '--allowedTools', 'Bash', 'Write', 'Read', 'Edit', ...args], { env, cwd: work, timeout: 120_000 }) };
}

/** What it said in the end, as JSON. */
export function resultOf({ code, stdout, stderr }) {
  assert.ok(stdout.trim(), `claude said nothing (exit ${code}): ${stderr.slice(-1000)}`);
  return JSON.parse(stdout);
}
