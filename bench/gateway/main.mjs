// Measures every target in every scenario, in turn and several times over, and prints medians, ratios and bars. Rates of
// different runs must not be compared: the machine's other guests decide them. Ratios within one run may.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { marked } from '../../tests/support/bodies.mjs';
import { binary, removeDirectory, run, temporaryDirectory } from '../../tests/support/program.mjs';
import { Sim } from '../../tests/support/sim.mjs';
import { delay } from '../../tests/support/wait.mjs';
import { startTargets } from './targets.mjs';

const kUsage = `usage: bench/gateway/run [--rounds N] [--seconds S] [--only scenario,…] [--targets name,…] [--check] [--json FILE]
  --check  exit 1 when a bar is missed`;
const kTicksPerSecond = 100;
const kPageBytes = 4096;
const kStreams = 1000;
// What every scenario measures that does not name its own. `patchbay` is Chat Completions.
const kTargets = ['direct', 'nginx1', 'nginx2', 'patchbay'];

const kScenarios = {
  ttfb: { title: 'one connection, 40-event answers', connections: 1, expect: 40, text: marked('text', { events: 40, seq: 1 }), sequence: true },
  burst: { title: '64 connections, 40-event bursts', connections: 64, expect: 40, text: marked('text', { events: 40, seq: 1 }), sequence: true },
  single: { title: '64 connections, single events', connections: 64, expect: 1, text: marked('text', { events: 1, seq: 1 }), sequence: true },
  dialects: { title: '64 connections, 40-event bursts, one dialect beside the other', connections: 64, expect: 40, text: marked('text', { events: 40, seq: 1 }), sequence: true, targets: ['nginx1', 'responses', 'patchbay', 'anthropic', 'gemini'] },
  paced: { title: `${kStreams} streams, 50 events/s each`, connections: kStreams, expect: 150, requests: 2 * kStreams, text: marked('text', { events: 150, interval_ms: 20, stamp: 1 }) },
};

function options(argv) {
  const chosen = { rounds: 3, seconds: 4, only: Object.keys(kScenarios), targets: null, check: false, json: null };
  for (let i = 0; i < argv.length; ++i) {
    const name = argv[i].replace(/^--/, '');
    if (name === 'check') chosen.check = true;
    else if (['rounds', 'seconds'].includes(name)) chosen[name] = Number(argv[++i]);
    else if (['only', 'targets'].includes(name)) chosen[name] = argv[++i].split(',');
    else if (name === 'json') chosen.json = argv[++i];
    else {
      console.error(kUsage);
      process.exit(64);
    }
  }
  return chosen;
}

// ---- what a process costs ----

function cpuSeconds(pids) {
  let ticks = 0;
  for (const pid of pids) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / kTicksPerSecond;
}

function residentBytes(pids) {
  return pids.reduce((sum, pid) => sum + Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * kPageBytes, 0);
}

const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

async function measure(target, scenario, seconds, directory) {
  const bodyFile = path.join(directory, 'body.json');
  writeFileSync(bodyFile, target.body(scenario.text));
  const args = ['--port', target.port, '--path', target.path, '--body-file', bodyFile, '--needle', target.needle, '--expect', scenario.expect, '--connections', scenario.connections];
  for (const header of target.headers) args.push('--header', header);
  if (scenario.sequence) args.push('--sequence');
  if (scenario.requests) args.push('--requests', scenario.requests);
  else args.push('--seconds', seconds, '--warmup', 0.5);
  const processes = target.processes();
  const cpuBefore = mapValues(processes, cpuSeconds);
  const rssBefore = mapValues(processes, residentBytes);
  const running = run(binary('patchbay-bench-load'), args.map(String), { timeout: 300_000 });
  let rssDuring = rssBefore;
  if (scenario.requests) {
    await delay(2500); // all streams are open by then
    rssDuring = mapValues(processes, residentBytes);
  }
  const { stdout, stderr, code } = await running;
  if (!stdout) throw new Error(`load generator: exit ${code}: ${stderr}`);
  const result = JSON.parse(stdout);
  // The generator's warm-up is not in `requests`, but it is in the CPU time: scale to all answers.
  const answers = Math.max(1, result.deltas / scenario.expect);
  result.cpu_us = mapValues(processes, (pids) => 0);
  for (const [name, pids] of Object.entries(processes)) result.cpu_us[name] = ((cpuSeconds(pids) - cpuBefore[name]) * 1e6) / answers;
  result.cpu_us_total = Object.values(result.cpu_us).reduce((sum, each) => sum + each, 0);
  result.rss_per_stream = mapValues(processes, () => 0);
  for (const name of Object.keys(processes)) result.rss_per_stream[name] = (rssDuring[name] - rssBefore[name]) / scenario.connections;
  return result;
}

// ---- the report ----

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length % 2 ? sorted[(sorted.length - 1) / 2] : (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
}

function medians(results) {
  const [first] = results;
  const merged = {};
  for (const [key, value] of Object.entries(first)) {
    if (typeof value === 'number') merged[key] = median(results.map((result) => result[key]));
    else if (value && typeof value === 'object') merged[key] = medians(results.map((result) => result[key]));
  }
  return merged;
}

