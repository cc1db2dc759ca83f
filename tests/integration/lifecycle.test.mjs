// What a worker has, what it may, and how it is replaced without anybody noticing.
// ThreadSanitizer: workers end and come back while others wait for them.
import assert from 'node:assert/strict';
import { readFileSync, readlinkSync } from 'node:fs';
import { chat, chatStream, marked, sequence } from '../support/bodies.mjs';
import { environmentOf, openDescriptors } from '../support/program.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';
import { delay } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const kWorkers = ['frontend', 'accounts', 'upstream', 'ollama'];

const statusField = (pid, name) => readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${name}:\\s*(.*)$`, 'm'))?.[1];

suite('workers', { accounts: 1 }, (test) => {
  test('start with exactly the descriptors that are theirs', async ({ gateway }) => {
    for (const name of kWorkers) {
      const pid = await gateway.workerPid(name);
      const targets = Object.fromEntries(openDescriptors(pid).map((fd) => [fd, readlinkSync(`/proc/${pid}/fd/${fd}`)]));
      assert.equal(targets[0], '/dev/null', name);
      assert.match(targets[1], /^pipe:/, name);
      assert.match(targets[2], /^pipe:/, name);
      const environment = environmentOf(pid);
      const listeners = Number(environment.LISTEN_FDS);
      assert.ok(listeners >= 1 && listeners <= 2, `${name}: ${listeners} listeners`);
      for (let fd = 3; fd < 3 + listeners; ++fd) assert.match(targets[fd], /^socket:/, `${name}: ${fd}`);
      // What it opened itself: sockets, epoll, eventfd, timers, its own files. Nothing of its siblings or of the operator.
      const foreign = Object.values(targets).filter((target) => !/^(socket:|pipe:|anon_inode:|\/dev\/(null|urandom|random)|\/proc\/)/.test(target) && !target.startsWith(gateway.stateDir) && !target.startsWith('/etc/') && !target.startsWith('/usr/'));
      assert.deepEqual(foreign, [], name);
    }
  });

  test('have an environment with nothing of the operator and no secret but their own', async ({ gateway }) => {
    const tokens = new Set();
    for (const name of kWorkers) {
      const environment = environmentOf(await gateway.workerPid(name));
      const allowed = /^(PATCHBAY_(SUPERVISOR|WORKER|GENERATION|ROLE_TOKEN|\w+)|LISTEN_\w+|PATH|HOME|LANG|LC_\w+|TZ|TZDIR|TMPDIR|USER|LOGNAME|(A|T|UB|L)SAN_OPTIONS|GRPC_\w+|\w+_proxy|\w+_PROXY|SSL_CERT_\w+|CREDENTIALS_DIRECTORY|STATE_DIRECTORY|RUNTIME_DIRECTORY|MALLOC_\w+|GCOV_\w+|LD_LIBRARY_PATH)$/;
      assert.deepEqual(Object.keys(environment).filter((variable) => !allowed.test(variable)), [], name);
      assert.equal(environment.PATCHBAY_WORKER, name);
      assert.ok(environment.PATCHBAY_ROLE_TOKEN);
      tokens.add(environment.PATCHBAY_ROLE_TOKEN);
      const text = JSON.stringify(environment);
      for (const account of gateway.accounts) for (const secret of account.secrets) assert.ok(!text.includes(secret), name);
    }
    assert.equal(tokens.size, kWorkers.length);
  });

  test('show no secret on their command lines', async ({ gateway }) => {
    for (const name of kWorkers) {
      const line = readFileSync(`/proc/${await gateway.workerPid(name)}/cmdline`, 'latin1');
      for (const secret of gateway.secrets) assert.ok(!line.includes(secret), name);
    }
  });

  test('run in a sandbox: no new privileges, and a filter where the plan wants one', async ({ gateway }) => {
    for (const name of kWorkers) {
      const pid = await gateway.workerPid(name);
      assert.equal(statusField(pid, 'NoNewPrivs'), '1', name);
      assert.equal(statusField(pid, 'Seccomp'), '2', `${name} has no seccomp filter`);
    }
  });

  test('leave no core dump and cannot be traced', async ({ gateway }) => {
    for (const name of kWorkers) {
      const limits = readFileSync(`/proc/${await gateway.workerPid(name)}/limits`, 'utf8');
      assert.match(limits, /Max core file size\s+0\s/, name);
    }
  });
});

suite('restarts under load', { accounts: 1, config: { accounts: { slots_per_account: 200 } } }, (test) => {
  for (const name of ['frontend', 'upstream', 'accounts', 'ollama']) {
    test(`a requested restart of ${name} refuses and breaks nothing`, async ({ gateway, client }) => {
      let stop = false;
      const failures = [];
      let finished = 0;
      // Every request on a fresh connection: a refused connect would show.
      const fresh = client.with({ keepAlive: false });
      const clients = Array.from({ length: 16 }, async (_, i) => {
        while (!stop) {
          try {
            const stream = await fresh.stream(kPath, chatStream(marked('text', { events: 20, seq: 1, interval_ms: 5 }, `client ${i}`)));
            await stream.all();
            if (stream.status !== 200 || chatOutcome(stream.json).text !== sequence(20) || !stream.finishedWithDone) {
              failures.push(`${stream.status} ${stream.cut ?? ''} ${stream.body.toString().slice(-200)}`);
            }
            ++finished;
          } catch (error) {
            failures.push(String(error));
          }
        }
      });
      for (let round = 0; round < 3; ++round) {
        await delay(150);
        await gateway.json(['workers', 'restart', name]);
      }
      await delay(150);
      stop = true;
      await Promise.all(clients);
      fresh.close();
      assert.deepEqual(failures, []);
      assert.ok(finished > 20, `only ${finished} streams`);
      assert.equal((await client.post(kPath, chat('hi'))).status, 200);
    });
  }
});
