// A real command line client on a whole agentic turn: a home, a working directory and an environment of its own, told to
// talk to nothing but loopback, and ended with its process group when it takes too long.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeDirectory, repository, temporaryDirectory } from './program.mjs';
import { Terminal } from './terminal.mjs';

const kNobody = 'http://127.0.0.1:9';

/** Switches that several clients read. A proxy that nobody serves catches what they would not leave alone. */
const quiet = {
  DO_NOT_TRACK: '1',
  DISABLE_TELEMETRY: '1',
  NO_UPDATE_NOTIFIER: '1',
  CI: '1',
  TERM: 'dumb',
  NO_COLOR: '1',
  HTTP_PROXY: kNobody,
  HTTPS_PROXY: kNobody,
  http_proxy: kNobody,
  https_proxy: kNobody,
  NO_PROXY: '127.0.0.1,localhost',
  no_proxy: '127.0.0.1,localhost',
};

export function nodeModule(...parts) {
  return path.join(repository, 'tests/node_modules', ...parts);
}

export class Agent {
  constructor(name) {
    this.directory = temporaryDirectory(name);
    this.home = path.join(this.directory, 'home');
    this.work = path.join(this.directory, 'work');
    for (const each of [this.home, this.work]) mkdirSync(each, { recursive: true });
  }

  write(file, content) {
    const target = path.join(this.directory, file);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content, null, 2));
    return target;
  }

  read(file) {
    return readFileSync(path.join(this.directory, file), 'utf8');
  }

  /** What every program of it sees. */
  environment(env = {}) {
    return { PATH: process.env.PATH, HOME: this.home, XDG_CONFIG_HOME: path.join(this.home, '.config'), XDG_DATA_HOME: path.join(this.home, '.local/share'), XDG_CACHE_HOME: path.join(this.home, '.cache'), XDG_STATE_HOME: path.join(this.home, '.local/state'), TMPDIR: this.directory, ...quiet, ...env };
  }

  /** The same in a terminal, to be typed at; the caller closes it. */
  terminal(command, args, { env = {} } = {}) {
    const { NO_COLOR, CI, ...rest } = this.environment(env); // a terminal is no pipeline
    return new Terminal(command, args, { cwd: this.work, env: rest });
  }

  /** Runs to its end: {code, signal, stdout, stderr, late}. */
  run(command, args, { env = {}, ms = 90_000, input } = {}) {
    return new Promise((resolve) => {
      const child = spawn(command, args, {
        cwd: this.work,
        detached: true,
        stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        env: this.environment(env),
      });
      const result = { stdout: '', stderr: '', late: false };
      child.stdout.setEncoding('utf8').on('data', (text) => (result.stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text) => (result.stderr += text));
      if (input !== undefined) child.stdin.end(input);
      const end = (signal) => {
        try {
          process.kill(-child.pid, signal);
        } catch {
          // The whole group is gone.
        }
      };
      const timer = setTimeout(() => {
        result.late = true;
        end('SIGKILL');
      }, ms);
      child.on('error', (error) => resolve({ ...result, code: null, stderr: `${result.stderr}${error}` }));
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        end('SIGKILL'); // what it left behind
        resolve({ ...result, code, signal });
      });
    });
  }

  remove() {
    removeDirectory(this.directory);
  }
}
