// What comes from other programs: projects. Part of index.d.ts.

/** Pictures with their classes, as a Teachable Machine project has them. */
export interface PictureProject {
  /** In the project's order. */
  classNames: string[];
  /** Class by class, each in the order in which its pictures were taken. */
  pictures: Array<{
    /** JPEG, as it is in the project; its name is the one that it has there. */
    file: File;
    /** Into `classNames`. */
    label: number;
  }>;
  /** Names of what lies in the project and is no picture of it. */
  left: string[];
}

/**
 * Opens a Teachable Machine project of pictures (`.tm`): of images or poses. Nothing else of it is kept: not how it was trained, and not the token
 * that it was published with. A `dataset` of type `images` takes one as its `path`. Rejects what is cut off or damaged, has no `manifest.json`, or is
 * of sounds.
 */
export function readTeachableMachineProject(file: Blob | Uint8Array): Promise<PictureProject>;

/**
 * Frames that were recorded together, where nothing tells: a picture that looks like the one before it (16 x 16 squares of both are 20 of 255 apart
 * or less, on average) goes on with its burst.
 * @param pixels  (N,H,W,C), in the order in which they were taken
 * @param labels  (N); a class begins a burst of its own
 * @returns (N), a burst's number for each picture, from 0 on
 */
export function burstsOf(
  pixels: Uint8Array,
  shape: [height: number, width: number, channels: number],
  labels: ArrayLike<number>,
): Int32Array;
