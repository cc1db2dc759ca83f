// One of our binaries as a child process: its output is kept, its end is awaited, and nothing outlives the test.
import { spawn, execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from './wait.mjs';

export const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const binDir = path.resolve(process.env.PATCHBAY_BIN_DIR ?? path.join(repository, 'build/release/bin'));

// Beside the gateway, with one thread each: ThreadSanitizer's build leaves them to the release build.
const kTools = new Set(['patchbay', 'patchbay-sim']);
export const toolsDir = path.resolve(process.env.PATCHBAY_TOOLS_DIR ?? binDir);

export function binary(name, directory = kTools.has(name) ? toolsDir : binDir) {
  const file = path.join(directory, name);
  if (!existsSync(file)) throw new Error(`${file} is not built; set PATCHBAY_BIN_DIR`);
  return file;
}

/** A short-named directory of our own: a Unix socket's path must fit into 107 bytes. */
export function temporaryDirectory(tag) {
  return mkdtempSync(`/tmp/pb-${tag}-`);
}

export function removeDirectory(directory) {
  // A client that is ending may still write.
  for (let tries = 20; ; --tries) {
    try {
      return rmSync(directory, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== 'ENOTEMPTY' || tries === 0) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
}

// What a test's own environment must not lend to the processes under test.
const kNotInherited = /^(PATCHBAY_|LISTEN_|NOTIFY_SOCKET|STATE_DIRECTORY|RUNTIME_DIRECTORY|XDG_|NODE_)/;

export function cleanEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !kNotInherited.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

const kOutputMax = 64 * 1024 * 1024;

export class Program {
  constructor(file, args, { env = {}, cwd, wrapper = [] } = {}) {
    this.name = path.basename(file);
    this.output = '';
    const [command, ...rest] = [...wrapper, file, ...args];
    this.child = spawn(command, rest, { env: cleanEnvironment(env), cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text) => {
        if (this.output.length < kOutputMax) this.output += text;
      });
    }
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => resolve({ code: null, signal: null, error }));
      this.child.on('close', (code, signal) => resolve({ code, signal }));
    });
    this.exited.then((result) => {
      this.result = result;
    });
  }

  get pid() {
    return this.child.pid;
  }

  get running() {
    return this.result === undefined;
  }

  signal(signal) {
    this.child.kill(signal);
  }

  /** Asks it to end and waits; SIGKILL when it does not, and that is an error. */
  async stop({ signal = 'SIGTERM', ms = 20_000 } = {}) {
    if (this.running) this.signal(signal);
    try {
      return await within(ms, `${this.name} to end on ${signal}`, this.exited);
    } catch (error) {
      this.signal('SIGKILL');
      await this.exited;
      throw error;
    }
  }
}

/** Runs a command to its end. Never throws because of its exit code. */
export function run(file, args, { env = {}, input, cwd, timeout = 60_000 } = {}) {
  return new Promise((resolve) => {
    const child = execFile(file, args, { env: cleanEnvironment(env), cwd, timeout, maxBuffer: kOutputMax }, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
      resolve({ code, stdout, stderr, signal: error?.signal ?? null });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}

// ---- /proc ----------------------------------------------------------------------------------------------------------

export function alive(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/\) [ZX]/.test(stat);
  } catch {
    return false;
  }
}

/** The environment a process was started with, as an object. */
export function environmentOf(pid) {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return Object.fromEntries(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
}

/**
 * The pids whose environment or command line mentions `text`. Every gateway under test has its own runtime directory
 * and its workers are told of it, so its path tells one test's processes from another's.
 */
export function processesMentioning(text) {
  const found = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    try {
      const told = readFileSync(`/proc/${entry}/environ`, 'latin1') + readFileSync(`/proc/${entry}/cmdline`, 'latin1');
      if (told.includes(text) && alive(Number(entry))) found.push(Number(entry));
    } catch {
      // It ended while we looked, or is not ours to read.
    }
  }
  return found;
}

export function openDescriptors(pid) {
  return readdirSync(`/proc/${pid}/fd`).map(Number).sort((a, b) => a - b);
}
