// Runs the command line for its tests: in a folder of its own, with what it printed and how it ended.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../wasm/cli.js', import.meta.url));

/** A folder that is gone after the tests. @returns {string} */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'trainground-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @param {string} folder @param {string} name @param {unknown} experiment */
export function writeExperiment(folder, name, experiment) {
  writeFileSync(join(folder, name), JSON.stringify(experiment));
  return name;
}

/**
 * @param {string[]} words
 * @param {{ cwd?: string, input?: string, onLine?: (line: any, kill: (signal: NodeJS.Signals) => void) => void }} [options]
 *   onLine: called with each line of standard output, parsed
 * @returns {Promise<{ code: number | null, signal: string | null, out: string, err: string, lines: any[] }>}
 */
export function trainground(words, { cwd, input, onLine } = {}) {
  const child = spawn(process.execPath, [cli, ...words], { cwd, timeout: 60_000 });
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  let out = '';
  let err = '';
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
  child.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
    if (!onLine) return;
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) onLine(JSON.parse(part), (signal) => child.kill(signal));
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      const lines = out.startsWith('{')
        ? out
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
        : [];
      resolve({ code, signal, out, err, lines });
    });
  });
}
