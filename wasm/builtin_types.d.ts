import type { LayerDescription } from './index.d.ts';

/** Names of the built-in data sets and what they hold. */
export function datasets(): Promise<BuiltInDataset[]>;
export interface BuiltInDataset {
  name: string;
  title: string;
  samples: number;
  classes: string[];
  shape: [number, number, number];
  licence: string;
  source: string;
}

/** The built-in backbones: names for `transfer.weights`. */
export function backbones(): Promise<Backbone[]>;
export interface Backbone {
  name: string;
  title: string;
  /** The built-in set that it has learned, and that set's classes. */
  dataset: string;
  classes: string[];
  /** Of one sample: height, width, channels. */
  shape: [number, number, number];
  /** Numbers that training changed. */
  parameters: number;
  /** Its network: give yours the same layers up to the last to take all of it but the answer. */
  layers: LayerDescription[];
  /** Of the safetensors file: its length, and its hash. */
  bytes: number;
  sha256: string;
  licence: string;
}
