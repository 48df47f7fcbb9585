// LiteRT.js without relaxed SIMD: one of its builds, with one thread.
import { openBuild } from './litert.js';

export function open(question) {
  if (question.threads > 1) throw new Error('its threads need relaxed SIMD');
  return openBuild('compat_internal', question);
}
