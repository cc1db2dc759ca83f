// kill -9 of the bridge and of each process behind it, in turn, while clients of Ollama chat: an answer is whole, or says
// that it is not; and the next one is whole again.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { kModel, marked, sequence } from '../support/bodies.mjs';
import { OllamaClient, joined, lines } from '../support/ollama.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kEvents = 30;
const kClients = 16;

const options = {
  accounts: 2,
  config: {
    accounts: { slots_per_account: 200, lease_grace: '2s' },
    server: { backoff_initial: '10ms', backoff_max: '200ms' },
  },
};

/** 'whole', 'failed' (and said so) or 'cut' (the connection broke). Anything else is a wrong answer. */
async function chatOnce(ollama) {
  const body = { model: kModel, messages: [{ role: 'user', content: marked('text', { events: kEvents, seq: 1, interval_ms: 5 }) }] };
  let answer;
  try {
    answer = await ollama.post('/api/chat', body);
  } catch {
    return 'cut';
  }
  if (answer.status !== 200) {
    assert.equal(typeof answer.json().error, 'string');
    assert.ok(answer.status >= 500, `${answer.status} ${answer.text}`);
    return 'failed';
  }
  const all = lines(answer.text);
  const { content, last } = joined(all);
  if (last.error) {
    assert.ok(sequence(kEvents).startsWith(content));
    return 'failed';
  }
  assert.equal(content, sequence(kEvents));
  assert.equal(last.done, true);
  return 'whole';
}

suite('ollama under kill -9', options, (test) => {
  for (const name of ['ollama', 'frontend', 'accounts', 'upstream']) {
    test(`of ${name}: no answer is wrong, and the next ones are whole`, async ({ gateway }) => {
      const ollama = new OllamaClient(gateway, { keepAlive: false });
      let stop = false;
      const endings = [];
      const clients = Array.from({ length: kClients }, async () => {
        while (!stop) endings.push(await chatOnce(ollama));
      });
      await eventually('answers', () => endings.length > kClients);
      for (let round = 0; round < 3; ++round) {
        const generation = Number((await gateway.worker(name)).generation);
        await gateway.kill(name);
        await eventually(`${name} to be back`, async () => {
          const worker = await gateway.worker(name);
          return /READY/.test(worker.state) && Number(worker.generation) > generation;
        }, { within: 10_000, every: 20 });
      }
      const before = endings.length;
      await eventually('more answers', () => endings.length > before + 2 * kClients, { within: 20_000 });
      stop = true;
      await Promise.all(clients);
      assert.equal(await chatOnce(ollama), 'whole');
      if (name !== 'ollama') assert.ok(!endings.includes('cut'), 'the bridge itself was not disturbed');
      ollama.close();
    });
  }

  test('of frontend, before the first line: the bridge asks once again, and what each process sent is counted', async ({ gateway, sim }) => {
    const ollama = new OllamaClient(gateway, { keepAlive: false });
    // Rows of what the tests before left behind come a moment later.
    await eventually('the rows of before', async () => {
      const rows = (await gateway.usageRows()).length;
      await sleep(1500);
      return (await gateway.usageRows()).length === rows;
    }, { within: 20_000 });
    const counted = async (outcome) => (await gateway.usageRows()).filter((row) => outcome.test(row.outcome)).length;
    const [whole, lost, sent] = [await counted(/succeeded/i), await counted(/lost/i), (await sim.requests()).length];
    const text = marked('text', { events: kEvents, seq: 1, first_ms: 2000 });
    const body = { model: kModel, messages: [{ role: 'user', content: text }] };
    const answers = Array.from({ length: kClients }, () => ollama.call('/api/chat', body));
    await eventually('every question at the provider', async () => (await sim.requests()).length >= sent + kClients);
    await gateway.kill('frontend');
    for (const { content, last } of await Promise.all(answers)) {
      assert.equal(content, sequence(kEvents));
      assert.equal(last.done, true);
    }
    await eventually('a row of each answer', async () => (await counted(/succeeded/i)) >= whole + kClients, { within: 10_000 });
    await eventually('a row of each question that was lost', async () => (await counted(/lost/i)) >= lost + kClients, { within: 10_000 });
    assert.equal(await counted(/succeeded/i), whole + kClients);
    assert.equal(await counted(/lost/i), lost + kClients);
    ollama.close();
  });
});