const fixed = (number, digits = 0) => (Number.isFinite(number) ? number.toFixed(digits) : '–');
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
const parts = (costs, digits = 0, unit = 1) => Object.entries(costs).filter(([, cost]) => cost > 0).map(([name, cost]) => `${name} ${fixed(cost / unit, digits)}`).join(', ') || '–';

function report(results) {
  const lines = [];
  for (const [name, targets] of Object.entries(results)) {
    lines.push('', `### ${kScenarios[name].title}`, '');
    const base = targets.nginx1;
    const paced = Boolean(kScenarios[name].requests);
    const head = ['target', 'requests/s', 'TTFB p50 / p99 µs', 'CPU µs per request', ...(paced ? ['event latency p50 / p99 ms', 'RSS KiB per stream', 'lost'] : []), 'to nginx one hop'];
    const rows = Object.entries(targets).map(([target, seen]) => [
      target, fixed(seen.rps), `${fixed(seen.ttfb_p50_us)} / ${fixed(seen.ttfb_p99_us)}`, `${fixed(seen.cpu_us_total, 1)} (${parts(seen.cpu_us, 1)})`,
      ...(paced ? [`${fixed(seen.event_p50_us / 1000, 2)} / ${fixed(seen.event_p99_us / 1000, 2)}`, parts(seen.rss_per_stream, 1, 1024), fixed(seen.lost + seen.failures)] : []),
      base ? (name === 'ttfb' ? `TTFB ×${fixed(seen.ttfb_p50_us / base.ttfb_p50_us, 2)}, +${fixed(seen.ttfb_p50_us - base.ttfb_p50_us)} µs` : paced ? `latency ×${fixed(seen.event_p50_us / base.event_p50_us, 2)}` : `×${fixed(seen.rps / base.rps, 2)}, CPU ×${fixed(seen.cpu_us_total / base.cpu_us_total, 2)}`) : '–',
    ]);
    lines.push(table(head, rows));
  }
  return lines.join('\n');
}

function bars(results) {
  const list = [];
  const bar = (name, value, met) => list.push({ name, value, met });
  const { ttfb, burst, paced } = results;
  if (ttfb?.nginx1 && ttfb.patchbay) {
    const added = ttfb.patchbay.ttfb_p50_us - ttfb.nginx1.ttfb_p50_us;
    bar('added TTFB p50 over nginx one hop ≤ 400 µs', `${fixed(added)} µs`, added <= 400);
  }
  if (burst?.nginx1 && burst.patchbay) {
    const share = burst.patchbay.rps / burst.nginx1.rps;
    bar('40-event bursts ≥ 0.30 × nginx one hop', `${fixed(share, 2)} ×`, share >= 0.3);
  }
  if (paced?.patchbay) {
    const lost = paced.patchbay.lost + paced.patchbay.failures;
    bar(`${kStreams} streams × 50 events/s, nothing lost`, `${fixed(lost)} lost`, lost === 0);
  }
  return list;
}

async function main() {
  const chosen = options(process.argv.slice(2));
  const directory = temporaryDirectory('bench');
  const sim = await new Sim(['--plain-listen', '127.0.0.1:0', '--log-entries', '1']).start();
  const wanted = (name) => !chosen.targets || chosen.targets.includes(name);
  const { targets, stop } = await startTargets(sim, directory, wanted);
  const names = Object.keys(targets).filter(wanted);
  const seen = {};
  try {
    for (let round = 1; round <= chosen.rounds; ++round) {
      for (const scenario of chosen.only) {
        for (const name of names.filter((each) => (kScenarios[scenario].targets ?? kTargets).includes(each))) {
          const result = await measure(targets[name], kScenarios[scenario], chosen.seconds, directory);
          ((seen[scenario] ??= {})[name] ??= []).push(result);
          const trouble = result.failures || result.lost ? `  FAILURES ${result.failures} LOST ${result.lost}: ${result.first_failure}` : '';
          console.error(`round ${round}  ${scenario.padEnd(7)} ${name.padEnd(9)} ${fixed(result.rps).padStart(7)}/s  TTFB ${fixed(result.ttfb_p50_us)} µs  CPU ${fixed(result.cpu_us_total, 1)} µs${trouble}`);
        }
      }
    }
  } finally {
    await stop();
    await sim.stop();
    removeDirectory(directory);
  }
  const results = mapValues(seen, (perTarget) => mapValues(perTarget, medians));
  console.log(report(results));
  console.log('');
  const judged = bars(results);
  for (const { name, value, met } of judged) console.log(`${met ? 'met   ' : 'MISSED'}  ${name}: ${value}`);
  if (chosen.json) {
    mkdirSync(path.dirname(path.resolve(chosen.json)), { recursive: true });
    writeFileSync(chosen.json, JSON.stringify({ results, bars: judged }, null, 2));
  }
  if (chosen.check && judged.some(({ met }) => !met)) process.exitCode = 1;
}

await main();
