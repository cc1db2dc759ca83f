// Every RPC of every service, called as every role that may not: refused. Real tokens are taken where a compromised
// worker would find them.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RawGrpc, loadContracts, methodsOf } from '../support/contracts.mjs';
import { environmentOf } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { repository } from '../support/program.mjs';

const kWorkers = ['frontend', 'accounts', 'upstream', 'ollama'];
const kRefused = ['PERMISSION_DENIED', 'UNAUTHENTICATED'];

// Who may call what, once more and by hand: this table and the one in lib/rpc/roles.cc must not drift together.
const kServices = {
  'patchbay.worker.v1.Supervision': { socket: 'supervisor', roles: kWorkers },
  'patchbay.accounts.v1.Leasing': { socket: 'accounts', roles: ['frontend'] },
  'patchbay.accounts.v1.Credentials': { socket: 'accounts', roles: ['upstream'] },
  'patchbay.accounts.v1.ClientKeys': { socket: 'accounts', roles: ['frontend'] },
  'patchbay.accounts.v1.Quotas': { socket: 'accounts', roles: ['frontend'] },
  'patchbay.accounts.v1.Models': { socket: 'accounts', roles: ['frontend'] },
  'patchbay.accounts.v1.AccountAdmin': { socket: 'accounts', roles: [] },
  'patchbay.upstream.v1.Upstream': { socket: 'upstream', roles: { Call: ['frontend'], Socket: ['frontend'], Fetch: ['accounts'], ReadError: ['accounts'], CallersUsage: ['frontend'], Notify: [] } },
  'patchbay.gateway.v1.Gateway': { socket: 'frontend', roles: ['ollama'] },
  'patchbay.gateway.v1.Relay': { socket: 'frontend', roles: ['ollama'] },
  'patchbay.gateway.v1.Recorder': { socket: 'frontend', roles: [] },
  'patchbay.admin.v1.Admin': { socket: 'admin', roles: [] },
};

const methods = methodsOf(loadContracts());

const allowed = ({ service, name }) => {
  const { roles } = kServices[service];
  return Array.isArray(roles) ? roles : roles[name];
};

