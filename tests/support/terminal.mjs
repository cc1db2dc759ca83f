// A command line client in a terminal: typed at, and read as a person reads it, by what stands where. What the program
// asks of the terminal is answered as a plain xterm would.
import { spawn } from 'node:child_process';
import { eventually } from './wait.mjs';

const kAnswers = [
  ['\x1b[6n', '\x1b[1;1R'], // where is the cursor
  ['\x1b[c', '\x1b[?62;c'], // what are you
  ['\x1b[?u', '\x1b[?0u'], // which keyboard
];

/** The characters of a screen, as far as programs that draw by position need it. */
export class Screen {
  constructor(rows, columns) {
    Object.assign(this, { rows, columns, row: 0, column: 0, pending: '' });
    this.lines = Array.from({ length: rows }, () => []);
  }

  take(text) {
    this.pending += text;
    for (;;) {
      const taken = this.step();
      if (taken === 0) return;
      this.pending = this.pending.slice(taken);
    }
  }

  /** How much of what is pending was understood; 0: more has to come. */
  step() {
    const rest = this.pending;
    if (rest === '') return 0;
    if (rest[0] !== '\x1b') {
      const [character] = rest;
      const length = character.length;
      if (character === '\r') this.column = 0;
      else if (character === '\n') this.newLine();
      else if (character === '\b') this.column = Math.max(0, this.column - 1);
      else if (character >= ' ') this.put(character);
      return length;
    }
    const control = /^\x1b\[([0-9;:?<=>]*)[ -/]*([@-~])/.exec(rest);
    if (control) {
      this.control(control[2], control[1].split(';').map(Number));
      return control[0].length;
    }
    const other = /^\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[()#][ -~]|[=>A-Za-z0-9])/.exec(rest);
    return other ? other[0].length : 0;
  }

  put(character) {
    if (this.column >= this.columns) {
      this.column = 0;
      this.newLine();
    }
    this.lines[this.row][this.column++] = character;
  }

  newLine() {
    if (++this.row < this.rows) return;
    this.row = this.rows - 1;
    this.lines.shift();
    this.lines.push([]);
  }

  control(letter, [first = 0, second = 0]) {
    const line = this.lines[this.row];
    if (letter === 'H' || letter === 'f') {
      this.row = Math.min(this.rows, Math.max(1, first)) - 1;
      this.column = Math.min(this.columns, Math.max(1, second)) - 1;
    } else if (letter === 'A') this.row = Math.max(0, this.row - Math.max(1, first));
    else if (letter === 'B') this.row = Math.min(this.rows - 1, this.row + Math.max(1, first));
    else if (letter === 'C') this.column = Math.min(this.columns - 1, this.column + Math.max(1, first));
    else if (letter === 'D') this.column = Math.max(0, this.column - Math.max(1, first));
    else if (letter === 'G') this.column = Math.max(1, first) - 1;
    else if (letter === 'K' && first === 0) line.length = Math.min(line.length, this.column);
    else if (letter === 'K' && first === 2) line.length = 0;
    else if (letter === 'J' && first === 0) {
      line.length = Math.min(line.length, this.column);
      for (let row = this.row + 1; row < this.rows; ++row) this.lines[row] = [];
    } else if (letter === 'J') this.lines = Array.from({ length: this.rows }, () => []);
  }

  get text() {
    return this.lines.map((line) => Array.from(line, (character) => character ?? ' ').join('').trimEnd()).join('\n');
  }
}

export class Terminal {
  /** `script` (util-linux) makes the terminal. */
  constructor(command, args, { cwd, env, rows = 50, columns = 140 }) {
    this.screen = new Screen(rows, columns);
    this.everything = '';
    const quoted = [command, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    this.child = spawn('script', ['-qfec', `stty cols ${columns} rows ${rows}; exec ${quoted}`, '/dev/null'], {
      cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'], env: { ...env, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    });
    this.child.on('error', (error) => (this.everything += String(error)));
    this.child.stdin.on('error', () => {});
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      this.everything += text;
      for (const [question, answer] of kAnswers) if (text.includes(question)) this.child.stdin.write(answer);
      this.screen.take(text);
    });
  }

  type(text) {
    this.child.stdin.write(text);
  }

  /** Waits until the screen shows it. */
  async shows(pattern, options) {
    await eventually(`the screen to show ${pattern}`, () => pattern.test(this.screen.text), { within: 60_000, every: 100, ...options })
      .catch((error) => { throw new Error(`${error.message}\n${this.screen.text}`); });
    return this.screen.text;
  }

  close() {
    try {
      process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
