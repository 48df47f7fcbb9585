/** The box of cards: that of the run on the page, to be handed on; one that came by a link or a file, with "Check this"; or a table of many. */
import { html, nothing } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { makeCard } from 'trainground';
import { changedNow } from '../app/drawing.js';
import { t } from '../app/language.js';
import { cardLink, packed, unpacked, writeLink } from '../app/link.js';
import { setView, state } from '../app/state.js';
import { copied, download } from '../parts/download.js';
import { fileButton } from '../parts/fields.js';
import { addPictures, dropping } from '../data/add_pictures.js';
import { addTable, isTableFile } from '../data/add_table.js';
import { everyFile, fromDrop, fromFiles } from '../data/collect.js';
import { awaits, check, forget, stop, take } from './checking.js';
import { cardsIn } from './files.js';
import { cardsTable, stateBadge, twinsOf } from './table.js';
import { dataOf, digits, nameOf, networkOf, notesOf, reached, settingsOf, stateOf } from './words.js';

const change = (values) => {
  state.cards = { ...state.cards, ...values };
  changedNow();
};

/** Shows the card of the run on the page, which has ended. */
export async function showOwn() {
  const { run } = state;
  const deviations = /** @type {import('trainground').Deviation[]} */ ([
    ...(run.rate !== undefined ? ['learningRate'] : []),
    ...(run.isBorrowed ? ['weights'] : []),
  ]);
  const card = await makeCard(run.trainer, { deviations });
  setView({ menu: null });
  change({ isOpen: true, own: { card, name: '', link: null } });
}

/** Takes cards of others, and checks them where there are several. @param {Array<{ name: string, content: File }>} cards */
export async function showOthers(cards) {
  setView({ menu: null });
  change({ isOpen: true, own: null });
  if (cards.length === 0) return;
  await take(cards);
  if (state.cards.list.length > 1) check();
}

/** Shows the card of the page's address. @param {string} text */
export async function showLinked(text) {
  const content = await unpacked(text).catch(() => '');
  change({ isOpen: true, own: null });
  await take([{ name: t('cards.linked'), content }]);
}

/** Closed, a table of many is kept, and checked in the background. */
function close() {
  if (state.cards.list.length <= 1) forget();
  change({ isOpen: false, own: null, address: null });
  writeLink();
}

/** What was dropped or chosen: cards, or the data that they have learned from. @param {Array<{ path: string, file: File }>} placed @param {() => Promise<any>} pictures */
async function receive(placed, pictures) {
  const cards = await cardsIn(placed);
  if (cards.length) return showOthers(cards);
  const table = placed.find(({ file }) => isTableFile(file));
  if (table) await addTable(table.file);
  else if (placed.length) await addPictures(pictures());
  else return undefined;
  return check();
}

/** @param {import('trainground').CardResult} result */
function resultInWords({ validationAccuracy, validationLoss, validationSamples, bestEpoch, epoch }) {
  const key = validationAccuracy !== null ? 'accuracy' : validationLoss !== null ? 'loss' : 'trainingLoss';
  return t(`cards.${key}`, { n: validationSamples, epoch: bestEpoch || epoch });
}

/** What is said of an experiment and its result. @param {import('trainground').Card} card */
function facts(card) {
  const { experiment, result, engine } = card;
  const list = {
    data: html`${dataOf(experiment.dataset)} <code>${digits(card.dataSha256)}</code>`,
    network: networkOf(experiment),
    settings: settingsOf(experiment),
    result: html`<b>${reached(result)}</b> ${resultInWords(result)}`,
    weights: html`<code>${digits(result.weightsSha256)}</code>`,
    version: engine,
  };
  return html`<dl class="card-facts" data-testid="card-facts">
    ${Object.entries(list).map(
      ([key, value]) =>
        html`<dt>${t(`cards.fact.${key}`)}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}