suite('roles', { accounts: 1 }, (test) => {
  const open = (gateway, name) => new RawGrpc(path.join(gateway.runtimeDir, `${name}.sock`));

  async function tokens(gateway) {
    const found = {};
    for (const name of kWorkers) found[name] = environmentOf(await gateway.workerPid(name)).PATCHBAY_ROLE_TOKEN;
    for (const token of Object.values(found)) gateway.secrets.add(token);
    return found;
  }

  test('every service of the contracts is in the table of this test', () => {
    assert.deepEqual([...new Set(methods.map((method) => method.service))].sort(), Object.keys(kServices).sort());
    for (const method of methods) assert.ok(allowed(method), method.path);
  });

  test('no RPC answers a caller without a token, or with one that is not ours', async ({ gateway }) => {
    const real = (await tokens(gateway)).frontend;
    const [payload, signature] = real.split('.');
    const claim = Buffer.from(payload, 'base64url').toString();
    const promoted = Buffer.from(claim.replace('frontend', 'supervisor')).toString('base64url');
    const forged = {
      nothing: undefined,
      empty: '',
      garbage: 'garbage',
      'a promoted payload': `${promoted}.${signature}`,
      'another signature': `${payload}.${Buffer.alloc(64, 1).toString('base64url')}`,
      'no signature': `${payload}.`,
      huge: 'x'.repeat(6000),
    };
    for (const [socket, mine] of Object.entries(Object.groupBy?.(methods, ({ service }) => kServices[service].socket) ?? bySocket())) {
      const client = open(gateway, socket);
      for (const method of mine) {
        for (const [what, token] of Object.entries(forged)) {
          if (socket === 'admin' && token === undefined) continue; // that is the operator
          const { code } = await client.call(method, [{}], { token });
          assert.ok(kRefused.includes(code), `${method.path} with ${what}: ${code}`);
        }
      }
      client.close();
    }
  });

  test('no RPC answers a worker that is not meant to call it', async ({ gateway }) => {
    const real = await tokens(gateway);
    for (const method of methods) {
      const client = open(gateway, kServices[method.service].socket);
      for (const role of kWorkers.filter((each) => !allowed(method).includes(each))) {
        const { code, details } = await client.call(method, [{}], { token: real[role] });
        assert.ok(kRefused.includes(code), `${method.path} as ${role}: ${code} ${details}`);
      }
      client.close();
    }
  });

  test('the relay on the admin socket is for the operator only', async ({ gateway }) => {
    const real = await tokens(gateway);
    const client = open(gateway, 'admin');
    for (const method of methods.filter(({ service }) => service === 'patchbay.accounts.v1.AccountAdmin')) {
      for (const role of kWorkers) {
        const { code } = await client.call(method, [{}], { token: real[role] });
        assert.ok(kRefused.includes(code), `${method.path} as ${role}: ${code}`);
      }
    }
    for (const service of ['patchbay.accounts.v1.Leasing', 'patchbay.accounts.v1.Credentials', 'patchbay.upstream.v1.Upstream', 'patchbay.worker.v1.Supervision']) {
      for (const method of methods.filter((each) => each.service === service)) {
        const { code } = await client.call(method, [{}]);
        assert.ok([...kRefused, 'UNIMPLEMENTED'].includes(code), `${method.path} on the admin socket: ${code}`);
      }
    }
    client.close();
  });

  test('who may call does get in', async ({ gateway }) => {
    const real = await tokens(gateway);
    const ask = async (socket, service, name, token) => {
      const client = open(gateway, socket);
      const method = methods.find((each) => each.service === service && each.name === name);
      const result = await client.call(method, [{}], { token, enough: method.definition.responseStream ? 1 : Infinity, ms: 3000 });
      client.close();
      return result;
    };
    assert.equal((await ask('admin', 'patchbay.admin.v1.Admin', 'GetStatus')).code, 'OK');
    assert.equal((await ask('admin', 'patchbay.accounts.v1.AccountAdmin', 'ListAccounts')).code, 'OK');
    assert.equal((await ask('accounts', 'patchbay.accounts.v1.Models', 'ListModels', real.frontend)).code, 'OK');
    assert.equal((await ask('frontend', 'patchbay.gateway.v1.Gateway', 'ListModels', real.ollama)).code, 'OK');
    const keys = await ask('accounts', 'patchbay.accounts.v1.ClientKeys', 'Watch', real.frontend);
    assert.equal(keys.replies.length, 1);
  });

  test('what a worker may watch holds no more than it needs', async ({ gateway }) => {
    const real = await tokens(gateway);
    const client = open(gateway, 'accounts');
    const watch = methods.find(({ path: name }) => name === '/patchbay.accounts.v1.ClientKeys/Watch');
    const { replies } = await client.call(watch, [{}], { token: real.frontend, enough: 2, ms: 1000 });
    assert.ok(!JSON.stringify(replies).includes(gateway.key));
    const list = methods.find(({ path: name }) => name === '/patchbay.accounts.v1.AccountAdmin/ListAccounts');
    const admin = open(gateway, 'admin');
    const shown = JSON.stringify((await admin.call(list)).replies);
    for (const secret of gateway.accounts[0].secrets) assert.ok(!shown.includes(secret) && !shown.includes(Buffer.from(secret).toString('base64')));
    client.close();
    admin.close();
  });

  test('the table in lib/rpc/roles.cc names every method', () => {
    const file = path.join(repository, 'lib/rpc/roles.cc');
    assert.ok(existsSync(file));
    const table = readFileSync(file, 'utf8');
    for (const { service, path: name } of methods) assert.ok(table.includes(`"${name}"`) || table.includes(`"/${service}/"`), name);
  });

  function bySocket() {
    const groups = {};
    for (const method of methods) (groups[kServices[method.service].socket] ??= []).push(method);
    return groups;
  }
});
