// Providers as rows: one that only a configuration file knows, keys as accounts, and what is wrong with either.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { chat } from '../support/bodies.mjs';
import { Gateway, merge } from '../support/gateway.mjs';
import { TinyProvider } from '../support/tiny_provider.mjs';
import { suite } from '../support/suite.mjs';
import { eventually, within } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';

const tiny = new TinyProvider();
before(() => tiny.start());
after(() => tiny.stop());

// What makes a provider of a server that nobody has heard of.
const rowOf = (more = {}) => ({ base_url: tiny.baseUrl, allow_private: true, dialect: 'codex', ...more });
const withRows = (gateway, providers) => merge(gateway.config, { providers });

async function reloaded(gateway, config) {
  gateway.writeConfig(config);
  await gateway.json(['reload']);
}

async function addKey(gateway, provider, key, ...more) {
  gateway.secrets.add(key);
  return (await gateway.json(['accounts', 'add', '--provider', provider, '--key-file', '-', ...more], { input: `${key}\n` })).account;
}

suite('a provider that only a row knows', { accounts: 0 }, (test) => {
  test('is listed, and its key is an account', async ({ gateway, client }) => {
    await reloaded(gateway, withRows(gateway, { mine: rowOf({ auth: { key_in: 'x-api-key' }, headers: { 'X-Team': 'blue' } }) }));
    const list = await gateway.cli(['providers', 'list', '--config', gateway.configFile]);
    assert.match(list.stdout, /mine +mine +codex +key/);
    assert.match(list.stdout, /ollama +Ollama +openai_chat +nothing/);
    const account = await addKey(gateway, 'mine', 'key-of-mine-0001', '--label', 'blue');
    assert.equal(account.provider, 'mine');
    assert.equal(account.label, 'blue');

    await eventually('its model in the list', async () => (await client.get('/v1/models')).json().data.some((model) => model.id === 'tiny-1'));
    const answer = await client.post(kPath, chat('hello', { model: 'tiny-1' }));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json().choices[0].message.content, 'tiny says hi');

    const [call] = tiny.asked('/responses');
    assert.equal(call.headers['x-api-key'], 'key-of-mine-0001');
    assert.equal(call.headers.authorization, undefined);
    assert.match(call.headers['user-agent'], /^patchbay\//);
    assert.equal(call.headers['x-team'], 'blue');
    for (const name of Object.keys(call.headers)) assert.doesNotMatch(name, /codex|chatgpt|originator|session/);
    assert.equal(JSON.parse(call.body).model, 'tiny-1');
    assert.equal(tiny.asked('/models')[0].headers['x-api-key'], 'key-of-mine-0001');

    const row = await gateway.usageOf(answer.headers['x-request-id']);
    assert.equal(row.provider, 'mine');
    assert.equal(row.wire_model, 'tiny-1');
    assert.equal(row.account, account.ref);
  });

  test('is named by a prefix, also for models that it does not list', async ({ gateway, client }) => {
    for (const model of ['mine/tiny-1', 'mine:tiny-1', 'mine/brand-new']) {
      const answer = await client.post(kPath, chat('hello', { model }));
      assert.equal(answer.status, 200, answer.text);
    }
    assert.equal(JSON.parse(tiny.asked('/responses').at(-1).body).model, 'brand-new');
    const explained = await gateway.json(['accounts', 'explain', '--model', 'mine/brand-new']);
    assert.equal(explained.accounts.find((account) => account.eligible)?.account, explained.chosen);
    const nobody = await client.post(kPath, chat('hello', { model: 'groq/llama-9' }));
    assert.equal(nobody.status, 503, nobody.text);
    assert.match(nobody.json().error.message, /no account is configured/);
  });

  test('has its key in the query where the row says so, and nowhere in the log', async ({ gateway, client }) => {
    await reloaded(gateway, withRows(gateway, { mine: rowOf({ auth: { key_in: 'query', query_name: 'api_key' }, headers: {} }) }));
    assert.equal((await client.post(kPath, chat('hello', { model: 'mine/tiny-1' }))).status, 200);
    const call = tiny.asked('/responses').at(-1);
    assert.equal(call.url, '/v1/responses?api_key=key-of-mine-0001');
    assert.equal(call.headers['x-api-key'], undefined);
    await reloaded(gateway, withRows(gateway, { mine: rowOf({ auth: { key_in: 'authorization' } }) }));
  });

  test('rotates: where one key is refused another takes over, in the same request', async ({ gateway, client }) => {
    await addKey(gateway, 'mine', 'key-of-mine-0002');
    let refused;
    tiny.refuse = ({ headers }) => {
      refused ??= headers.authorization;
      if (headers.authorization !== refused) return undefined;
      return { status: 401, body: { error: { message: `Incorrect API key provided: ${refused.slice('Bearer '.length)}`, code: 'invalid_api_key' } } };
    };
    const answer = await client.post(kPath, chat('hello', { model: 'mine/tiny-1' }));
    tiny.refuse = () => undefined;
    assert.equal(answer.status, 200, answer.text);
    assert.notEqual(tiny.asked('/responses').at(-1).headers.authorization, refused);
    const { accounts } = await gateway.json(['accounts', 'explain', '--model', 'mine/tiny-1']);
    const mine = accounts.filter(({ reason }) => !reason.startsWith('belongs to'));
    assert.equal(mine.length, 2);
    assert.match(mine.find(({ eligible }) => !eligible).reason, /its key is refused; add another/);
    assert.doesNotMatch(JSON.stringify(accounts), /key-of-mine/);
  });

  test('serves without a key where it wants none', async ({ gateway, client }) => {
    await reloaded(gateway, withRows(gateway, { open: rowOf({ auth: { mode: 'none' } }) }));
    const { account } = await gateway.json(['accounts', 'add', '--provider', 'open']);
    assert.equal(account.provider, 'open');
    assert.equal((await client.post(kPath, chat('hello', { model: 'open/tiny-1' }))).status, 200);
    assert.equal(tiny.asked('/responses').at(-1).headers.authorization, undefined);
  });
});

