// Under systemd: sockets that are passed in, notifications, the fd store, and units that hold up to systemd's own tools.
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Client } from '../support/http.mjs';
import { Gateway } from '../support/gateway.mjs';
import { binary, repository, run } from '../support/program.mjs';
import { eventually } from '../support/wait.mjs';

function launched(options = []) {
  const gateway = new Gateway({ wrapper: [binary('patchbay-test-launch'), ...options, '--'] });
  return gateway;
}
const lines = (gateway, prefix) => gateway.logs.split('\n').filter((line) => line.startsWith(prefix));

test('takes the sockets that systemd passes and tells how it goes', async (t) => {
  const gateway = launched(['--listen', 'http=0', '--listen', 'ollama=0']);
  t.after(() => gateway.destroy());
  await gateway.start();
  const passed = Number(lines(gateway, 'listen http ')[0].split(' ')[2]);
  assert.equal(gateway.port, passed);
  assert.equal((await new Client({ port: passed, keepAlive: false }).get('/health')).status, 200);
  await eventually('READY=1', () => lines(gateway, 'notify READY=1').length === 1);
  assert.ok(lines(gateway, 'notify STATUS=').length >= 1);

  gateway.program.signal('SIGHUP');
  await eventually('RELOADING=1 and READY=1 again', () => lines(gateway, 'notify RELOADING=1').length === 1 && lines(gateway, 'notify READY=1').length === 2);
  assert.ok(lines(gateway, 'notify MONOTONIC_USEC=').length >= 1, 'Type=notify-reload wants the time');
  await gateway.stop();
  assert.equal(lines(gateway, 'notify STOPPING=1').length, 1);
});

test('feeds the watchdog when there is one', async (t) => {
  const gateway = new Gateway({ env: { WATCHDOG_USEC: '400000' }, wrapper: [binary('patchbay-test-launch'), '--'] });
  t.after(() => gateway.destroy());
  await gateway.start();
  await eventually('three signs of life', () => lines(gateway, 'notify WATCHDOG=1').length >= 3);
  await gateway.stop();
});

test('finds its sockets again in the fd store after it was killed', async (t) => {
  const gateway = launched(['--restart']);
  t.after(() => gateway.destroy());
  await gateway.start();
  const { port } = gateway;
  assert.ok(lines(gateway, 'stored ').length >= 1, 'nothing was put into the store');
  const [pid] = lines(gateway, 'started ').map((line) => Number(line.split(' ')[1]));
  process.kill(pid, 'SIGKILL');
  await eventually('the second start', () => lines(gateway, 'started ').length === 2);
  await gateway.ready();
  assert.equal(gateway.port, port, 'the port changed');
  await gateway.stop();
});

const unitDirectory = path.join(repository, 'systemd');
const units = existsSync(unitDirectory) ? readdirSync(unitDirectory).filter((name) => /\.(service|socket)$/.test(name)) : [];

test('the units please systemd-analyze verify', { skip: units.length === 0 && 'no units' }, async () => {
  const result = await run('systemd-analyze', ['verify', '--man=no', ...units.map((name) => path.join(unitDirectory, name))]);
  const complaints = result.stderr.split('\n').filter((line) => line && !/Command .* is not executable|No such file or directory/.test(line));
  assert.deepEqual(complaints, []);
});

test('the services are exposed 2.0 at most', { skip: units.length === 0 && 'no units' }, async () => {
  for (const name of units.filter((unit) => unit.endsWith('.service'))) {
    const result = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', path.join(unitDirectory, name)]);
    const exposure = Number(result.stdout.match(/Overall exposure level[^:]*: ([\d.]+)/)?.[1]);
    assert.ok(exposure <= 2.0, `${name}: ${exposure}\n${result.stdout.slice(-500)}`);
  }
});
