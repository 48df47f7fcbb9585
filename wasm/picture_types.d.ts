// Pictures to samples. Part of index.d.ts.
import type { Bytes, Integers } from './array_types.js';

export interface DecodeOptions {
  /** Side of the square, or [height, width], 1 to 1024 pixels. */
  size: number | [height: number, width: number];
  /** A second size, of which each picture is made in the same reading: to be there when it is wanted. Default: none. */
  larger?: number | [height: number, width: number];
  /** 1: grey, 3: colour. Default 3. */
  channels?: 1 | 3;
  /** `crop` (default) cuts the middle out, `pad` puts white around, `stretch` changes the proportions. */
  fit?: 'crop' | 'pad' | 'stretch';
  /** After each picture; in the order in which they are ready. */
  onProgress?: (done: number, total: number) => void;
  /** Aborting rejects with the signal's reason, and frees what decoding took; in a page at once, elsewhere after the pictures begun. */
  signal?: AbortSignal;
}
export interface RejectedImage {
  /** Into the list of files. */
  index: number;
  name: string;
  /**
   * `format`: no picture, or of a `kind` that is not read here; `bytes`, `pixels`: too large; `damaged`: cut off, or does not decode;
   * `missing`: the file cannot be read; `hidden`: the browser does not let a page see what it has decoded.
   */
  code: 'format' | 'bytes' | 'pixels' | 'damaged' | 'missing' | 'hidden';
  /** In words, as in `it does not decode`. */
  reason: string;
  /** The name of a kind that is known and not read here: HEIC, TIFF or raw, SVG, … */
  kind?: string;
}
export interface DecodedImages {
  /** (N,H,W,C), only of the pictures that were accepted. */
  inputs: Bytes;
  /** The same pictures in the second size, where one was asked for. */
  larger?: Bytes;
  shape: [height: number, width: number, channels: number];
  /** For each of the N, its index into the list of files. */
  accepted: number[];
  rejected: RejectedImage[];
}
/**
 * Decodes pictures, at most 20 MB and 50 megapixels each: PNG, JPEG, WebP and GIF (its first frame), in browsers AVIF and BMP too, in Node
 * AVIF; and any of HEIC and JPEG XL that the decoder at hand reads (Safari's, say). Kinds are told by content, not by name. In a page:
 * Files, Blobs or bytes, decoded in a worker; in Node: paths, Blobs or bytes, and for all but plain JPEG the optional package `sharp`.
 *
 * A picture is turned as its EXIF says (JPEG, PNG, WebP), cropped, padded or stretched, and resized by a triangle filter as wide as the
 * reduction; transparency is put on white; grey is 0.299 R + 0.587 G + 0.114 B. Colour profiles and gamma are not applied, of 16 bits a
 * channel the upper eight are taken, of an animation the first frame.
 *
 * JPEG is decoded by libjpeg-turbo in WebAssembly, at an eighth, a quarter or a half of its width and height where that leaves at least twice
 * the size that is wanted (4000 x 3000 pixels for 320: at a quarter), by a smaller inverse DCT: a photo of 12 megapixels takes two fifths of
 * the time, and its samples are a level or less apart on average from what they would be without. What libjpeg-turbo refuses, CMYK and 4:4:0 go to
 * the browser's own decoder or to sharp, at full size.
 *
 * The same file gives the same samples, byte for byte: plain JPEG everywhere, other kinds in Node, Chromium and Firefox (seen with sharp 0.35,
 * Chromium 156, Firefox 153), but for AVIF: up to 1 of 255 apart, with transparency up to 20. Where Firefox gives pages no VideoFrame (before
 * 130, on Android), pixels that are partly transparent are up to 2 apart. A browser that answers with noise against fingerprinting is noticed:
 * PNG and plain JPEG are decoded all the same, other kinds are rejected as `hidden`.
 */
export function decodeImages(
  files: Iterable<Blob | Uint8Array | string>,
  options: DecodeOptions,
): Promise<DecodedImages>;
/**
 * Starts what decodes pictures in a page: call it when somebody is about to give some (a drag enters, a picker opens), and the first photo
 * of 12 megapixels takes 1.2 times what a later one does, instead of twice. It returns at once; the workers are kept for a minute, and a call
 * renews that. In a worker and in Node it does nothing.
 */
export function warmUpDecoder(): void;
/** Pixels from the top down, RGB or RGBA. */
export interface Pixels {
  data: Uint8Array | Uint8ClampedArray;
  width: number;
  height: number;
}
/**
 * One picture that is no file, such as a frame of a camera, made to size as `decodeImages` makes a file: the same pixels give the same
 * sample, (H,W,C). It works in the caller's thread: a frame of 480 x 480 pixels takes it some 3 ms. A bitmap is left open. Rejects where
 * the browser hides the pixels of bitmaps from pages (`code`: `hidden`).
 */
export function resizeImage(
  image: ImageBitmap | Pixels,
  options: Omit<DecodeOptions, 'larger' | 'onProgress' | 'signal'>,
): Promise<Bytes>;

/**
 * The class of each picture, by the folders that it lies in; the rule of folders that the package reads, and of those dropped on its page.
 *
 * A folder that holds nothing but one folder is passed through. Then classes are the folders nearest to the root that hold a picture, all at
 * one depth; of two of one name (`train/cats`, `test/cats`) they are one class. What lies in folders inside them belongs to them, as in
 * torchvision's ImageFolder and Keras's image_dataset_from_directory.
 * @param paths  of pictures, from the root, with slashes of either kind
 * @param root  its name, where the root itself may be the class of all: it is where it holds pictures, and fewer than two folders of them
 * @returns one name a path; null where a picture lies beside the classes' folders, and is left out
 */
export function classesOf(paths: string[], root?: string): Array<string | null>;
/** Whether a file in a folder is taken for a picture, by the ending of its name. What it is, decodeImages tells by its content. */
export function isPictureName(name: string): boolean;
/**
 * Whether a path names what systems leave beside files: hidden files and folders, `__MACOSX`, `@eaDir`, `Thumbs.db`, `desktop.ini`. None of
 * it is a picture or a class.
 */
export function isSystemFile(path: string): boolean;

/**
 * When pictures were taken, in seconds of the camera's own clock (EXIF's DateTimeOriginal); null where the file does not tell. Reads the
 * first 128 kB of each file. In Node a string is a path.
 */
export function captureTimes(files: Iterable<Blob | Uint8Array | string>): Promise<Array<number | null>>;

/**
 * Pictures that were taken in one go: of one class, and either 2 seconds apart at most, one after the other, or numbered one after the
 * other (`IMG_41.jpg`, `IMG_42.jpg`) and much alike. Answers (N) the number of each picture's burst, from 0 on; -1: in none.
 */
export function findBursts(
  pictures: Uint8Array[],
  known: {
    /** Of every picture: (H,W,C), as `decodeImages` gives them. */
    shape: [height: number, width: number, channels: number];
    labels: ArrayLike<number | string>;
    names?: string[];
    times?: Array<number | null>;
  },
): Integers;

/**
 * The groups that a split must keep together, for `Samples.groups`: the pictures of each burst, and near duplicates, in whatever class they
 * are. These are looked for where pictures are at least 16 pixels high and wide; the time is linear in their number. Answers (N) groups,
 * from 0 on.
 */
export function groupPictures(
  pictures: Uint8Array[],
  known: {
    shape: [height: number, width: number, channels: number];
    /** (N): equal for pictures of one burst, negative for those that are in none. */
    bursts?: ArrayLike<number>;
  },
): Integers;
