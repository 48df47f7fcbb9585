// The house rules that no compiler checks: reading order, who may know whom, names, sizes. Each rule is a function from the tracked
// files to complaints; it runs on the repository, where it must find nothing, and on a small broken example, where it must.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { figuresOf, pageRules } from './page_house.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const isText = (path) => /\.(h|cpp|js|mjs|ts|json|css|html|md|txt|py|sh)$|(^|\/)(\.[^/]*|LICENSE)$|^\.ci\//.test(path);

/** @returns {Map<string, string>} path to text of every tracked file; the text of what is not text is empty */
function trackedFiles() {
  const paths = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
  const present = paths.filter((path) => existsSync(root + path));
  return new Map(present.map((path) => [path, isText(path) ? readFileSync(root + path, 'utf8') : '']));
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
const isCore = (path) => /^core\/.*\.(h|cpp)$/.test(path);

/** The files of core/ that a file of core/ includes, by their path from its own folder or from core/. */
function includesOf(path, files) {
  const names = [...withoutComments(files.get(path)).matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)].map(
    (match) => match[1],
  );
  return names.map((name) => {
    const beside = posix.join(posix.dirname(path), name);
    return files.has(beside) ? beside : posix.join('core', name);
  });
}

/** Where each header of core/ stands in the reading order. */
function readingOrder(files) {
  return new Map(includesOf('core/core.h', files).map((path, place) => [path, place]));
}

/**
 * The header whose place a file shares. A source has that of its own header, or, where one header has several sources, of the
 * first that it includes; a header that is not in core.h belongs to the sources that include it.
 */
function placeOf(path, files, order) {
  if (order.has(path)) return path;
  if (path.endsWith('.cpp')) {
    const own = path.replace(/\.cpp$/, '.h');
    return order.has(own) ? own : includesOf(path, files).find((include) => order.has(include));
  }
  const users = [...files.keys()].filter((user) => isCore(user) && includesOf(user, files).includes(path));
  const sources = users.every((user) => user.endsWith('.cpp')) ? users : [];
  return sources.map((user) => placeOf(user, files, order)).sort((a, b) => order.get(a) - order.get(b))[0];
}

