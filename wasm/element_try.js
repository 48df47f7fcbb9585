// Trying what <train-ground> has learned: a place to draw on or a picture for networks that take pictures, a field for each number or column for the others,
// and a bar for each of the likeliest answers.
import { prepareImage } from './preparation.js';

const kSide = 200; // pixels of the place to draw on
const kBrush = 18;
const kMargin = 8;
const kBars = 4;
const kMostFields = 24;

/** @param {string} tag @param {object} [values] @param {Array<Node | string>} [inside] @returns {any} */
function make(tag, values = {}, inside = []) {
  const element = Object.assign(document.createElement(tag), values);
  element.append(...inside);
  return element;
}

/** The square around what was drawn, as digits and letters of sets fill their pictures; beyond the edge it is transparent. @param {Uint8ClampedArray} data */
function boxOf(data) {
  let [left, top, right, bottom] = [kSide, kSide, 0, 0];
  for (let i = 0; i < kSide * kSide; i++) {
    if (data[4 * i] > 127) continue;
    const [x, y] = [i % kSide, Math.floor(i / kSide)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  }
  if (right < left) return [0, 0, kSide];
  const side = Math.max(right - left, bottom - top) + 2 * kMargin;
  return [Math.round((left + right - side) / 2), Math.round((top + bottom - side) / 2), side];
}

export class TryIt {
  #trainer;
  #texts;
  #answers;
  /** Asks for what was tried last; a promise of probabilities, or null where there is nothing to ask about. @type {() => Promise<ArrayLike<number> | null>} */
  #ask = async () => null;
  #isAsking = false;
  #isAskedAgain = false;

  /**
   * @param {HTMLElement} place
   * @param {import('./trainer.js').Trainer} trainer
   * @param {import('./element_texts.js').Texts} texts
   */
  constructor(place, trainer, texts) {
    this.#trainer = trainer;
    this.#texts = texts;
    this.#answers = make('ol', { ariaLabel: texts.says });
    this.#answers.setAttribute('aria-live', 'polite');
    const { preparation } = trainer.start;
    if (preparation.kind === 'picture') place.append(this.#pad(), this.#answers);
    else if (preparation.shape[2] <= kMostFields) place.append(this.#fields(preparation), this.#answers);
  }

  /** The network has learned on, or something else is tried. One question at a time; the newest is not lost. */
  async again() {
    if (this.#isAsking) return void (this.#isAskedAgain = true);
    this.#isAsking = true;
    try {
      do {
        this.#isAskedAgain = false;
        this.#show(await this.#ask());
      } while (this.#isAskedAgain);
    } catch {
      // The trainer was let go: another one answers.
    } finally {
      this.#isAsking = false;
    }
  }

  /** @param {ArrayLike<number> | null} said */
  #show(said) {
    const names = this.#trainer.start.classNames;
    if (!said) return this.#answers.replaceChildren();
    if (names.length === 0)
      return this.#answers.replaceChildren(make('li', {}, [make('span', { textContent: said[0].toPrecision(4) })]));
    const order = [...names.keys()].sort((a, b) => said[b] - said[a]).slice(0, kBars);
    return this.#answers.replaceChildren(
      ...order.map((k) => {
        const bar = make('b');
        bar.style.width = `${100 * said[k]}%`;
        return make('li', {}, [
          make('span', { textContent: names[k] }),
          bar,
          make('span', { textContent: `${(100 * said[k]).toFixed(0)} %` }),
        ]);
      }),
    );
  }

  /** A square to draw on in black on white, and a picture in its place. */
  #pad() {
    const canvas = make('canvas', {
      width: kSide,
      height: kSide,
      tabIndex: 0,
      ariaLabel: this.#texts.draw,
      role: 'img',
    });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    const clear = () => {
      context.fillStyle = '#fff';
      context.fillRect(0, 0, kSide, kSide);
    };
    clear();
    Object.assign(context, { lineWidth: kBrush, lineCap: 'round', lineJoin: 'round' });
    const ask = async () => {
      const { preparation } = this.#trainer.start;
      const whole = context.getImageData(0, 0, kSide, kSide);
      const [x, y, side] =
        preparation.kind === 'picture' && preparation.channels === 1 ? boxOf(whole.data) : [0, 0, kSide];
      const { data } = side === kSide ? whole : context.getImageData(x, y, side, side);
      const pixels = await prepareImage({ data, width: side, height: side }, preparation);
      return (await this.#trainer.predict(pixels)).probabilities;
    };
    const place = (/** @type {PointerEvent} */ event) => {
      const box = canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * kSide) / box.width, ((event.clientY - box.top) * kSide) / box.height];
    };
    /** @type {number[] | null} */
    let last = null;
    const draw = (/** @type {PointerEvent} */ event) => {
      if (!last) return;
      const to = place(event);
      context.beginPath();
      context.moveTo(last[0], last[1]);
      context.lineTo(to[0], to[1]);
      context.stroke();
      last = to;
      this.#ask = ask;
      this.again();
    };
    canvas.addEventListener('pointerdown', (/** @type {PointerEvent} */ event) => {
      canvas.setPointerCapture(event.pointerId);
      last = place(event);
      draw(event);
    });
    canvas.addEventListener('pointermove', draw);
    for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => (last = null));
    const empty = make('button', { className: 'quiet', type: 'button', textContent: this.#texts.clear });
    empty.addEventListener('click', () => {
      clear();
      this.#ask = async () => null;
      this.again();
    });
    const file = make('input', { type: 'file', accept: 'image/*', ariaLabel: this.#texts.choose });
    file.addEventListener('change', async () => {
      const [chosen] = file.files;
      if (!chosen) return;
      const bitmap = await createImageBitmap(chosen).catch(() => null);
      if (bitmap) {
        const side = Math.max(bitmap.width, bitmap.height) / kSide;
        const [width, height] = [bitmap.width / side, bitmap.height / side];
        clear();
        context.drawImage(bitmap, (kSide - width) / 2, (kSide - height) / 2, width, height);
      }
      this.#ask = async () => {
        const { probabilities, rejected } = await this.#trainer.predictImages([chosen]);
        return rejected.length ? null : probabilities;
      };
      this.again();
    });
    return make('div', {}, [canvas, make('p', {}, [empty]), file]);
  }

  /** A field for each number, or column of a table. @param {import('./index.d.ts').NumbersPreparation | import('./index.d.ts').TablePreparation} preparation */
  #fields(preparation) {
    const isTable = preparation.kind === 'table';
    const columns = isTable
      ? preparation.columns.map((column) => ({
          name: column.name,
          value: String(column.type === 'number' ? column.median : column.categories[0]),
        }))
      : Array.from({ length: preparation.shape[2] }, (_, i) => ({ name: `x${i + 1}`, value: '' }));
    const inputs = columns.map(({ value }) => make('input', { value, inputMode: isTable ? 'text' : 'decimal' }));
    const ask = async () => {
      const values = inputs.map(({ value }) => value.trim().replace(',', '.'));
      if (values.includes('')) return null;
      if (isTable) {
        const row = Object.fromEntries(columns.map(({ name }, i) => [name, inputs[i].value]));
        const { probabilities } = await this.#trainer.predictRows([row]);
        return probabilities.length ? probabilities : null;
      }
      const numbers = Float32Array.from(values, Number);
      return numbers.some(Number.isNaN) ? null : (await this.#trainer.predict(numbers)).probabilities;
    };
    for (const input of inputs) {
      input.addEventListener('input', () => {
        this.#ask = ask;
        this.again();
      });
    }
    return make(
      'div',
      {},
      columns.map(({ name }, i) => make('label', {}, [`${name} `, inputs[i]])),
    );
  }
}