/** The card of the run on the page: whose it is, and how it goes out. */
function ownCard({ card, name, link, isCopied }) {
  const named = () => ({ ...card, ...(name && { name }) });
  const fileName = `${name.replace(/[^\p{L}\p{N} _-]/gu, '').trim() || 'run'}.card.json`;
  const copy = async () => {
    const text = cardLink(await packed(named()));
    change({ own: { ...state.cards.own, link: text, isCopied: await copied(text) } });
  };
  return html`<p class="muted">${t('cards.about.own')}</p>
    ${facts(card)}
    ${(card.deviations ?? []).map((one) => html`<p class="held" data-testid="card-deviation">${t(`cards.deviation.${one}`)}</p>`)}
    <div class="row">
      <label for="card-name">${t('cards.name')}</label>
      <input
        class="box card-name"
        id="card-name"
        data-testid="card-name"
        maxlength="80"
        autocomplete="off"
        .value=${name}
        @input=${({ target }) => change({ own: { ...state.cards.own, name: target.value.trim(), link: null } })}
      />
    </div>
    <div class="row">
      <button
        class="button"
        data-testid="card-file"
        @click=${() => download(fileName, [`${JSON.stringify(named(), null, 2)}\n`], 'application/json')}
      >
        ${t('cards.download')}
      </button>
      <button class="button" data-testid="card-link" @click=${copy}>${t('cards.copyLink')}</button>
    </div>
    ${
      link
        ? html`<label class="small" for="card-link-text">${t(isCopied ? 'cards.linkCopied' : 'share.copy')}</label>
            <input
              class="box link-box"
              id="card-link-text"
              data-testid="card-link-text"
              readonly
              .value=${link}
              @focus=${(event) => event.target.select()}
            />`
        : nothing
    }`;
}

/** One card of somebody, and what came of checking it. @param {import('./checking.js').Row} row */
function oneCard(row) {
  const { card } = row;
  const now = stateOf(row);
  return html`<h3 data-testid="card-title">${nameOf(row)}</h3>
    ${card ? facts(card) : nothing}
    <div class="card-verdict" role="status" data-testid="card-state" data-value=${now}>
      ${now === 'waiting' ? nothing : stateBadge(row)} ${notesOf(row, twinsOf(row)).map((note) => html`<p>${note}</p>`)}
      ${now === 'equal' ? html`<p>${t('cards.equalMeans')}</p>` : nothing}
      ${now === 'different' ? html`<p class="muted">${t('cards.differentMeans')}</p>` : nothing}
    </div>
    <div class="row">
      ${
        now === 'waiting'
          ? html`<button class="button go" data-testid="card-check" @click=${check}>${t('cards.check')}</button>`
          : nothing
      }
      ${now === 'checking' ? html`<button class="button" data-testid="card-stop" @click=${stop}>${t('cards.stop')}</button>` : nothing}
    </div>`;
}

/** Where cards are dropped, and the data that they have learned from. */
function dropBox() {
  const { over, leave, drop } = dropping((transfer) => {
    const pictures = fromDrop(transfer); // asked for at once: the event's files are gone later
    everyFile(transfer).then((placed) => receive(placed, () => pictures));
  });
  const wanted = new Set(state.cards.list.map(awaits).filter(Boolean));
  return html`<div class="drop" data-testid="cards-drop" @dragover=${over} @dragleave=${leave} @drop=${drop}>
    <b>${t('cards.drop')}</b>
    <p class="small muted">${t('cards.how')}</p>
    ${[...wanted].map((what) => html`<p class="held" data-testid="cards-need-${what}">${t(`cards.need.${what}`)}</p>`)}
    <div class="row">
      ${fileButton({
        words: t('cards.choose'),
        id: 'cards-input',
        accept: '.json,.zip,.csv,.tsv,image/*',
        multiple: true,
        take: (files) =>
          receive(
            files.map((file) => ({ path: file.name, file })),
            () => fromFiles(files),
          ),
      })}
    </div>
  </div>`;
}

/** The box, where it is open. */
export function cardsBox() {
  const { isOpen, own, list } = state.cards;
  if (!isOpen) return nothing;
  const title = own ? 'cards.ofRun' : list.length === 1 ? 'cards.one' : 'cards.title';
  return html`<dialog
    class="cards-box"
    data-testid="cards"
    aria-labelledby="cards-heading"
    ${ref((box) => box && !(/** @type {HTMLDialogElement} */ (box).open) && queueMicrotask(() => box.isConnected && /** @type {HTMLDialogElement} */ (box).showModal()))}
    @close=${close}
  >
    <div class="row">
      <h2 id="cards-heading">${t(title)}</h2>
      <span class="space"></span>
      <button class="link" data-testid="cards-close" @click=${(event) => event.target.closest('dialog').close()}>
        ${t('alert.close')}
      </button>
    </div>
    ${own ? ownCard(own) : list.length === 1 ? oneCard(list[0]) : list.length ? cardsTable() : html`<p class="muted">${t('cards.about')}</p>`}
    ${own ? nothing : dropBox()}
  </dialog>`;
}
