// Pictures as other programs take them.

/**
 * (N,C,H,W) from (N,H,W,C); bytes become 0..1.
 * @param {Uint8Array | Float32Array} inputs
 * @param {number[]} shape  height, width, channels
 */
export function channelsFirst(inputs, [height, width, channels]) {
  const pixels = height * width;
  const scale = inputs instanceof Uint8Array ? 255 : 1;
  return Float32Array.from(inputs, (_, i) => {
    const [n, channel, pixel] = [Math.floor(i / (channels * pixels)), Math.floor(i / pixels) % channels, i % pixels];
    return inputs[(n * pixels + pixel) * channels + channel] / scale;
  });
}
