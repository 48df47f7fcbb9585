/** A tensor's name as saved, `layers.<index>.weight`, and PyTorch's shape. */
export interface TensorPlace {
  name: string;
  shape: number[];
}

/** A tensor of the network that the file had nothing for. */
export interface KeptTensor extends TensorPlace {
  /** The shape that the file has under this name; null: it has no such tensor. */
  shapeInFile: number[] | null;
  /** Frozen by `transfer.freeze` or `trainable`, so it stays at its random start to the end: hardly what is wanted. */
  frozen: boolean;
}

/**
 * What `transfer` did when the run was opened. A tensor is taken where its name and its shape are those of the network's; that none is
 * taken is an error. Names count every layer, so a layer that is put in before others gives them other names.
 */
export interface TransferReport {
  /** As the experiment names them. */
  weights: string;
  freeze: 'all' | 'most' | 'none';
  /** Start with the file's values, in the network's order. */
  taken: TensorPlace[];
  /** Start as `kernelInitializer` says. */
  kept: KeptTensor[];
  /** In the file, but of no use here. */
  unused: TensorPlace[];
}

export interface TransferOptions {
  /**
   * The bytes of the safetensors file, for a program that has them itself (a file the user picked, the weights of another trainer);
   * `transfer.weights` is then only a name for the report.
   */
  transferWeights?: Uint8Array;
  /** Hears how much of a built-in backbone has come over the network, of how much, in bytes. Never called where it is read from a disk. */
  onProgress?: (progress: { bytes: number; total: number }) => void;
  /** Room for what the frozen part of the network makes of samples (`StartEvent.features`), in bytes, 0 to 2^31. Default: 256 MB. */
  featureCacheBytes?: number;
}

export interface TransferStart {
  /** Absent without `transfer`, and where `weights` or `resume` gives every tensor anyway. */
  transfer?: TransferReport;
  /** In the file of `weights`, but not in this network; absent where there is nothing of the kind. */
  unusedWeights?: TensorPlace[];
}
