// Debian's Python, for which python3-torch is; tests that need it are skipped where it is not.
import { spawnSync } from 'node:child_process';

/** @param {string[]} words @param {string} [folder] @param {object} [options] */
export const python = (words, folder, options) =>
  spawnSync('/usr/bin/python3', words, { cwd: folder, encoding: 'utf8', timeout: 300_000, ...options });

export const noPython = python(['--version']).status === 0 ? false : 'there is no /usr/bin/python3';
export const noTorch =
  noPython || (python(['-c', 'import torch.distributed']).status === 0 ? false : 'python3-torch is not installed');
export const noPillow =
  noPython || (python(['-c', 'import PIL']).status === 0 ? false : 'python3-pil is not installed');