const rules = {
  'a file of core/ includes only what stands above it in core.h': {
    check(files) {
      const order = readingOrder(files);
      const complaints = [];
      for (const path of files.keys()) {
        if (!isCore(path) || path === 'core/core.h') continue;
        const place = placeOf(path, files, order);
        if (place === undefined) complaints.push(`${path} has no place in core/core.h`);
        for (const include of includesOf(path, files)) {
          const theirs = placeOf(include, files, order);
          const own = path.endsWith('.h') && order.has(path) ? order.get(path) - 1 : order.get(place);
          if (!(order.get(theirs) <= own))
            complaints.push(`${path} includes ${include}, which does not stand above it`);
        }
      }
      return complaints;
    },
    broken: { 'core/core.h': '#include "a.h"\n#include "b.h"', 'core/a.h': '#include "b.h"', 'core/b.h': '' },
  },
  'CMakeLists.txt lists every source of core/, in reading order': {
    check(files) {
      const order = readingOrder(files);
      const lists = [...files.get('CMakeLists.txt').matchAll(/set\((?:STEP|RUN)_SOURCES([^)]*)\)/g)];
      const sources = [...files.keys()].filter((path) => isCore(path) && path.endsWith('.cpp'));
      const named = lists.map(([, list]) => list.trim().split(/\s+/));
      const complaints = sources
        .filter((path) => !named.flat().includes(path))
        .map((path) => `${path} is in neither STEP_SOURCES nor RUN_SOURCES`);
      for (const list of named) {
        const places = list.map((path) => order.get(placeOf(path, files, order)));
        places.forEach((place, i) => {
          if (i > 0 && place < places[i - 1]) complaints.push(`${list[i]} stands too late in its list`);
        });
      }
      return complaints;
    },
    broken: {
      'core/core.h': '#include "a.h"\n#include "b.h"',
      'core/a.h': '',
      'core/b.h': '',
      'core/a.cpp': '#include "a.h"',
      'core/b.cpp': '#include "b.h"',
      'CMakeLists.txt': 'set(STEP_SOURCES core/b.cpp core/a.cpp)',
    },
  },
  'no file is named after nothing': {
    check: (files) =>
      [...files.keys()].filter((path) =>
        posix
          .basename(path)
          .toLowerCase()
          .split(/[._-]/)
          .some((word) => /^(utils?|helpers?|common|misc|managers?|handlers?|processors?|impl|base|data2)$/.test(word)),
      ),
    broken: { 'web/chart_utils.js': '' },
  },
  'no source is longer than 400 lines': {
    check: (files) =>
      [...files]
        .filter(([path]) => /\.(h|cpp|js|mjs|ts|css|html|py)$/.test(path))
        .map(([path, text]) => [path, text.split('\n').length - 1])
        .filter(([, lines]) => lines > 400)
        .map(([path, lines]) => `${path}: ${lines} lines`),
    broken: { 'core/long.cpp': '\n'.repeat(401) },
  },
  'the top level is a fixed list': {
    check(files) {
      const allowed =
        /^(core|wasm|web|tests|findings|CMakeLists\.txt|package\.json|package-lock\.json|README\.md|LICENSE|\..*)$/;
      return [...new Set([...files.keys()].map((path) => path.split('/')[0]))].filter((name) => !allowed.test(name));
    },
    broken: { 'docs/notes.md': '' },
  },
  'only core/kernels/vector.h knows SIMD': {
    check: (files) =>
      mentions(
        files,
        (path) => isCore(path) && path !== 'core/kernels/vector.h',
        /_simd128|wasm_[fiu]\d|immintrin|_mm\d*_|arm_neon|vector_size|__SSE|__AVX|__ARM_NEON/,
      ),
    broken: { 'core/kernels/matmul.cpp': '#include <wasm_simd128.h>' },
  },
  'only core/parallel.* knows threads': {
    check: (files) =>
      mentions(
        files,
        (path) => isCore(path) && !path.startsWith('core/parallel.'),
        /<(thread|mutex|atomic|future|barrier|latch|semaphore|condition_variable|shared_mutex)>|pthread|thread_local/,
      ),
    broken: { 'core/network.cpp': '#include <mutex>' },
  },
  'only wasm/bindings.cpp and wasm/number_text.cpp know Emscripten': {
    check: (files) =>
      mentions(
        files,
        (path) => /\.(h|cpp)$/.test(path) && !/^wasm\/(bindings|number_text)\.cpp$/.test(path),
        /emscripten|EM_JS|EM_ASM/i,
      ),
    broken: { 'core/training.cpp': '#include <emscripten.h>' },
  },
  'core/ knows no files, no clock, no console, no hidden state': {
    check: (files) =>
      mentions(
        files,
        isCore,
        /<(fstream|iostream|cstdio|stdio\.h|filesystem|chrono|ctime|random)>|\b(printf|fopen|getenv|srand|rand)\s*\(|std::(cout|cerr)/,
      ),
    broken: { 'core/training.cpp': 'std::cout << loss;' },
  },
  'only wasm/assets.js knows where files lie, and wasm/start.js and wasm/jpeg.js which are a build': {
    check: (files) =>
      mentions(
        files,
        (path) => /^wasm\/[^/]*\.js$/.test(path) && !['wasm/assets.js', 'wasm/start.js', 'wasm/jpeg.js'].includes(path),
        /['"`./]dist\/|new URL\(['"`]\.\/(?!(engine|picture)_worker\.js)/,
      ),
    broken: { 'wasm/index.js': "import create from './dist/single.mjs';" },
  },
  'the page knows the package by its public name only': {
    check: (files) =>
      mentions(
        files,
        (path) => /^web\/.*\.js$/.test(path) && path !== 'web/vite.config.js',
        /(from|import\()\s*['"][^'"]*wasm\//,
      ),
    broken: { 'web/train/training.js': "import { Trainer } from '../../wasm/index.js';" },
  },
  'nothing outside tests/ uses tests/': {
    check: (files) =>
      mentions(
        files,
        (path) => /^(core|wasm|web)\/.*\.(h|cpp|js)$/.test(path),
        /(#include\s+"|from\s+'|import\(')[^"']*\btests\//,
      ),
    broken: { 'core/network.h': '#include "../tests/core/layer_cases.h"' },
  },
  'no file tells where it was written': {
    check(files) {
      const traces = /(^|[\s"'`=(:])\/(work|home|Users)\/|registry\.npmjs\.org|deb\.debian\.org|localhost:\d{4}\/\w/;
      return mentions(
        files,
        (path) => path !== 'tests/structure.test.js',
        traces,
        (text) => text,
      );
    },
    broken: { 'README.md': 'see /work/notes.md' },
  },
};

/** Lines of the chosen files in which a pattern occurs outside comments. */
function mentions(files, chosen, pattern, read = withoutComments) {
  return [...files]
    .filter(([path, text]) => chosen(path) && pattern.test(read(text)))
    .map(([path, text]) => {
      return `${path}: ${pattern.exec(read(text))[0].trim()}`;
    });
}

const files = trackedFiles();
for (const [name, { check, broken }] of Object.entries({ ...rules, ...pageRules })) {
  test(name, () => {
    assert.deepEqual(check(files), []);
    assert.notDeepEqual(check(new Map(Object.entries(broken))), [], 'the rule must see the broken example');
  });
}

test('the figures of the page and its rooms', (context) => {
  for (const [what, figure] of Object.entries(figuresOf(files))) context.diagnostic(`${what}: ${figure}`);
});

// Bytes in brotli of what a page downloads; raising a limit is a commit of its own.
for (const [name, limit] of [
  ['single', 147_500],
  ['threads', 158_000],
]) {
  test(`the ${name} build is at most ${limit} bytes in brotli`, (context) => {
    const size = brotliCompressSync(readFileSync(`${root}wasm/dist/${name}.wasm`)).length;
    context.diagnostic(`${name}.wasm: ${size} bytes in brotli`);
    assert.ok(size <= limit, `${size} bytes`);
  });
}