suite('keys that the configuration names', { accounts: 0, env: { TINY_KEY: 'key-from-the-environment' } }, (test) => {
  const keysOf = async (gateway) => (await gateway.listAccounts()).map((account) => account.configured_by).sort();

  test('are accounts while it names them', async ({ gateway, client }) => {
    const file = path.join(gateway.directory, 'tiny.key');
    writeFileSync(file, 'key-from-a-file\n');
    for (const secret of ['key-from-a-file', 'key-from-the-environment']) gateway.secrets.add(secret);
    await reloaded(gateway, withRows(gateway, { mine: rowOf({ keys: ['${TINY_KEY}', file] }) }));
    await eventually('both accounts', async () => (await keysOf(gateway)).length === 2);
    assert.deepEqual(await keysOf(gateway), ['${TINY_KEY}', file].sort());
    assert.equal((await client.post(kPath, chat('hello', { model: 'mine/tiny-1' }))).status, 200);
    assert.doesNotMatch((await gateway.cli(['config', 'print', '--running'])).stdout, /key-from/);

    const [first] = await gateway.listAccounts();
    const removed = await gateway.cli(['accounts', 'rm', first.ref]);
    assert.equal(removed.code, 1);
    assert.match(removed.stderr, /the configuration names its key \(providers\.mine\.keys: /);
  });

  test('stay the same accounts over a restart of the process that holds them', async ({ gateway, client }) => {
    const refs = async () => (await gateway.listAccounts()).map((account) => account.ref).sort();
    const before = await refs();
    await gateway.kill('accounts');
    await eventually('accounts to be back', async () => (await gateway.worker('accounts')).state === 'WORKER_STATE_READY');
    assert.equal((await client.post(kPath, chat('hello', { model: 'mine/tiny-1' }))).status, 200);
    assert.deepEqual(await refs(), before);
  });

  test('leave when it names them no more', async ({ gateway, client }) => {
    await reloaded(gateway, withRows(gateway, { mine: rowOf({ keys: ['${TINY_KEY}'] }) }));
    await eventually('one account', async () => (await keysOf(gateway)).length === 1);
    assert.equal((await client.post(kPath, chat('hello', { model: 'mine/tiny-1' }))).status, 200);
    assert.equal(tiny.asked('/responses').at(-1).headers.authorization, 'Bearer key-from-the-environment');
  });

  test('that cannot be read refuse the reload, with the line and what to do', async ({ gateway, client }) => {
    const good = gateway.config;
    const keys = path.join(gateway.directory, 'keys');
    mkdirSync(keys);
    const file = (name, text) => { writeFileSync(path.join(keys, name), text); return path.join(keys, name); };
    const kCases = [
      [path.join(keys, 'nowhere'), /cannot be read: No such file or directory; it must be readable for the user/],
      [file('empty', '\n'), /empty is empty; it must hold one key, alone on one line/],
      [file('two', 'sk-hush-1\nsk-hush-2\n'), /two holds more than one line; it must hold one key/],
      ['${NOT_SET_ANYWHERE}', /the environment variable NOT_SET_ANYWHERE is not set/],
      ['sk-hush-3', /neither \$\{VARIABLE\} nor the absolute path of a file; a key itself does not belong here/],
    ];
    for (const [reference, message] of kCases) {
      writeFileSync(gateway.configFile, `providers:\n  mine: ${JSON.stringify({ ...rowOf(), keys: undefined })}\n  groq:\n    keys: [${JSON.stringify(reference)}]\n`);
      const result = await gateway.cli(['reload']);
      assert.equal(result.code, 1, reference);
      assert.match(result.stderr, /patchbay\.yaml:4: providers\.groq\.keys: /);
      assert.match(result.stderr, message);
      assert.doesNotMatch(result.stderr, /sk-hush/);
    }
    assert.doesNotMatch(gateway.logs, /sk-hush/);
    assert.equal((await client.post(kPath, chat('hello', { model: 'mine/tiny-1' }))).status, 200, 'the one before is in force');
    rmSync(keys, { recursive: true });
    gateway.writeConfig(good);
  });
});

suite('adding a key', { accounts: 0 }, (test) => {
  const add = (gateway, provider, file, options) => gateway.cli(['accounts', 'add', '--provider', provider, '--key-file', file], options);

  test('names what is wrong with its file', async ({ gateway }) => {
    const file = (name, text, mode = 0o600) => {
      const at = path.join(gateway.directory, name);
      writeFileSync(at, text);
      chmodSync(at, mode);
      return at;
    };
    const kCases = [
      [path.join(gateway.directory, 'nowhere'), 1, /cannot open .*nowhere: No such file or directory/],
      [file('blank', ' \n'), 64, /blank is empty: put the key into it, alone on one line/],
      [file('two', 'sk-hush-1\nsk-hush-2'), 64, /two holds more than one line: put one key into it/],
    ];
    for (const [at, code, message] of kCases) {
      const result = await add(gateway, 'groq', at);
      assert.equal(result.code, code, result.stderr);
      assert.match(result.stderr, message);
      assert.doesNotMatch(result.stderr, /sk-hush/);
    }
  });

  test('names what the provider wants', async ({ gateway }) => {
    const without = await gateway.cli(['accounts', 'add', '--provider', 'groq']);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /Groq needs a key; get one at https:\/\/console\.groq\.com\/keys/);
    const nobody = await add(gateway, 'gork', '-', { input: 'sk-1\n' });
    assert.match(nobody.stderr, /unknown provider: gork; `patchbay providers list` shows/);
    const local = await add(gateway, 'ollama', '-', { input: 'sk-1\n' });
    assert.match(local.stderr, /Ollama takes no key; add it without one/);
  });
});

