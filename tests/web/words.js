// Short words over a page, and links as the page makes them.

/** Short words over a page; elements are named by their data-testid. */
export function words(page) {
  const css = (id) => `[data-testid="${id}"]`;
  const until = (condition, argument = null, timeout = 60_000) =>
    page.waitForFunction(condition, { timeout, polling: 30 }, argument);
  const self = {
    page,
    until,
    text: (id) => page.$eval(css(id), (element) => element.textContent.trim()),
    value: (id) => page.$eval(css(id), (element) => element.dataset.value),
    number: async (id) => Number(await self.value(id)),
    has: async (id) => (await page.$(css(id))) !== null,
    /** A click as the page gets it, wherever the element is scrolled. */
    click: (id) => page.$eval(css(id), (element) => element.click()),
    /** Waits for an element, then clicks it. */
    find: async (id) => {
      await self.there(id);
      await self.click(id);
    },
    there: (id, timeout) => until((selector) => document.querySelector(selector), css(id), timeout),
    /** What a click would have the browser keep, as bytes. */
    download: async (id) => {
      const text = await page.evaluate(
        (selector) =>
          new Promise((done) => {
            const make = URL.createObjectURL;
            URL.createObjectURL = (blob) => {
              const reader = new FileReader();
              reader.onload = () => done(String(reader.result).split(',')[1]);
              reader.readAsDataURL(blob);
              return make(blob);
            };
            HTMLAnchorElement.prototype.click = () => {};
            document.querySelector(selector).click();
          }),
        css(id),
      );
      return Buffer.from(text, 'base64');
    },
    type: (id, text) =>
      page.$eval(
        css(id),
        (element, value) => {
          element.value = value;
          element.dispatchEvent(new Event('change', { bubbles: true }));
        },
        text,
      ),
    ready: () => until(() => document.querySelector('[data-testid="validation-accuracy"]')?.dataset.value),
    button: (text, timeout) =>
      until((wanted) => document.querySelector('[data-testid="train"]').textContent.trim() === wanted, text, timeout),
    /** Waits until the engine has stopped: the button offers to go on as soon as it was pressed. */
    paused: () =>
      until(
        () =>
          document.querySelector('[data-testid="train"]').textContent.trim() === 'Go on' &&
          document.getElementById('results').getAttribute('aria-busy') === 'false',
      ),
    /** A run of so many epochs, from the click to its end. */
    trained: async (epochs, timeout = 90_000) => {
      await self.type('epochs', String(epochs));
      await self.settled();
      await self.click('train');
      await self.button('Pause');
      await self.ended(timeout);
    },
    /** Waits for the end of a run, and for the page's last look at it. */
    ended: (timeout) =>
      until(
        () =>
          document.querySelector('[data-testid="stop-reason"]')?.dataset.value &&
          document.getElementById('results').getAttribute('aria-busy') === 'false',
        null,
        timeout,
      ),
    epoch: (n) => until((least) => Number(document.querySelector('[data-testid="epoch"]')?.dataset.value) >= least, n),
    /** Trains from the click on Train to an epoch, and pauses there: by the page itself, as a short run does not wait for a test. */
    trainUntil: async (n) => {
      await page.evaluate(
        (least) =>
          new Promise((done) => {
            const train = document.querySelector('[data-testid="train"]');
            const look = new MutationObserver(() => {
              const epoch = Number(document.querySelector('[data-testid="epoch"]')?.dataset.value);
              if (train.textContent.trim() !== 'Pause' || !(epoch >= least)) return;
              look.disconnect();
              train.click();
              done();
            });
            look.observe(document, { subtree: true, childList: true, attributes: true });
            train.click();
          }),
        n,
      );
      await self.paused();
    },
    /** Lets settings settle: the page opens its network anew a moment after a change, and is busy until it has. */
    settled: async () => {
      await until(() => document.getElementById('results').getAttribute('aria-busy') === 'false');
      await self.ready();
    },
    wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
  };
  return self;
}

/** A link with these settings, made as the page makes it. */
export async function linkOf(values) {
  const stream = new Blob([JSON.stringify(values)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return `#e=${Buffer.from(await new Response(stream).arrayBuffer()).toString('base64url')}`;
}
