// Arrays that are handed out lie in memory of their own, never in shared memory: what a Blob, a request or a digest takes. Part of index.d.ts.
// Written by what slice() gives, since TypeScript before 5.7 knows no Uint8Array<ArrayBuffer>.
export type Bytes = ReturnType<Uint8Array['slice']>;
export type Floats = ReturnType<Float32Array['slice']>;
export type Doubles = ReturnType<Float64Array['slice']>;
export type Integers = ReturnType<Int32Array['slice']>;
