// A sweep on many processes that others start: GNU parallel, and a Slurm of our own on this machine (Debian's parallel, slurmctld, slurmd and munge).
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sweep } from 'trainground';

const cli = fileURLToPath(new URL('../../wasm/cli.js', import.meta.url));
const experiment = {
  dataset: 'digits',
  layers: [
    { type: 'conv2d', filters: 8, kernelSize: 3, padding: 'same', activation: 'relu' },
    { type: 'flatten' },
    { type: 'dropout', rate: 0 },
    { type: 'dense', units: 10 },
  ],
  epochs: 8,
  sweep: { 'layers.2.rate': [0, 0.2, 0.5], 'optimizer.learningRate': [0.001, 0.01] },
  seeds: 4,
};
const folder = mkdtempSync(join(tmpdir(), 'trainground-sweep-'));
/** Of the cluster; each ends in good order before its files go. @type {import('node:child_process').ChildProcess[]} */
const daemons = [];
after(async () => {
  await Promise.all(daemons.map((child) => new Promise((resolve) => (child.on('exit', resolve), child.kill()))));
  rmSync(folder, { recursive: true, force: true });
});
writeFileSync(join(folder, 'sweep.json'), JSON.stringify(experiment));

const has = (program) => spawnSync('which', [program]).status === 0;
const told = (results) => Object.fromEntries(results.map(({ id, weightsSha256 }) => [id, weightsSha256]));
const alone = told((await sweep(experiment)).results);

/** Puts the results of a folder together, and compares them with those of one process. */
function merged(parts) {
  const out = `${parts}.ndjson`;
  const { status, stdout } = spawnSync(process.execPath, [cli, 'sweep', '--merge', parts, '--out', out], {
    cwd: folder,
    encoding: 'utf8',
  });
  const lines = readFileSync(join(folder, out), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { status, stdout, results: told(lines.filter(({ event }) => event === 'run')) };
}

test('GNU parallel trains shards', { skip: !has('parallel') && 'GNU parallel is not installed' }, (context) => {
  mkdirSync(join(folder, 'parallel'));
  const command = `${process.execPath} ${cli} sweep sweep.json --workers 1 --shard {}/6 --out parallel/{}.ndjson`;
  execFileSync('parallel', ['--jobs', '2', command, ':::', '1', '2', '3', '4', '5', '6'], { cwd: folder });
  const { status, stdout, results } = merged('parallel');
  assert.deepEqual([status, results], [0, alone], stdout);
  context.diagnostic(`24 runs in 6 jobs, two at a time:\n${stdout}`);
});

/** A cluster of this machine alone, which ends with the tests. */
async function startSlurm() {
  const place = join(folder, 'slurm');
  mkdirSync(join(place, 'state'), { recursive: true });
  mkdirSync(join(place, 'spool'));
  writeFileSync(join(place, 'munge.key'), randomBytes(1024), { mode: 0o600 });
  const conf = join(place, 'slurm.conf');
  writeFileSync(
    conf,
    `ClusterName=sweep
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=${place}/munge.socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${place}/state
SlurmdSpoolDir=${place}/spool
SlurmctldPidFile=${place}/slurmctld.pid
SlurmdPidFile=${place}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=${Math.min(2, availableParallelism())} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`,
  );
  const env = { ...process.env, SLURM_CONF: conf };
  const start = (program, words) => daemons.push(spawn(program, words, { env, stdio: 'ignore' }));
  const files = ['key', 'socket', 'pid', 'log', 'seed'].map((what) => [what, `${place}/munge.${what}`]);
  const named = { key: 'key-file', socket: 'socket', pid: 'pid-file', log: 'log-file', seed: 'seed-file' };
  start('munged', ['--foreground', '--force', ...files.map(([what, path]) => `--${named[what]}=${path}`)]);
  start('slurmctld', ['-D']);
  start('slurmd', ['-D', '-N', hostname()]);
  for (;;) {
    const { stdout } = spawnSync('sinfo', ['--noheader', '--format', '%T'], { env, encoding: 'utf8', timeout: 10_000 });
    if (stdout?.trim() === 'idle') return env;
    await wait(500);
  }
}

const noSlurm = !['slurmctld', 'slurmd', 'munged', 'sbatch'].every(has) && 'Slurm is not installed';
test(
  'a Slurm array trains shards; one that is cancelled is named, and sent again',
  { skip: noSlurm, timeout: 240_000 },
  async (context) => {
    const env = await startSlurm();
    mkdirSync(join(folder, 'array'));
    const job = join(folder, 'job.sh');
    const words = 'sweep sweep.json --workers 1 --shard auto --out array/$SLURM_ARRAY_TASK_ID.ndjson --log ndjson';
    writeFileSync(job, `#!/bin/sh\nexec ${process.execPath} ${cli} ${words}\n`);
    const submit = (...more) =>
      execFileSync('sbatch', ['--parsable', '--array=1-6', '--output=/dev/null', ...more, job], {
        cwd: folder,
        env,
        encoding: 'utf8',
      }).trim();
    const ended = async () => {
      const queue = () => execFileSync('squeue', ['--noheader'], { env, encoding: 'utf8' }).trim();
      while (queue() !== '') await wait(300);
    };
    // Held, so that one can be cancelled before it begins.
    const first = submit('--hold');
    execFileSync('scancel', [`${first}_5`], { env });
    execFileSync('scontrol', ['release', first], { env });
    await ended();
    const partly = merged('array');
    assert.equal(partly.status, 1);
    assert.match(partly.stdout, /4 of 24 runs are missing:\n {2}4 of shard 5\/6\n/);
    submit();
    await ended();
    const whole = merged('array');
    assert.deepEqual([whole.status, whole.results], [0, alone], whole.stdout);
    const lines = ['1', '2', '3', '4', '5', '6'].flatMap((part) =>
      readFileSync(join(folder, 'array', `${part}.ndjson`), 'utf8')
        .trim()
        .split('\n'),
    );
    assert.equal(lines.filter((line) => JSON.parse(line).event === 'run').length, 24, 'none was trained twice');
    context.diagnostic(`with job 5 cancelled:\n${partly.stdout}\nsent again:\n${whole.stdout}`);
  },
);
