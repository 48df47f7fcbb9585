/** A network that is brought: the Python text that builds it, pasted, or a .py or .onnx file. Its layers take the place of those that are here. */
import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { importOnnx, importPython, InputError } from 'trainground';
import { changedNow } from '../app/drawing.js';
import { has, t } from '../app/language.js';
import { state, turnTable } from '../app/state.js';
import { failed } from '../parts/alerts.js';
import { fileButton } from '../parts/fields.js';
import { change } from './edits.js';
import { holdWeights } from './open_options.js';

/** What is written in the box, and what became of the last one: {layers, notes, weights} or {problems}. */
let text = '';
let outcome = null;

/** What it would be given, where data are there. @returns {[number, number, number] | undefined} */
const sampleShape = () => state.data?.shape;

/** The last layer gives as many numbers as the data ask for. */
function fitted({ experiment: { layers }, notes }) {
  const last = layers.at(-1);
  const { units } = state.experiment.layers.at(-1);
  if (last.type !== 'dense' || !units || last.units === units) return { layers, notes };
  const note = { kind: 'outputs', n: last.units, given: last.units, actual: units };
  return { layers: [...layers.slice(0, -1), { ...last, units }], notes: [...notes, note] };
}

/** Takes the layers over, or says why not. @param {() => Promise<import('trainground').ImportedLayers>} read @param {string} [name]  of the file */
async function take(read, name) {
  try {
    const imported = await read();
    const { layers, notes } = fitted(imported);
    const held = imported.weights && `${name}.safetensors`;
    if (held) holdWeights(held, imported.weights);
    change(layers, held ? { weights: held, freeze: 'none' } : null);
    outcome = { layers, notes, held };
  } catch (error) {
    if (!(error instanceof InputError)) return failed(error);
    outcome = { problems: error.problems };
  }
  return changedNow();
}

const readText = () => take(() => importPython(text, { shape: sampleShape() }));

/** @param {File} file */
async function readFile(file) {
  if (!file) return undefined;
  if (/\.onnx$/i.test(file.name)) return take(() => importOnnx(file), file.name.replace(/\.onnx$/i, ''));
  const content = await file.slice(0, 2 ** 20).text(); // more than is taken: a film is refused as soon
  if (!content.includes('\0')) text = content;
  return take(() => importPython(content, { shape: sampleShape() }));
}

function drop(event) {
  event.preventDefault();
  event.stopPropagation();
  readFile(event.dataTransfer.files[0]);
}

/** A file that is pasted is opened; text goes into the box. */
function paste(event) {
  const [file] = event.clipboardData?.files ?? [];
  if (!file) return;
  event.preventDefault();
  event.stopPropagation();
  readFile(file);
}

function type(event) {
  ({ value: text } = event.target);
}

function press(event) {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  readText();
}

/** Goes to a line of the box, and marks it. @param {number} line */
function show(line) {
  const box = /** @type {HTMLTextAreaElement} */ (document.querySelector('[data-testid="paste-text"]'));
  const lines = box.value.split('\n');
  const from = lines.slice(0, line - 1).reduce((length, one) => length + one.length + 1, 0);
  box.focus();
  box.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
  box.scrollTop = (box.scrollHeight / lines.length) * Math.max(0, line - 3);
}

/** Where a problem is: its line, and what stands there. @param {string} path  as in `kernelSize in line 4 (nn.Conv2d)` */
function placed(path) {
  const [, option, line, layer] = /^(?:(.*) in )?line (\d+)(?: \((.*)\))?$/.exec(path) ?? [];
  const inside = [option, layer].filter(Boolean).join(', ') || t('paste.here');
  return line ? { line: Number(line), path: inside } : { line: undefined, path };
}

/** @param {import('trainground').Problem} problem */
function problemLine(problem) {
  const { line, path } = placed(problem.path);
  return html`<li>${lineButton(line)}${t('alert.problem', { ...problem, path })}</li>`;
}

const lineButton = (line) =>
  line && text
    ? html`<button class="link" @click=${() => show(line)}>${t('paste.line', { line: String(line) })}</button> `
    : nothing;

/** A note in the language of the page. */
const worded = (note) => (has(`paste.note.${note.kind}`) ? t(`paste.note.${note.kind}`, note) : note.text);

function said() {
  if (!outcome) return nothing;
  const { problems, layers, notes, held } = outcome;
  if (problems)
    return html`<p class="warns" data-testid="paste-problems" data-value=${problems.length}>
        ${t('paste.failed', { n: problems.length })}
      </p>
      <ul class="small">
        ${problems.map(problemLine)}
      </ul>`;
  return html`<p data-testid="paste-opened" data-value=${layers.length}>
      ${t('paste.opened', { n: layers.length })}${held ? ` ${t('paste.weights')}` : ''}
    </p>
    ${
      notes.length
        ? html`<ul class="small muted" data-testid="paste-notes">
            ${notes.map((note) => html`<li>${lineButton(note.line)}${worded(note)}</li>`)}
          </ul>`
        : nothing
    }`;
}

/** The button that opens the panel. */
export const pasteButton = () =>
  html`<button
    class="button small"
    data-testid="paste-network"
    aria-expanded=${state.view.tables.paste ? 'true' : 'false'}
    aria-controls="paste-panel"
    @click=${() => turnTable('paste')}
  >
    ${t('paste.open')}
  </button>`;

export function pastePanel() {
  const isOpen = Boolean(state.view.tables.paste);
  return html`<div
    id="paste-panel"
    class="panel paste"
    ?hidden=${!isOpen}
    @dragover=${(event) => event.preventDefault()}
    @drop=${drop}
  >
    ${
      isOpen
        ? html`<label for="paste-text">${t('paste.label')}</label>
            <p class="small muted" id="paste-about">${t('paste.about')}</p>
            <textarea
              id="paste-text"
              class="code"
              data-testid="paste-text"
              rows="10"
              spellcheck="false"
              autocapitalize="off"
              aria-describedby="paste-about"
              .value=${live(text)}
              @input=${type}
              @keydown=${press}
              @paste=${paste}
            ></textarea>
            <div class="row">
              <button class="button small" data-testid="paste-read" @click=${readText}>${t('paste.read')}</button>
              ${fileButton({ words: t('paste.file'), id: 'paste-file', accept: '.py,.txt,.onnx', take: ([file]) => readFile(file) })}
            </div>`
        : nothing
    }
    <div role="status" class="outcome">${isOpen ? said() : nothing}</div>
  </div>`;
}
