// docs/clients.md tells of the versions that are tested, and of every client that is.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repository } from '../support/program.mjs';

const read = (file) => readFileSync(path.join(repository, file), 'utf8');
const page = read('docs/clients.md');
const rows = new Map([...page.matchAll(/^\| [^|]+ \| `([^`]+)` \| ([\d.]+) \|/gm)].map(([, name, version]) => [name, version]));
// What the suites themselves are made with.
const kOurs = new Set(['@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs', 'ws', 'zod']);

test('its table has each client at the version that the lock file pins', () => {
  const { dependencies } = JSON.parse(read('tests/package.json'));
  const clients = Object.entries(dependencies).filter(([name]) => !kOurs.has(name));
  assert.deepEqual([...rows].sort(), clients.sort());
  const { packages } = JSON.parse(read('tests/package-lock.json'));
  for (const [name, version] of rows) assert.equal(packages[`node_modules/${name}`].version, version, name);
});

test('its sections tell of the same versions', () => {
  for (const [, name, version] of page.matchAll(/`([@\w/-]+)`\s+(\d+\.\d+\.\d+)/g)) assert.equal(version, rows.get(name), name);
});

test('its links lead to its sections', () => {
  const anchors = new Set([...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-')));
  for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.has(anchor), anchor);
});
