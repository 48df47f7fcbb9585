// The rules of the page's house, web/: rooms in the order of the data's path, no circle, one door for each, every part of the state with its
// owner, and names for what flows back. Each rule is a function from the tracked files to complaints, with an example that breaks it.
import { posix } from 'node:path';

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
const isPage = (path) => /^web\/(?!public\/|vite\.config\.js$).*\.js$/.test(path);
const isScript = (path) => isPage(path) || /^wasm\/[^/]*\.js$/.test(path);

/** The folder of web/ in which a file stands, or the file itself where it stands in none. */
const roomOf = (path) => path.split('/')[1];

/** The files that each script imports, statically or when it is needed. @returns {Map<string, string[]>} */
export function importsOf(files, chosen = isScript) {
  const paths = [...files.keys()].filter(chosen);
  const read = (path) =>
    [...withoutComments(files.get(path)).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)]
      .map(([, name]) => posix.join(posix.dirname(path), name))
      .filter((name) => files.has(name) && chosen(name));
  return new Map(paths.map((path) => [path, [...new Set(read(path))]]));
}

/** Groups of files that import one another, each file else alone (Tarjan, "Depth-first search and linear graph algorithms", 1972). */
export function groupsOf(graph) {
  const [number, low, stack, groups] = [new Map(), new Map(), [], []];
  const visit = (path) => {
    number.set(path, number.size);
    low.set(path, number.get(path));
    stack.push(path);
    for (const next of graph.get(path) ?? []) {
      if (!number.has(next)) visit(next);
      if (stack.includes(next)) low.set(path, Math.min(low.get(path), low.get(next)));
    }
    if (low.get(path) === number.get(path)) groups.push(stack.splice(stack.indexOf(path)));
  };
  for (const path of graph.keys()) if (!number.has(path)) visit(path);
  return groups;
}

/** The house in figures. */
export function figuresOf(files) {
  const graph = importsOf(files, isPage);
  const groups = groupsOf(graph); // whoever is imported comes first
  const floor = new Map();
  for (const group of groups) {
    const below = group.flatMap((path) => graph.get(path)).filter((path) => !group.includes(path));
    const own = 1 + Math.max(0, ...below.map((path) => floor.get(path)));
    for (const path of group) floor.set(path, own);
  }
  const arrows = [...graph].flatMap(([path, list]) => list.map((next) => [path, next]));
  const between = new Set(
    arrows
      .map((pair) => pair.map(roomOf))
      .filter(([a, b]) => a !== b && !/\.js$/.test(a))
      .map(String),
  );
  const [widest, list] = [...graph].reduce((most, one) => (one[1].length > most[1].length ? one : most));
  return {
    files: graph.size,
    imports: arrows.length,
    floors: Math.max(...floor.values()),
    'files in circles': groups.filter((group) => group.length > 1).flat().length,
    'arrows between rooms': between.size,
    'widest fan-out': `${list.length} (${widest})`,
    'longest file': Math.max(...[...graph.keys()].map((path) => files.get(path).split('\n').length - 1)),
  };
}

/** The rooms in the order in which they are read: README's list, which is the only one. */
const roomsOf = (files) => [...files.get('README.md').matchAll(/^\| `web\/(\w+)\/` \|/gm)].map(([, room]) => room);

/** What every room may use: it stands before all others, and has no door. */
const ground = ['app', 'parts'];

const readme = (...rooms) => rooms.map((room) => `| \`web/${room}/\` | |`).join('\n');

/** The parts of the state with their owners, as app/state.js says them. @returns {Map<string, string>} */
function ownersOf(files) {
  const text = files.get('web/app/state.js') ?? '';
  const parts = text.matchAll(/Owner: (\S+?)\s*\*\/\s*(\w+):/g);
  return new Map([...parts].map(([, owner, part]) => [part, owner]));
}

/** Names that are told or heard. */
const called = (verb, text) =>
  [...withoutComments(text).matchAll(new RegExp(`\\b${verb}\\(\\s*'([^']+)'`, 'g'))].map(([, name]) => name);

