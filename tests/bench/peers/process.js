// A library in a Node process of its own, which this same file is: a question a line, an answer a line.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { answer } from './session.js';

const file = fileURLToPath(import.meta.url);

/** @param {string[]} flags  for V8 @returns {Promise<{ ask(question: object): Promise<any>, close(): Promise<void> }>} */
export async function openProcess(flags) {
  const child = spawn(process.execPath, [...flags, file], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise((done) => child.on('exit', done));
  child.stdin.on('error', () => {}); // it has ended: the question below gets no answer
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      return done ? { error: 'its process ended' } : JSON.parse(value);
    },
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

if (process.argv[1] === file) {
  const out = process.stdout.write.bind(process.stdout);
  process.stdout.write = () => true; // what a library has to say is no answer
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await answer(JSON.parse(line)).catch((error) => ({ error: String(error?.message ?? error) }));
    out(`${JSON.stringify(reply)}\n`);
  }
  process.exit(); // whatever a library still waits for
}
