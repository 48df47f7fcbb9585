// What the two Python scripts say of their inputs and answers, in numpy: the classes, the preparation, a picture prepared by it, and weights
// that were trained for something else refused. A picture's sums run in the order of images.js, so that it has the same bytes. Tables:
// export_table_script.js.
import { inWords } from './experiment.js';
import { indented, python } from './export_python.js';
import { tableScript } from './export_table_script.js';

/** Only where the network learned from pictures. */
const kPictures = `

def taken(tall, wide):
    """Of a picture's height and width: what is taken out of its middle, and what that becomes."""
    height, width = PREPARATION['size']
    ratio, larger = min(tall / height, wide / width), max(tall / height, wide / width)
    used = (ratio * height, ratio * width) if PREPARATION['fit'] == 'crop' else (tall, wide)
    padded = [max(1, math.floor(side / larger + 0.5)) for side in (tall, wide)]
    return used, padded if PREPARATION['fit'] == 'pad' else [height, width]


def read_picture(path):
    """A picture as it lies in its file: bytes (H,W,4), red, green, blue and opacity; height and width; how many times smaller a JPEG
    of many pixels was read; EXIF's orientation."""
    from PIL import Image
    try:
        with Image.open(path, formats=('PNG', 'JPEG', 'WEBP')) as file:
            wide, tall = file.size
            turned, reduction = file.getexif().get(0x0112, 1), 1
            used, inner = taken(*((wide, tall) if turned in (5, 6, 7, 8) else (tall, wide)))
            layers = getattr(file, 'layer', [(0, 0, 0)]) if file.mode in ('L', 'RGB') else [(0, 0, 0)]
            if layers[0][1:3] in ((1, 1), (2, 1), (2, 2), (4, 1)):
                left = min(used[0] / inner[0], used[1] / inner[1])
                reduction = next((times for times in (8, 4, 2) if left >= 2 * times), 1)
            if reduction > 1:
                file.draft(None, (wide // reduction, tall // reduction))
            picture = file
            if picture.mode.startswith('I'):  # grey in 16 bits
                picture = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
            return np.asarray(picture.convert('RGBA')), (tall, wide), reduction, turned
    except Exception as error:  # Pillow tells of broken files in many ways
        raise ValueError(f'Expected {path} to be a PNG, JPEG or WebP picture, got {error}') from error


def on_white(rgba):
    opacity = rgba[..., 3:].astype(np.float64)
    return np.floor(rgba[..., :3] * opacity / 255 + 0.5) + 255 - opacity


def taps(start, length, limit, outputs):
    """The places that \`outputs\` pixels take along a side, tap by tap, and their weights: a triangle as wide as the reduction."""
    scale = length / outputs
    support = max(1, scale)
    centre = start + (np.arange(outputs) + 0.5) * scale
    first, end = np.maximum(0, np.floor(centre - support)), np.minimum(limit, np.ceil(centre + support))
    places = first + np.arange((end - first).max())[:, None]
    weights = np.maximum(0, 1 - np.abs(places + 0.5 - centre) / support) * (places < end)
    return zip(np.minimum(places, limit - 1).astype(int), weights / np.cumsum(weights, 0)[-1])


def prepared(path):
    """A picture as bytes (H,W,C), made by PREPARATION."""
    rgba, sides, reduction, turned = read_picture(path)
    (height, width), is_lying = PREPARATION['size'], turned in (5, 6, 7, 8)
    used, inner = (one[::-1] if is_lying else one for one in taken(*(sides[::-1] if is_lying else sides)))
    down, across = (taps((side - part) / 2 / reduction, part / reduction, side // reduction, outputs)
                    for side, part, outputs in zip(sides, used, inner))
    lines = sum(weights[:, None] * on_white(rgba[:, places]) for places, weights in across)
    colours = sum(weights[:, None, None] * lines[places] for places, weights in down)
    if turned in (2, 3, 7, 8):
        colours = colours[:, ::-1]
    if turned in (3, 4, 6, 7):
        colours = colours[::-1]
    if is_lying:
        colours = colours.swapaxes(0, 1)
    if PREPARATION['channels'] == 1:
        colours = 0.299 * colours[..., :1] + 0.587 * colours[..., 1:2] + 0.114 * colours[..., 2:]
    picture = np.full((height, width, PREPARATION['channels']), 255, np.uint8)
    (tall, wide), top, left = colours.shape[:2], (height - colours.shape[0]) // 2, (width - colours.shape[1]) // 2
    picture[top:top + tall, left:left + wide] = np.floor(colours + 0.5)
    if PREPARATION['invert'] == 'auto':
        border = np.ones((height, width), bool)
        border[1:-1, 1:-1] = False
        if picture[border].mean() > 127.5:
            picture = 255 - picture
    return picture


def tell(path, logits):
    """Prints the class of a picture, and how probable each is."""
    answer = answer_of(logits)
    if not CLASS_NAMES:
        print(f'{path}:', *(f'{one:.7g}' for one in answer))
        return
    order = np.argsort(-answer, kind='stable')
    print(f'{path}: {CLASS_NAMES[order[0]]}')
    for k in order:
        print(f'  {answer[k]:.7f}  {CLASS_NAMES[k]}')
`;

