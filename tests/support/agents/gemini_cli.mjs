// The real Gemini CLI. It talks to nothing but the gateway: telemetry, updates and usage statistics are off, and its home
// is a temporary directory.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { nodeModule } from '../agent.mjs';
import { kModel } from '../bodies.mjs';
import { removeDirectory, run, temporaryDirectory } from '../program.mjs';

export const kCli = nodeModule('@google/gemini-cli/bundle/gemini.js');
const kSettings = {
  security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  general: { disableAutoUpdate: true, disableUpdateNag: true, enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

function workplace(gateway) {
  const home = temporaryDirectory('gemini');
  mkdirSync(path.join(home, '.gemini'));
  mkdirSync(path.join(home, 'work'));
  writeFileSync(path.join(home, '.gemini/settings.json'), JSON.stringify(kSettings));
  writeFileSync(path.join(home, 'work/notes.txt'), 'colour = red\n');
  const env = {
    HOME: home,
    GEMINI_API_KEY: gateway.key,
    GOOGLE_GEMINI_BASE_URL: `http://127.0.0.1:${gateway.port}`,
    GEMINI_CLI_NO_RELAUNCH: 'true',
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
    NO_COLOR: '1',
  };
  const cli = (...args) => run(process.execPath, [kCli, ...args], { cwd: path.join(home, 'work'), env, timeout: 120_000 });
  return { home, cli, file: (name) => path.join(home, 'work', name) };
}

/** A test's body with such a place: {cli, home, file} besides what its suite gives. */
export const withCli = (body) => async (context) => {
  const place = workplace(context.gateway);
  try {
    await body({ ...context, ...place });
  } finally {
    removeDirectory(place.home);
  }
};

export const promptOf = (text, model = kModel) => ['-p', text, '-m', model, '-o', 'json', '--approval-mode', 'yolo'];
