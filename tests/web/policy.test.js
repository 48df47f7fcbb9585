// What the page may not do: its own policy lets the browser refuse every other place.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { webkitLater, fresh, serve } from './browser.js';

/** A place that must never be asked. */
async function elsewhere() {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*' }).end('x');
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { asked, url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** Tries every way out of a page that has been broken into; tells the directives that stood in the way. */
async function tryAll(url, expected) {
  const refused = [];
  addEventListener('securitypolicyviolation', ({ effectiveDirective }) => refused.push(effectiveDirective));
  const put = (name, values) => document.body.append(Object.assign(document.createElement(name), values));
  const ways = [
    () => fetch(`${url}fetch`),
    () => navigator.sendBeacon(`${url}beacon`, 'x'),
    () => new WebSocket(url.replace('http', 'ws')),
    () => new EventSource(`${url}events`),
    () => put('img', { src: `${url}img` }),
    () => put('script', { src: `${url}script` }),
    () => put('link', { rel: 'stylesheet', href: `${url}style` }),
    () => put('iframe', { src: `${url}frame` }),
    () => put('object', { data: `${url}object` }),
    () => new FontFace('x', `url(${url}font)`).load(),
    () => put('script', { textContent: 'window.ranInline = true' }),
    () => {
      const button = document.createElement('button');
      button.setAttribute('onclick', 'window.ranText = true');
      button.click();
    },
  ];
  for (const way of ways)
    await Promise.resolve()
      .then(way)
      .catch(() => {});
  for (let i = 0; i < 500 && !expected.every((one) => refused.includes(one)); i++)
    await new Promise((done) => setTimeout(done, 20));
  return { refused: [...new Set(refused)].sort(), ran: Boolean(window.ranInline || window.ranText) };
}

for (const { name, skip } of webkitLater) {
  test(`${name}: the page's policy refuses every other place, and text as script`, { skip }, async () => {
    const [server, other] = [await serve(), await elsewhere()];
    const browser = await fresh(name);
    try {
      const page = await browser.newPage();
      await page.goto(server.url);
      const policy = await page.$eval('meta[http-equiv="Content-Security-Policy"]', ({ content }) => content);
      const rules = Object.fromEntries(policy.split('; ').map((rule) => [rule.split(' ')[0], rule]));
      assert.equal(rules['default-src'], "default-src 'self'");
      assert.equal(rules['connect-src'], "connect-src 'self'");
      assert.equal(rules['script-src'], "script-src 'self' 'wasm-unsafe-eval'");
      assert.equal(rules['img-src'], "img-src 'self' blob: data:");
      assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|https?:|\*/);
      const expected = ['connect-src', 'img-src', 'script-src-elem', 'style-src-elem', 'frame-src', 'font-src'];
      const { refused, ran } = await page.evaluate(tryAll, other.url, expected);
      for (const directive of expected) assert.ok(refused.includes(directive), `${directive} is not among ${refused}`);
      assert.equal(ran, false);
      assert.deepEqual(other.asked, []);
    } finally {
      await browser.close();
      server.stop();
      other.close();
    }
  });
}
