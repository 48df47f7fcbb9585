#!/bin/sh
# LiteRT.js 2.5.3 (npm): the build that loadLiteRt takes wherever the browser can, and the only one with threads, multiply and add by the
# relaxed instructions of WebAssembly (f32x4.relaxed_madd), of which the engine may round the product or not, as the device is faster. So one
# page with one .tflite and one input may give other numbers on another machine, and nothing in the API says so or asks for the exact
# arithmetic; the build that has it ("compat") has no threads. Seen in the files: the three bytes of the instruction, by build.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --ignore-scripts --no-audit --no-fund @litertjs/core@2.5.3 >/dev/null
node -e '
  const { readFileSync, readdirSync } = require("node:fs");
  const folder = "node_modules/@litertjs/core/wasm/";
  const found = {};
  for (const name of readdirSync(folder).filter((one) => one.endsWith(".wasm"))) {
    const bytes = readFileSync(folder + name);
    let count = 0;
    for (let at = 0; (at = bytes.indexOf("fd8502", at, "hex")) >= 0; at += 3) count++;
    found[name] = count;
    console.log(name, "relaxed_madd", count);
  }
  const exact = Object.keys(found).filter((name) => found[name] < 10);
  if (exact.join() !== "litert_wasm_compat_internal.wasm") throw new Error(`exact builds: ${exact}`);
'
