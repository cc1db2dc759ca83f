// Certificates made when they are needed: a CA, and what it signs.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const openssl = (args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
const kNewKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export class Authority {
  constructor(directory, name = 'ca') {
    this.directory = directory;
    this.file = path.join(directory, `${name}.pem`);
    this.keyFile = path.join(directory, `${name}.key`);
    openssl(['req', '-x509', ...kNewKey, '-keyout', this.keyFile, '-out', this.file, '-days', '2', '-subj', `/CN=${name}`]);
  }

  get pem() {
    return readFileSync(this.file);
  }

  /** A signed certificate and its key: {certificate, key} are files, {cert, keyPem} their contents. */
  sign(name, { names = ['DNS:localhost', 'IP:127.0.0.1'] } = {}) {
    const at = (ending) => path.join(this.directory, `${name}.${ending}`);
    writeFileSync(at('ext'), `subjectAltName=${names.join(',')}\nbasicConstraints=CA:FALSE\n`);
    openssl(['req', ...kNewKey, '-keyout', at('key'), '-out', at('csr'), '-subj', `/CN=${name}`]);
    openssl(['x509', '-req', '-in', at('csr'), '-CA', this.file, '-CAkey', this.keyFile, '-CAcreateserial', '-days', '2', '-out', at('crt'), '-extfile', at('ext')]);
    return { certificate: at('crt'), key: at('key'), cert: readFileSync(at('crt')), keyPem: readFileSync(at('key')) };
  }
}

/** The key of `file` again, under a passphrase. */
export function encryptKey(file, out) {
  openssl(['pkey', '-in', file, '-aes256', '-passout', 'pass:secret', '-out', out]);
  return out;
}
