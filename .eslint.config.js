// What the formatter cannot see: unused names, missing awaits on the way out, and globals that one of the two worlds does not have.
import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['wasm/*_shim.js', 'build/', 'wasm/dist/', 'web/dist/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-unused-vars': ['error', { args: 'after-used', ignoreRestSiblings: true }],
      'no-var': 'error',
      'no-control-regex': 'off', // the command line's colours are control characters
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', { max: 400 }],
    },
  },
  // The package runs in pages, workers and Node alike.
  {
    files: ['wasm/**/*.js'],
    languageOptions: {
      globals: { ...globals['shared-node-browser'], ...globals.worker, ...globals.browser, process: 'readonly' },
    },
  },
  { files: ['web/**/*.js'], languageOptions: { globals: globals.browser } },
  { files: ['web/public/*.js'], languageOptions: { globals: globals.serviceworker } },
  {
    files: ['tests/**/*.js', 'wasm/cli.js', 'wasm/cli_files.js', 'wasm/data/*.js', '.*.js', 'web/vite.config.js'],
    languageOptions: { globals: globals.node },
  },
  // Page tests hand functions to the browser.
  {
    files: ['tests/web/**/*.js', 'tests/wasm/**/*.js', 'tests/slow/**/*.js', 'tests/bench/page*.js'],
    languageOptions: { globals: globals.browser },
  },
];