const kKinds = {
  picture: { code: kPictures, imported: ['math'], argument: "metavar='PHOTO', nargs='+'" },
  table: {
    code: tableScript,
    imported: ['csv', 'gzip', 'io', 'itertools', 'math', 're'],
    argument: "metavar='ROWS.csv'",
  },
  numbers: { code: '', imported: [], argument: "nargs='+'" },
};

/**
 * What makes answers of logits, one sample's or many, as core/loss.cpp does it.
 * @param {string} loss
 * @param {boolean} twoOfOne  whether one output tells two classes apart
 */
function answerScript(loss, twoOfOne) {
  const lines = twoOfOne
    ? ['return np.exp(-np.logaddexp(0, np.concatenate([z, -z], -1)))  # 1 - p and p']
    : loss === 'binaryCrossEntropy'
      ? ['return np.exp(-np.logaddexp(0, -z))']
      : loss === 'crossEntropy'
        ? ['e = np.exp(z - z.max(-1, keepdims=True))', 'return e / e.sum(-1, keepdims=True)']
        : ['return z'];
  return `

def answer_of(logits):
    """Probabilities of the classes, or numbers."""
    z = np.asarray(logits, np.float64)
${indented(lines, 4)}
`;
}

/**
 * Words of a script: `preparation`, definitions at its top; `imported`, modules that these need; `numbers`, of what kind inputs are;
 * `argument`, keywords of its --predict; `refusal`, a text for who asks a network that learned from neither pictures nor a table.
 * @param {import('./preparation.js').Preparation} preparation
 * @param {string[]} classNames
 * @param {string} loss
 * @param {number} outputs
 */
export function preparationWords(preparation, classNames, loss, outputs) {
  const twoOfOne = outputs === 1 && classNames.length === 2 && loss !== 'crossEntropy';
  const { kind } = preparation;
  const { code, imported, argument } = kKinds[kind];
  const given = kind === 'numbers' ? `one of samples of shape ${inWords(preparation.shape)}` : '';
  const refusal = python(`Expected --predict of a network that learned from pictures or a table, got ${given}`);
  const text = `CLASS_NAMES = ${python(classNames)}
PREPARATION = json.loads(${python(JSON.stringify(preparation))})  # how something becomes an input


def description(path):
    """What a weights file of Trainground says of itself, texts by key."""
    with open(path, 'rb') as file:
        length, = struct.unpack('<Q', file.read(8))
        return json.loads(file.read(length)).get('__metadata__', {})


def check_description(path):
    """Refuses weights for other classes, in another order, or for inputs that were made in another way."""
    described = description(path)
    names = json.loads(described.get('trainground.classNames', '[]'))
    if names and CLASS_NAMES and names != CLASS_NAMES:
        raise ValueError(f'Expected {path} to be weights of the classes {CLASS_NAMES}, got weights of the classes {names}')
    made = json.loads(described.get('trainground.preparation', 'null')) or PREPARATION
    own, other = ({key: one.get(key) for key in PREPARATION if made.get(key) != PREPARATION[key]} for one in (PREPARATION, made))
    if own:
        raise ValueError(f'Expected {path} to be weights for inputs made with {own}, got weights for inputs made with {other}')
${code && answerScript(loss, twoOfOne) + code}`;
  const numbers = preparation.scale === 1 ? 'as they stand in the data set' : 'bytes in 0..1 (uint8 / 255)';
  return { preparation: text, kind, imported, numbers, argument, refusal };
}
