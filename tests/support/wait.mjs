// Waiting for what a test expects, with a bound and never by sleeping "long enough".
// PATCHBAY_TEST_SLOWDOWN stretches every bound: sanitizer builds are several times slower.
import { setTimeout as delay } from 'node:timers/promises';

export const slowdown = Math.max(1, Number(process.env.PATCHBAY_TEST_SLOWDOWN ?? 1));

/** A bound in milliseconds, stretched for slow builds. */
export const bound = (ms) => ms * slowdown;

export { delay };

/**
 * Calls `probe` until it answers something truthy and returns that. An exception counts as "not yet"; the last one is
 * shown when the bound passes.
 */
export async function eventually(what, probe, { within = 5000, every = 10 } = {}) {
  const deadline = Date.now() + bound(within);
  let last;
  for (;;) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`${what}: not within ${bound(within)} ms; last seen: ${seen}`);
    }
    await delay(every);
  }
}

/** `promise`, or an error that says what was waited for when the bound passes. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${bound(ms)} ms`)), bound(ms));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function percentile(values, p) {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((p / 100) * sorted.length))];
}
