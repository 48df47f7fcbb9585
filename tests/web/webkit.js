// WebKit, by the driver that comes with WebKitGTK, on a screen of its own (Xvfb). It speaks W3C's WebDriver (https://www.w3.org/TR/webdriver2/),
// which is JSON over HTTP, and puppeteer does not; so here are those words of puppeteer that the tests use, a command or two each.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The name that the standard gives to an element's reference. */
const kElement = 'element-6066-11e4-a52e-4f735466cecf';
/** A popup has no frame, so that it is as narrow as a phone; the browser's own window is not. */
const kArguments = ['--automation', '--javascript-can-open-windows-automatically=true'];
const kPopup = "window.open('about:blank', '_blank', 'popup,width=1440,height=900')";
/** Without a locale the browser's language is "C". .ci/setup makes this one. */
const locale = { LC_ALL: 'en_US.UTF-8', LOCPATH: fileURLToPath(new URL('../../build/locale', import.meta.url)) };
/** The engine has what threads need, and this browser keeps it back; with it there are threads, as in Safari. */
const asInSafari = { JSC_useSharedArrayBuffer: '1' };
const keys = { Tab: '\uE004', Enter: '\uE007', Escape: '\uE00C', Space: ' ' };

/** What has been started, and ends with the tests. @type {Set<import('node:child_process').ChildProcess>} */
const programs = new Set();
process.on('exit', () => programs.forEach((one) => one.kill()));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

function start(program, args, options) {
  const started = spawn(program, args, { stdio: 'ignore', ...options });
  programs.add(started);
  started.unref(); // a test that fails leaves it to the end
  return started;
}

async function end(program) {
  programs.delete(program);
  program.ref();
  program.kill();
  if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** One command of WebDriver. */
async function command(method, url, body) {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${method} ${url}: ${value.error}: ${value.message}`);
  return value;
}

/** Notes what goes wrong in a page from now on. */
function watch() {
  const wrong = (window.wentWrong = []);
  const isHarmless = (message) => message?.startsWith('ResizeObserver loop'); // told by each browser, as an error by this one
  addEventListener('error', ({ message }) => message && !isHarmless(message) && wrong.push(message));
  addEventListener('unhandledrejection', ({ reason }) => wrong.push(String(reason)));
  const { error } = console;
  console.error = (...said) => (wrong.push(said.join(' ')), error(...said));
}

/** An element, or what else a page keeps. */
class Handle {
  constructor(page, reference) {
    Object.assign(this, { page, reference });
  }
  evaluate(use, ...args) {
    return this.page.evaluate(use, this.reference, ...args);
  }
  uploadFile(...paths) {
    return this.page.ask('POST', `element/${this.reference[kElement]}/value`, { text: paths.join('\n') });
  }
}

/** A window, with the words of puppeteer's Page. */
class Page {
  keyboard = { press: (name) => this.press(keys[name] ?? name) };
  hear = [];

  constructor(context, handle) {
    Object.assign(this, { context, handle });
  }
  on(event, hear) {
    if (event === 'pageerror') this.hear.push(hear);
  }
  ask(method, path, body) {
    return this.context.ask(this.handle, method, path, body);
  }
  press(value) {
    const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value }));
    return this.ask('POST', 'actions', { actions: [{ type: 'key', id: 'keyboard', actions }] });
  }
  async tellErrors() {
    const wrong = (await this.evaluate(() => window.wentWrong?.splice(0))) ?? [];
    for (const message of wrong) for (const hear of this.hear) hear({ message });
  }
  async goto(url) {
    await this.tellErrors();
    await this.ask('POST', 'url', { url });
    await this.evaluate(watch);
  }
  async reload() {
    await this.tellErrors();
    await this.ask('POST', 'refresh', {});
    await this.evaluate(watch);
  }
  async evaluate(use, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${use})(...[...arguments].slice(0, -1))).then(
        (value) => done(value === undefined ? {} : { value }), (error) => done({ error: String(error) }));`;
    const { value, error } = await this.ask('POST', 'execute/async', { script, args });
    if (error) throw new Error(error);
    return value;
  }
  async evaluateHandle(use, ...args) {
    return new Handle(this, await this.evaluate(use, ...args));
  }
  async $(selector) {
    const handle = await this.evaluateHandle((css) => document.querySelector(css), selector);
    return handle.reference && handle;
  }
  $eval(selector, use, ...args) {
    return this.evaluate(`(css, ...args) => (${use})(document.querySelector(css), ...args)`, selector, ...args);
  }
  $$eval(selector, use, ...args) {
    return this.evaluate(`(css, ...args) => (${use})([...document.querySelectorAll(css)], ...args)`, selector, ...args);
  }
  async $$(selector) {
    const references = await this.$$eval(selector, (elements) => elements);
    return references.map((reference) => new Handle(this, reference));
  }
  focus(selector) {
    return this.$eval(selector, (element) => element.focus());
  }
  select(selector, chosen) {
    const choose = (element, value) => {
      element.value = value;
      for (const kind of ['input', 'change']) element.dispatchEvent(new Event(kind, { bubbles: true }));
    };
    return this.$eval(selector, choose, chosen);
  }
  /** While the page goes elsewhere there is no answer. */
  async waitForFunction(condition, { timeout = 30_000, polling = 30 } = {}, ...args) {
    for (const late = Date.now() + timeout; ; await pause(polling)) {
      const value = await this.evaluate(condition, ...args).catch((error) => {
        if (!/javascript error|no such/.test(error.message)) throw error;
      });
      if (value) return value;
      if (Date.now() > late) throw new Error(`Waited in vain for ${condition}`);
    }
  }
  async waitForSelector(selector, options) {
    await this.waitForFunction((css) => Boolean(document.querySelector(css)), options, selector);
    return this.$(selector);
  }
  async setViewport({ width, height }) {
    await this.ask('POST', 'window/rect', { width, height });
    await this.waitForFunction((wide, high) => innerWidth === wide && innerHeight === high, {}, width, height);
  }
  async screenshot() {
    return Buffer.from(await this.ask('GET', 'screenshot'), 'base64');
  }
  bringToFront() {
    return this.ask('GET', 'title');
  }
  async close() {
    await this.tellErrors();
    this.context.pages.delete(this);
    await this.ask('DELETE', 'window');
  }
}

