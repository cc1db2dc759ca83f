// From what was measured to what is printed: medians of the rounds, tables, what a change brought, and the aims.

export const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length % 2 ? sorted[(sorted.length - 1) / 2] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
}

/**
 * One result of several rounds. Memory is the largest of them: a process keeps what it once had, so only its first round grows.
 */
export function medians(results, merge = median) {
  const [first] = results;
  const merged = {};
  for (const [key, value] of Object.entries(first)) {
    const all = results.map((result) => result[key]);
    if (typeof value === 'number') merged[key] = merge(all);
    else if (value && typeof value === 'object') merged[key] = medians(all, key === 'rss_per_stream' ? (numbers) => Math.max(...numbers) : merge);
  }
  return merged;
}

export const fixed = (number, digits = 0) => (Number.isFinite(number) ? number.toFixed(digits) : '–');
const sum = (costs) => Object.values(costs).reduce((total, each) => total + each, 0);
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const parts = (costs, digits = 0, unit = 1) => Object.entries(costs).filter(([, cost]) => cost > 0).map(([name, cost]) => `${name} ${fixed(cost / unit, digits)}`).join(', ') || '–';

function toBase(name, kind, seen, base) {
  if (!base) return '–';
  if (name === 'ttfb') return `TTFB ×${fixed(seen.ttfb_p50_us / base.ttfb_p50_us, 2)}, p99 ×${fixed(seen.ttfb_p99_us / base.ttfb_p99_us, 2)}`;
  if (kind === 'paced') return `latency ×${fixed(seen.event_p50_us / base.event_p50_us, 2)}`;
  if (kind === 'idle') return `memory ×${fixed(sum(seen.rss_per_stream) / sum(base.rss_per_stream), 2)}`;
  return `×${fixed(seen.rps / base.rps, 2)}, CPU ×${fixed(seen.cpu_us_total / base.cpu_us_total, 2)}`;
}

export function report(results, scenarios) {
  const lines = [];
  for (const [name, targets] of Object.entries(results)) {
    const { title, kind } = scenarios[name];
    const streams = kind === 'paced' || kind === 'idle';
    const head = ['target', 'requests/s', 'TTFB p50 / p99 µs', 'CPU µs per request', ...(streams ? ['event latency p50 / p99 ms', 'RSS KiB per stream', 'lost'] : []), 'to nginx with TLS, one hop'];
    const rows = Object.entries(targets).map(([target, seen]) => [
      target, fixed(seen.rps), `${fixed(seen.ttfb_p50_us)} / ${fixed(seen.ttfb_p99_us)}`, `${fixed(seen.cpu_us_total, 1)} (${parts(seen.cpu_us, 1)})`,
      ...(streams ? [kind === 'idle' ? '–' : `${fixed(seen.event_p50_us / 1000, 2)} / ${fixed(seen.event_p99_us / 1000, 2)}`, `${fixed(sum(seen.rss_per_stream) / 1024, 1)} (${parts(seen.rss_per_stream, 1, 1024)})`, fixed(seen.lost + seen.failures)] : []),
      toBase(name, kind, seen, targets.nginx_tls),
    ]);
    lines.push('', `### ${title}`, '', table(head, rows));
  }
  return lines.join('\n');
}

/** The two builds of --bin and --baseline, each scenario a row. */
export function comparison(results, scenarios) {
  const change = (before, after, digits = 0) => `${fixed(before, digits)} → ${fixed(after, digits)} (${after >= before ? '+' : '−'}${fixed(Math.abs(after / before - 1) * 100, 1)} %)`;
  const rows = Object.entries(results).filter(([, { baseline, patchbay }]) => baseline && patchbay).map(([name, { baseline, patchbay }]) => [
    scenarios[name].title, change(baseline.rps, patchbay.rps), change(baseline.ttfb_p50_us, patchbay.ttfb_p50_us), change(baseline.ttfb_p99_us, patchbay.ttfb_p99_us),
    change(baseline.cpu_us_total, patchbay.cpu_us_total, 1), Object.keys(patchbay.cpu_us).map((process) => `${process} ${fixed(baseline.cpu_us[process], 1)} → ${fixed(patchbay.cpu_us[process], 1)}`).join(', '),
    scenarios[name].kind === 'paced' ? `${change(baseline.event_p50_us / 1000, patchbay.event_p50_us / 1000, 2)} / ${change(baseline.event_p99_us / 1000, patchbay.event_p99_us / 1000, 2)}` : '–',
    scenarios[name].kind === 'idle' ? change(sum(baseline.rss_per_stream) / 1024, sum(patchbay.rss_per_stream) / 1024, 1) : '–',
  ]);
  return ['', '### Baseline → this build', '', table(['scenario', 'requests/s', 'TTFB p50 µs', 'TTFB p99 µs', 'CPU µs per request', 'per process', 'event latency p50 / p99 ms', 'KiB per stream'], rows)].join('\n');
}

/** What patchbay is to reach, relative to nginx with one hop and TLS to the provider. */
export function aims(results) {
  const list = [];
  const aim = (name, value, text, met) => list.push({ name, value: text, met });
  const atMost = (name, value, bound, unit) => aim(`${name} ≤ ${bound} ${unit}`, value, `${fixed(value, unit === '×' ? 2 : 1)} ${unit}`, value <= bound);
  const atLeast = (name, value, bound) => aim(`${name} ≥ ${bound.toFixed(2)} ×`, value, `${fixed(value, 2)} ×`, value >= bound);
  const { ttfb, burst, dialects, idle, paced } = results;
  if (burst?.nginx_tls && burst.patchbay) {
    atLeast('40-event bursts at 64 connections', burst.patchbay.rps / burst.nginx_tls.rps, 0.5);
    atMost('CPU per such request', burst.patchbay.cpu_us_total / burst.nginx_tls.cpu_us_total, 2.8, '×');
  }
  if (burst?.patchbay) atMost('CPU of accounts per such request', burst.patchbay.cpu_us.accounts, 12, 'µs');
  if (ttfb?.nginx_tls && ttfb.patchbay) atMost('TTFB p99 at one connection', ttfb.patchbay.ttfb_p99_us / ttfb.nginx_tls.ttfb_p99_us, 4.5, '×');
  // What the bridge adds to the frontend's own route; a request of the second has 40 events at 2 µs besides its 25 µs.
  if (ttfb?.ollama && ttfb.patchbay) atMost('TTFB p50 that the Ollama bridge adds', ttfb.ollama.ttfb_p50_us - ttfb.patchbay.ttfb_p50_us, 120, 'µs');
  if (dialects?.ollama && dialects.patchbay) atMost('CPU that the Ollama bridge adds to a 40-event burst', dialects.ollama.cpu_us_total - dialects.patchbay.cpu_us_total, 105, 'µs');
  if (idle?.patchbay) atMost('an idle stream', sum(idle.patchbay.rss_per_stream) / 1024, 95, 'KiB');
  for (const [name, each] of [['idle', idle], ['paced', paced]]) {
    if (!each?.patchbay) continue;
    const lost = each.patchbay.lost + each.patchbay.failures;
    aim(`${name} streams, nothing lost`, lost, `${fixed(lost)} lost`, lost === 0);
  }
  return list;
}
