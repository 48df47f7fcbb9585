// Debian's Python, for which python3-torch is; tests that need it are skipped where it is not.
import { spawnSync } from 'node:child_process';

/** @param {string[]} words @param {string} [folder] @param {object} [options] */
export const python = (words, folder, options) =>
  spawnSync('/usr/bin/python3', words, { cwd: folder, encoding: 'utf8', timeout: 300_000, ...options });

/** Whether a module is there; looked for and not loaded, which takes PyTorch two seconds in each file of tests. @param {string} name */
const has = (name) =>
  python(['-c', `import importlib.util; raise SystemExit(not importlib.util.find_spec('${name}'))`]).status === 0;

export const noPython = python(['--version']).status === 0 ? false : 'there is no /usr/bin/python3';
export const noTorch = noPython || (has('torch') ? false : 'python3-torch is not installed');
export const noPillow = noPython || (has('PIL') ? false : 'python3-pil is not installed');