export const pageRules = {
  'no files of the page or the package import one another in a circle': {
    check: (files) =>
      groupsOf(importsOf(files))
        .filter((group) => group.length > 1)
        .map((group) => `a circle: ${group.sort().join(' ')}`),
    broken: { 'web/data/a.js': "import { b } from './b.js';", 'web/data/b.js': "import { a } from './a.js';" },
  },
  'every script of the page stands in a room of README.md, but for main.js': {
    check(files) {
      const rooms = roomsOf(files);
      const strangers = [...files.keys()]
        .filter(isPage)
        .filter((path) => path !== 'web/main.js' && !rooms.includes(roomOf(path)));
      const empty = rooms.filter((room) => ![...files.keys()].some((path) => path.startsWith(`web/${room}/`)));
      return [...strangers, ...empty.map((room) => `web/${room}/ is empty`)];
    },
    broken: { 'README.md': readme('data'), 'web/data/data.js': '', 'web/chart.js': '' },
  },
  'a room imports only from rooms that stand before it in README.md': {
    check(files) {
      const rooms = roomsOf(files);
      return [...importsOf(files, isPage)].flatMap(([path, list]) =>
        list
          .filter((next) => path !== 'web/main.js' && rooms.indexOf(roomOf(next)) > rooms.indexOf(roomOf(path)))
          .map((next) => `${path} imports ${next}, whose room stands behind its own`),
      );
    },
    broken: {
      'README.md': readme('data', 'train'),
      'web/data/own.js': "import { openRun } from '../train/training.js';",
      'web/train/training.js': '',
    },
  },
  'main.js knows of a room only its door, the file of the same name': {
    check(files) {
      const doors = roomsOf(files).filter((room) => !ground.includes(room));
      const missing = doors
        .filter((room) => !files.has(`web/${room}/${room}.js`))
        .map((room) => `web/${room}/ has no door`);
      const others = (importsOf(files, isPage).get('web/main.js') ?? [])
        .filter((path) => !ground.includes(roomOf(path)) && path !== `web/${roomOf(path)}/${roomOf(path)}.js`)
        .map((path) => `main.js imports ${path}`);
      return [...missing, ...others];
    },
    broken: {
      'README.md': readme('data'),
      'web/main.js': "import { own } from './data/own.js';",
      'web/data/data.js': '',
      'web/data/own.js': '',
    },
  },
  'a part of the state is changed by its owner only': {
    check(files) {
      const owners = ownersOf(files);
      return [...files.keys()].filter(isPage).flatMap((path) => {
        const text = withoutComments(files.get(path));
        const changed = [
          ...text.matchAll(/\bstate\.(\w+)(?:\.\w+|\[[^\]]*\])*\s*(?:=(?!=)|\?\?=|\|\|=|\+=|\+\+)/g),
        ].map(([, part]) => part);
        const whole = /Object\.assign\(state\b(?!\.view, values\))/.test(text) ? [`${path} assigns to the state`] : [];
        return [
          ...whole,
          ...changed
            .filter((part) => !`${path}`.startsWith(`web/${owners.get(part) ?? '?'}`))
            .map((part) => `${path} changes state.${part}, whose owner is ${owners.get(part) ?? 'not named'}`),
        ];
      });
    },
    broken: {
      'web/app/state.js': 'export const state = {\n  /** The run. Owner: train/ */\n  run: null,\n};',
      'web/results/travel.js': 'state.run = null;',
    },
  },
  'what flows back has a name, one hearer, and somebody who tells it': {
    check(files) {
      const list = [...(files.get('web/app/events.js') ?? '').matchAll(/^ {2}'?([\w-]+)'?:\s*'(\S+\.js) /gm)];
      const page = [...files].filter(([path]) => isPage(path));
      const told = new Set(page.flatMap(([, text]) => called('tell', text)));
      const heard = page.flatMap(([path, text]) => called('hear', text).map((name) => [name, path]));
      const named = list.map(([, name]) => name);
      return [
        ...[...told, ...heard.map(([name]) => name)]
          .filter((name) => !named.includes(name))
          .map((name) => `${name} is not in the list`),
        ...named.filter((name) => !told.has(name)).map((name) => `nobody tells ${name}`),
        ...list.flatMap(([, name, path]) => {
          const hearers = heard.filter(([one]) => one === name).map(([, where]) => where);
          return String(hearers) === `web/${path}` ? [] : [`${name} should be heard by ${path}, and is by ${hearers}`];
        }),
      ];
    },
    broken: {
      'web/app/events.js': "export const events = {\n  open: 'train/training.js opens a run',\n};",
      'web/data/own.js': "tell('open'); tell('opened');",
      'web/train/training.js': "hear('open', openRun);",
    },
  },
  'no script of the page has less than 15 lines, but for the doors': {
    check: (files) =>
      [...files]
        .filter(
          ([path, text]) =>
            isPage(path) && text.split('\n').length - 1 < 15 && posix.basename(path, '.js') !== roomOf(path),
        )
        .map(([path]) => path),
    broken: { 'web/parts/download.js': '\n'.repeat(9) },
  },
};
