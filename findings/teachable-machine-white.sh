#!/bin/sh
# @teachablemachine/image 0.8.5 (with the @tensorflow/tfjs 1.3.1 that it asks for): what its models are fed is x / 127 - 1, not the x / 127.5 - 1
# of the MobileNet that they begin with. White comes in as 1.00787, outside of -1..1, and black as -1, so who scales an exported model's input
# by MobileNet's rule is up to .0079 off at every pixel. Seen with a white, a grey and a black pixel through the package's own capture().
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @teachablemachine/image@0.8.5 @tensorflow/tfjs@1.3.1 >/dev/null 2>&1
cat >ask.cjs <<'JS'
const tf = require('@tensorflow/tfjs');
const { capture } = require('@teachablemachine/image/dist/utils/tf');
const pixel = (value) => [value, value, value, 255];
const data = Uint8ClampedArray.from([255, 127, 0, 0].flatMap(pixel));
const canvas = { width: 2, height: 2, getContext: () => ({ getImageData: () => ({ data }) }) };
const seen = Array.from(capture(canvas).dataSync());
console.log(tf.version.tfjs, ...[0, 3, 6].map((at) => seen[at].toFixed(5)));
JS
node ask.cjs 2>/dev/null | grep '^1\.3\.1' | tee seen
grep -q '^1.3.1 1.00787 0.00000 -1.00000$' seen
echo "as described"
