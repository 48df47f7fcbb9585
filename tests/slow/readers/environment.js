// Pythons with packages of PyPI, pinned: each NAME.txt is installed once into a folder outside the repository (8 GB, some minutes).
// TRAINGROUND_READERS names it.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = process.env.TRAINGROUND_READERS ?? join(homedir(), '.cache', 'trainground-readers');
export const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export const noVenv =
  spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0 ? false : 'python3 with venv is not installed';

/** The Python of a folder with the packages of NAME.txt. @param {string} name */
export function environment(name) {
  const place = join(home, name);
  const wanted = readFileSync(here(`${name}.txt`), 'utf8');
  const noted = join(place, 'installed.txt');
  if (!existsSync(noted) || readFileSync(noted, 'utf8') !== wanted) {
    mkdirSync(home, { recursive: true });
    rmSync(place, { recursive: true, force: true });
    execFileSync('python3', ['-m', 'venv', place], { stdio: 'inherit' });
    execFileSync(join(place, 'bin/pip'), ['install', '--quiet', '--no-cache-dir', '-r', here(`${name}.txt`)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    writeFileSync(noted, wanted);
  }
  return join(place, 'bin/python');
}

// TensorFlow 2.21's oneDNN now and then has no gradient for a 1x1 convolution with strides ("could not create a primitive").
export const calm = { TF_CPP_MIN_LOG_LEVEL: '3', TF_ENABLE_ONEDNN_OPTS: '0' };
