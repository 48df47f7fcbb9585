"""Golden pictures for core/augmentation.cpp, from an independent implementation in numpy and double precision.

Writes tests/reference/augmentation.json. Run it from the project's folder when the meaning of a transform changes:
python3 tests/reference/augmentation.py
"""
import json
import numpy as np

AUGMENTATION_STREAM = 3  # the fourth of Stream in core/random.h
MASK = 0xFFFFFFFF


def philox(key, counter):
    key, counter = list(key), list(counter)
    for _ in range(10):
        low, high = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(high >> 32) ^ counter[1] ^ key[0], high & MASK, (low >> 32) ^ counter[3] ^ key[1], low & MASK]
        key = [(key[0] + 0x9E3779B9) & MASK, (key[1] + 0xBB67AE85) & MASK]
    return counter


class Words:
    def __init__(self, seed, epoch, sample, place):
        self.key, self.rest, self.place = (seed & MASK, seed >> 32), (epoch, sample, AUGMENTATION_STREAM), place

    def block(self, index):
        return philox(self.key, (self.place * 2**24 + index, *self.rest))


def uniform(word):
    return (word >> 8) / 2**24


def between(low, high, word):
    return low + (high - low) * uniform(word)


def below(word, bound):
    return word * bound // 2**32


def sample_at(x, rows, columns):
    """Bilinear values of x (H,W,C) at real places (arrays of one shape), the edge repeated outside."""
    height, width, _ = x.shape
    rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    total = 0
    for row in range(height):
        for column in range(width):
            weight = np.maximum(0, 1 - np.abs(rows - row)) * np.maximum(0, 1 - np.abs(columns - column))
            total = total + weight[..., None] * x[row, column]
    return total


def flip(x, o, b, words):
    if uniform(b[1]) < o.get('horizontal', 0):
        x = x[:, ::-1]
    if uniform(b[2]) < o.get('vertical', 0):
        x = x[::-1]
    return x


def rotation(x, o, b, words):
    angle = np.radians(between(-o['degrees'], o['degrees'], b[1]))
    height, width, _ = x.shape
    rows, columns = np.mgrid[0:height, 0:width]
    middle = ((height - 1) / 2, (width - 1) / 2)
    place = np.exp(1j * angle) * ((columns - middle[1]) + 1j * (rows - middle[0]))
    return sample_at(x, place.imag + middle[0], place.real + middle[1])


def random_crop(x, o, b, words):
    scale = between(o['scale'][0], o['scale'][1], b[1])
    height, width, _ = x.shape
    left, top = (1 - scale) * width * uniform(b[2]), (1 - scale) * height * uniform(b[3])
    rows, columns = np.mgrid[0:height, 0:width]
    return sample_at(x, top + (rows + .5) * scale - .5, left + (columns + .5) * scale - .5)


def color_shift(x, o, b, words):
    x = x + 0
    if x.shape[2] == 3:
        s, turn = 1 + between(-o['saturation'], o['saturation'], b[2]), np.radians(between(-o['hue'], o['hue'], b[3]))
        # feColorMatrix saturate, then hueRotate, as SVG writes them
        saturate = np.array([[.213 + .787 * s, .715 - .715 * s, .072 - .072 * s],
                             [.213 - .213 * s, .715 + .285 * s, .072 - .072 * s],
                             [.213 - .213 * s, .715 - .715 * s, .072 + .928 * s]])
        hue = (np.array([[.213, .715, .072]] * 3) + np.cos(turn) * np.array([[.787, -.715, -.072], [-.213, .285, -.072], [-.213, -.715, .928]])
               + np.sin(turn) * np.array([[-.213, -.715, .928], [.143, .140, -.283], [-.787, .715, .072]]))
        x = x @ saturate.T @ hue.T
    return x + between(-o['brightness'], o['brightness'], b[1])


def noise(x, o, b, words):
    normals = []
    for index in range(1, 2 + x.size // 8):
        for word in words.block(index):
            radius = np.sqrt(-2 * np.log(((word & 0xFFFF) + 1) / 65536))
            angle = 2 * np.pi * (word >> 16) / 65536
            normals += [radius * np.cos(angle), radius * np.sin(angle)]
    return x + o['stddev'] * np.reshape(normals[:x.size], x.shape)


def cutout(x, o, b, words):
    height, width, _ = x.shape
    side = int(np.floor(o['size'] * min(height, width) + .5))
    left, top = below(b[1], width) - side // 2, below(b[2], height) - side // 2
    rows, columns = np.mgrid[0:height, 0:width]
    hole = (rows >= top) & (rows < top + side) & (columns >= left) & (columns < left + side)
    return np.where(hole[..., None], x.mean((0, 1)), x)


def contrast(x, o, b, words):
    factor = between(o['range'][0], o['range'][1], b[1])
    return x * factor + x.mean() * (1 - factor)


def shift(x, o, b, words):
    across, down = below(b[1], 2 * o['pixels'] + 1) - o['pixels'], below(b[2], 2 * o['pixels'] + 1) - o['pixels']
    padded = np.pad(x, ((o['pixels'],) * 2, (o['pixels'],) * 2, (0, 0)), mode='edge')
    height, width, _ = x.shape
    return padded[o['pixels'] - down:, o['pixels'] - across:][:height, :width]


TRANSFORMS = {'flip': flip, 'rotation': rotation, 'randomCrop': random_crop, 'colorShift': color_shift, 'noise': noise,
              'cutout': cutout, 'contrast': contrast, 'shift': shift}


def augment(picture, transforms, seed, epoch, sample):
    x = picture / 255.0
    for place, options in enumerate(transforms):
        words = Words(seed, epoch, sample, place)
        block = words.block(0)
        if uniform(block[0]) < options.get('probability', 1):
            x = np.clip(TRANSFORMS[options['type']](x, options, block, words), 0, 1)
    return x


EACH = [
    {'type': 'flip', 'horizontal': .5, 'vertical': .5},
    {'type': 'rotation', 'degrees': 170},
    {'type': 'randomCrop', 'scale': [.4, 1.3]},
    {'type': 'colorShift', 'brightness': .2, 'saturation': .7, 'hue': 120},
    {'type': 'noise', 'stddev': .3},
    {'type': 'cutout', 'size': .5},
    {'type': 'contrast', 'range': [.2, 2]},
    {'type': 'shift', 'pixels': 2},
]
MIXED = [{**options, 'probability': .7} for options in EACH]

generator = np.random.default_rng(0)
cases = []
for shape in [(5, 4, 3), (6, 6, 1)]:
    picture = generator.integers(0, 256, shape)
    for transforms in [[options] for options in EACH] + [MIXED, MIXED[::-1]]:
        for seed, epoch, sample in [(1, 0, 0), (2**40 + 5, 3, 70000)]:
            result = augment(picture, transforms, seed, epoch, sample)
            cases.append({'shape': shape, 'picture': picture.ravel().tolist(), 'transforms': transforms, 'seed': seed, 'epoch': epoch,
                          'sample': sample, 'expected': [round(v, 6) for v in result.ravel().tolist()]})

with open('tests/reference/augmentation.json', 'w') as file:
    file.write('[\n' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + '\n]\n')