/** A session: a browser that has stored nothing yet. */
class Context {
  pages = new Set();
  current = null;

  async open(path, flags, variables) {
    const port = await freePort();
    const env = { ...process.env, ...locale, ...asInSafari, ...variables };
    this.driver = start(path, [`--port=${port}`], { env });
    const url = `http://127.0.0.1:${port}`;
    while (!(await command('GET', `${url}/status`).catch(() => null))) await pause(20);
    const timeouts = { script: 120_000 };
    const options = { 'webkitgtk:browserOptions': { args: [...kArguments, ...flags] } };
    const { sessionId } = await command('POST', `${url}/session`, {
      capabilities: { alwaysMatch: { timeouts, ...options } },
    });
    this.session = `${url}/session/${sessionId}`;
    this.first = await command('GET', `${this.session}/window`);
    return this;
  }
  /** A command for a window. */
  async ask(handle, method, path, body) {
    if (this.current !== handle) await command('POST', `${this.session}/window`, { handle });
    this.current = handle;
    return command(method, `${this.session}/${path}`, body);
  }
  async newPage() {
    const before = await this.ask(this.first, 'GET', 'window/handles');
    await this.ask(this.first, 'POST', 'execute/sync', { script: kPopup, args: [] });
    const after = await this.ask(this.first, 'GET', 'window/handles');
    const page = new Page(
      this,
      after.find((one) => !before.includes(one)),
    );
    this.pages.add(page);
    return page;
  }
  async close() {
    try {
      for (const page of this.pages) await page.tellErrors();
      await command('DELETE', this.session);
    } finally {
      await end(this.driver);
    }
  }
}

/** The words of puppeteer's Browser. `preferences`: variables of its environment. */
export async function launchWebKit(path, { flags = [], preferences = {} } = {}) {
  const screen = ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '2000x2000x24'];
  const server = start('Xvfb', screen, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const [number] = await once(server.stdio[3], 'data');
  return {
    createBrowserContext: () =>
      new Context().open(path, flags, { DISPLAY: `:${String(number).trim()}`, ...preferences }),
    close: () => end(server),
  };
}
