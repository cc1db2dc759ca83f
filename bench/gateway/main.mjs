// Measures every target in every scenario, in turn and several times over, and prints medians, ratios and aims. Rates of
// different runs must not be compared: the machine's other guests decide them. Ratios within one run may.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { marked } from '../../tests/support/bodies.mjs';
import { binary, removeDirectory, run, temporaryDirectory } from '../../tests/support/program.mjs';
import { Sim } from '../../tests/support/sim.mjs';
import { delay } from '../../tests/support/wait.mjs';
import { aims, comparison, fixed, mapValues, medians, report } from './report.mjs';
import { startTargets } from './targets.mjs';

const kUsage = `usage: bench/gateway/run [--rounds N] [--seconds S] [--only scenario,…] [--targets name,…] [--level LEVEL]
                         [--bin DIR [--baseline DIR]] [--check] [--json FILE]
  --level     the gateway's log level; info unless said otherwise
  --bin       where the gateway's programs are, and the provider's and the generator's
  --baseline  another build of the gateway, measured in turn with that one: what a change brought
  --check     exit 1 when an aim is missed`;
const kTicksPerSecond = 100;
const kPageBytes = 4096;
const kStreams = 1000;
// What every scenario measures that does not name its own. `patchbay` is Chat Completions.
const kTargets = ['direct', 'nginx_tls', 'nginx_two_hops', 'baseline', 'patchbay'];

const kScenarios = {
  // First, while a process has not grown yet: what a stream adds to its memory.
  idle: { title: `${kStreams} streams that wait for their next event`, kind: 'idle', connections: kStreams, expect: 2, requests: kStreams, text: marked('text', { events: 2, interval_ms: 5000 }), targets: ['nginx_tls', 'baseline', 'patchbay'] },
  ttfb: { title: 'one connection, 40-event answers', connections: 1, expect: 40, text: marked('text', { events: 40, seq: 1 }), sequence: true, targets: [...kTargets, 'ollama'] },
  burst: { title: '64 connections, 40-event bursts', connections: 64, expect: 40, text: marked('text', { events: 40, seq: 1 }), sequence: true },
  single: { title: '64 connections, single events', connections: 64, expect: 1, text: marked('text', { events: 1, seq: 1 }), sequence: true },
  dialects: { title: '64 connections, 40-event bursts, one dialect beside the other', connections: 64, expect: 40, text: marked('text', { events: 40, seq: 1 }), sequence: true, targets: ['nginx_tls', 'responses', 'patchbay', 'anthropic', 'gemini', 'ollama'] },
  paced: { title: `${kStreams} streams, 50 events/s each`, kind: 'paced', connections: kStreams, expect: 150, requests: 2 * kStreams, text: marked('text', { events: 150, interval_ms: 20, stamp: 1 }) },
};

function options(argv) {
  const chosen = { rounds: 3, seconds: 4, only: Object.keys(kScenarios), targets: null, level: 'info', bin: null, baseline: null, check: false, json: null };
  for (let i = 0; i < argv.length; ++i) {
    const name = argv[i].replace(/^--/, '');
    if (name === 'check') chosen.check = true;
    else if (['rounds', 'seconds'].includes(name)) chosen[name] = Number(argv[++i]);
    else if (['only', 'targets'].includes(name)) chosen[name] = argv[++i].split(',');
    else if (['json', 'level', 'bin', 'baseline'].includes(name)) chosen[name] = argv[++i];
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
    await delay(scenario.kind === 'idle' ? 4000 : 2500); // all streams are open by then, and none has ended
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

// Each round starts with another target, so that none always follows the same one.
const inTurn = (names, round) => [...names.slice((round - 1) % names.length), ...names.slice(0, (round - 1) % names.length)];

async function main() {
  const chosen = options(process.argv.slice(2));
  const directory = temporaryDirectory('bench');
  const sim = await new Sim(['--plain-listen', '127.0.0.1:0', '--log-entries', '1']).start();
  const named = (name) => chosen.targets?.includes(name);
  const wanted = (name) => {
    if (name === 'baseline') return chosen.baseline !== null;
    return name === 'nginx_plain' ? named(name) : !chosen.targets || named(name);
  };
  const { targets, stop } = await startTargets(sim, directory, { wanted, level: chosen.level, baseline: chosen.baseline });
  const names = Object.keys(targets).filter(wanted);
  const seen = {};
  try {
    for (let round = 1; round <= chosen.rounds; ++round) {
      for (const scenario of chosen.only) {
        for (const name of inTurn(names.filter((each) => named(each) || (kScenarios[scenario].targets ?? kTargets).includes(each)), round)) {
          const result = await measure(targets[name], kScenarios[scenario], chosen.seconds, directory);
          ((seen[scenario] ??= {})[name] ??= []).push(result);
          const trouble = result.failures || result.lost ? `  FAILURES ${result.failures} LOST ${result.lost}: ${result.first_failure}` : '';
          console.error(`round ${round}  ${scenario.padEnd(8)} ${name.padEnd(14)} ${fixed(result.rps).padStart(7)}/s  TTFB ${fixed(result.ttfb_p50_us)} µs  CPU ${fixed(result.cpu_us_total, 1)} µs${trouble}`);
        }
      }
    }
  } finally {
    await stop();
    await sim.stop();
    removeDirectory(directory);
  }
  const order = [...names];
  const results = mapValues(seen, (perTarget) => Object.fromEntries(order.filter((name) => perTarget[name]).map((name) => [name, medians(perTarget[name])])));
  console.log(report(results, kScenarios));
  if (chosen.baseline) console.log(comparison(results, kScenarios));
  const judged = aims(results);
  console.log('\n### Aims\n');
  for (const { name, value, met } of judged) console.log(`${met ? 'met   ' : 'MISSED'}  ${name}: ${value}`);
  if (chosen.json) {
    mkdirSync(path.dirname(path.resolve(chosen.json)), { recursive: true });
    writeFileSync(chosen.json, JSON.stringify({ results, aims: judged }, null, 2));
  }
  if (chosen.check && judged.some(({ met }) => !met)) process.exitCode = 1;
}

await main();
