/** Pictures that are there twice, pixel for pixel: within a class, under two names, or to learn from and held back at once. */
const kLooked = 4096; // bytes of a picture: a larger one would cost more and tell no more

/** 64 bits of some of the bytes (FNV-1a in two halves): two pictures that share them are compared byte by byte. */
function fingerprint(bytes) {
  let [a, b] = [0x811c9dc5, 0x01000193];
  const step = Math.max(1, Math.floor(bytes.length / kLooked));
  for (let i = 0; i < bytes.length; i += step) {
    a = Math.imul(a ^ bytes[i], 0x01000193);
    b = Math.imul(b ^ bytes[i], 0x85ebca6b) ^ (b >>> 13);
  }
  return `${a},${b}`;
}

/** @type {WeakMap<Uint8Array, string>} */
const fingerprints = new WeakMap();

function printOf(pixels) {
  if (!fingerprints.has(pixels)) fingerprints.set(pixels, fingerprint(pixels));
  return fingerprints.get(pixels);
}

const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

/** A number for each picture, equal where the pictures are. @param {Uint8Array[]} pictures */
function kindsOf(pictures) {
  const seen = new Map();
  return pictures.map((pixels, at) => {
    const alike = seen.get(printOf(pixels)) ?? [];
    seen.set(printOf(pixels), alike);
    const first = alike.find((other) => isSame(pictures[other], pixels));
    if (first === undefined) alike.push(at);
    return first ?? at;
  });
}

/**
 * @template {{ name: string, pictures: Array<{ pixels: Uint8Array }> }} C
 * @param {C[]} classes
 * @returns {{ within: Map<C, number>, across: Map<C, Map<string, number>> }} for each class how many of its pictures are there again in it,
 *   and how many, by the other's name, are in another class too
 */
export function doublesOf(classes) {
  const owners = classes.flatMap((one) => one.pictures.map(() => one));
  const kinds = kindsOf(classes.flatMap((one) => one.pictures.map(({ pixels }) => pixels)));
  /** @type {Map<number, Set<C>>} */
  const homes = new Map();
  const within = new Map();
  kinds.forEach((kind, at) => {
    const home = homes.get(kind) ?? new Set();
    homes.set(kind, home);
    if (home.has(owners[at])) within.set(owners[at], (within.get(owners[at]) ?? 0) + 1);
    home.add(owners[at]);
  });
  const across = new Map();
  for (const home of homes.values()) {
    for (const one of home) {
      for (const other of home) {
        if (one === other) continue;
        const names = across.get(one) ?? new Map();
        across.set(one, names.set(other.name, (names.get(other.name) ?? 0) + 1));
      }
    }
  }
  return { within, across };
}

/**
 * How many of the held-back pictures are learned from too.
 * @param {Uint8Array[]} pictures  in the order of the data set
 * @param {{ training: number[], validation: number[] }} split
 */
export function learnedToo(pictures, { training, validation }) {
  const kinds = kindsOf(pictures);
  const learned = new Set(Array.from(training, (index) => kinds[index]));
  return validation.filter((index) => learned.has(kinds[index])).length;
}
