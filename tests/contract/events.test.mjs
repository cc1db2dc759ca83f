// Every kind of event stands in docs/events.md, with its severity.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { loadContracts } from '../support/contracts.mjs';
import { repository } from '../support/program.mjs';

test('docs/events.md has a row for each kind of event', () => {
  const kinds = loadContracts().lookupEnum('patchbay.events.v1.EventKind');
  const page = readFileSync(path.join(repository, 'docs/events.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| [^|]+ \| (\w+) \|/gm)].map(([, name, severity]) => `${name} ${severity}`);
  const declared = Object.keys(kinds.values).filter((name) => !name.endsWith('_UNSPECIFIED')).map((name) => {
    const facts = kinds.valuesOptions[name]['(facts).severity'] ?? kinds.valuesOptions[name]['(facts)']?.severity;
    return `${name.replace('EVENT_KIND_', '').toLowerCase()} ${String(facts).replace('SEVERITY_', '').toLowerCase()}`;
  });
  assert.deepEqual([...rows].sort(), [...declared].sort());
});
