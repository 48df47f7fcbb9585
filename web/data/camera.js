/**
 * Asking for a camera: only here, and only when somebody wants to see through it. Who gets a stream stops its tracks. Why there is none is one
 * of a few words: `insecure` (the page came by plain http), `none`, `refused`, `busy` (another program has it), `failed`.
 */
/** What is asked for: pictures are cut out of it and made small, so more would only cost time. */
const kFrame = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 } };

/**
 * Which camera: a side of a phone, or one by its id.
 * @typedef {{ facing?: 'user' | 'environment', device?: string }} Which
 * @typedef {'insecure' | 'none' | 'refused' | 'busy' | 'failed'} Why
 * @typedef {{ id: string, label: string }} Device
 * @typedef {{ stream: MediaStream, facing: string | undefined, device: string | undefined, devices: Device[] }} Opened
 */

/** @type {Record<string, Why>} by the name of the browser's error */
const reasons = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

/** That there is no camera, and why. */
export class NoCamera extends Error {
  /** @param {Why} why */
  constructor(why) {
    super(why);
    this.why = why;
  }
}

export const stopStream = (stream) => stream?.getTracks().forEach((track) => track.stop());

/** @param {Which} [which] @returns {Promise<Opened>} */
export async function openCamera({ facing, device } = {}) {
  if (!navigator.mediaDevices?.getUserMedia) throw new NoCamera(isSecureContext ? 'none' : 'insecure');
  const choice = device ? { deviceId: { exact: device } } : facing ? { facingMode: { ideal: facing } } : {};
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { ...kFrame, ...choice } });
  } catch (error) {
    throw new NoCamera(reasons[error.name] ?? 'failed');
  }
  const { facingMode, deviceId } = stream.getVideoTracks()[0].getSettings();
  // Labels are told once a camera is open, and to nobody else.
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  const devices = all.filter(({ kind }) => kind === 'videoinput').map(({ deviceId: id, label }) => ({ id, label }));
  return { stream, facing: facingMode, device: deviceId, devices };
}
