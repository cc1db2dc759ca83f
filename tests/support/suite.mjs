// A group of tests around one gateway and one simulated provider. A failed test shows what the gateway logged meanwhile.
import { after, before, describe, test } from 'node:test';
import { startGateway } from './gateway.mjs';
import { startSim } from './sim.mjs';

/**
 * suite('chat', {accounts: 2, config: {…}}, (test) => { test('streams', async ({gateway, sim, client}) => …); });
 * Tests of one suite run one after another.
 */
export function suite(name, options, define) {
  describe(name, { concurrency: false, skip: options.skip ?? false }, () => {
    const context = {};
    before(async () => {
      context.sim = await startSim(options.sim);
      try {
        context.gateway = await startGateway({ ...options, sim: context.sim });
      } catch (error) {
        await context.sim.stop();
        throw error;
      }
      Object.defineProperty(context, 'client', { configurable: true, get: () => context.gateway.client });
    });
    after(async () => {
      try {
        await context.gateway?.stop();
      } finally {
        await context.sim?.stop();
      }
    });
    define((title, ...rest) => {
      const body = rest.pop();
      test(title, rest[0] ?? {}, async (t) => {
        const from = context.gateway.logs.length;
        try {
          await context.sim.reset();
          await body({ ...context, client: context.gateway.client, t });
        } catch (error) {
          console.error(`--- log of '${title}' ---\n${context.gateway.logs.slice(from).slice(-6000)}`);
          throw error;
        }
      });
    });
  });
}
