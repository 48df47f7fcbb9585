/** The text of a small page that answers out of a weights file beside it: a picture with what it is, a table with its rows answered. */
import { t } from '../app/language.js';

const pageOf = ({ accept, ask, onFile }) => `<!doctype html>
<meta charset="utf-8">
<title>Trainground</title>
<p>${ask} <input type="file" accept="${accept}"></p>
<pre></pre>
<script type="module">
import { openNetwork } from './trainground/index.js';
const weights = new Uint8Array(await (await fetch('weights.safetensors')).arrayBuffer());
const network = await openNetwork(weights, { threads: 1 });
document.querySelector('input').onchange = async ({ target }) => {
  const [file] = target.files;
  const said = document.querySelector('pre');
${onFile}
};
</script>
`;

const forPictures = `  const { probabilities, rejected } = await network.predictImages([file]);
  const lines = network.classNames.map((name, k) => \`\${(100 * probabilities[k]).toFixed(1).padStart(5)} %  \${name}\`);
  said.textContent = rejected.length ? rejected[0].reason : lines.join('\\n');`;

const forTables = `  try {
    const { table } = await network.predictRows(file, { table: true });
    const link = document.createElement('a');
    Object.assign(link, { href: URL.createObjectURL(new Blob([table])), download: file.name, textContent: file.name });
    said.replaceChildren(link, '\\n\\n' + new TextDecoder().decode(table).split('\\n').slice(0, 20).join('\\n'));
  } catch (error) {
    said.textContent = error.message;
  }`;

/** @param {'picture' | 'table'} kind  of what the network is asked for */
export const savedPage = (kind) =>
  kind === 'table'
    ? pageOf({ accept: '.csv,.tsv,text/csv', ask: t('ways.ask.table'), onFile: forTables })
    : pageOf({ accept: 'image/*', ask: t('ways.ask'), onFile: forPictures });