suite('a wrong row', { accounts: 0 }, (test) => {
  const kCases = [
    ['dialect: openai_caht', /:3: providers\.mine\.dialect: 'openai_caht' is not known: it is one of .*did you mean 'openai_chat'/],
    ['dialect: openai_chat, auth: {mode: keys}', /:3: providers\.mine\.auth\.mode: 'keys' is not one of key, oauth, forward, none/],
    ['dialect: openai_chat, base_url: "mine.example"', /:3: providers\.mine\.base_url: 'mine\.example' does not begin with https/],
    ['dialect: openai_chat, base_url: "http://mine.example"', /:3: providers\.mine\.base_url: would send credentials unencrypted; use https/],
    ['dialect: openai_chat, quirk: []', /:3: unknown key 'quirk' in section 'providers\.mine'; did you mean 'quirks'/],
  ];
  const textOf = (row) => `log: {level: info}\nproviders:\n  mine: {${row.includes('base_url') ? '' : 'base_url: "https://mine.example", '}${row}}\n`;

  test('is refused at a reload', async ({ gateway, client }) => {
    const good = gateway.config;
    for (const [row, message] of kCases) {
      writeFileSync(gateway.configFile, textOf(row));
      const result = await gateway.cli(['reload']);
      assert.equal(result.code, 1);
      assert.match(result.stderr, message);
    }
    assert.equal((await client.get('/v1/models')).status, 200);
    gateway.writeConfig(good);
  });

  test('keeps patchbayd from starting', async () => {
    for (const [row, message] of kCases) {
      const other = new Gateway({});
      writeFileSync(other.configFile, textOf(row));
      const program = other.launch();
      const { code } = await within(10_000, 'patchbayd to refuse', program.exited);
      other.destroy();
      assert.equal(code, 64);
      assert.match(program.output, message);
    }
  });
});
