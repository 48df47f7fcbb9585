// What Emscripten's scripts of the threads build take for granted under Node, and an ES module does not have. Put in front of them by the
// build; in a browser (also in Electron's pages, which have a `process` too) all stay undefined.
const inNode = Boolean(globalThis.process?.versions?.node) && !['renderer', 'worker'].includes(globalThis.process.type);
const process = inNode ? globalThis.process : undefined;
const require = process?.getBuiltinModule('node:module').createRequire(import.meta.url);
const __filename = process?.getBuiltinModule('node:url').fileURLToPath(import.meta.url);
const __dirname = process?.getBuiltinModule('node:path').dirname(__filename);
// They write globals; `location` is nobody's to write (Deno refuses it), and nobody reads it here.
const global =
  process && new Proxy(globalThis, { set: (all, name, value) => name === 'location' || Reflect.set(all, name, value) });
