/** How much room a picture takes in a conversation, known before it is here. */

const WIDEST = 320;
const HIGHEST = 380;
/** Even a tiny picture can be hit with a finger, and carries the time. */
const SMALLEST = 120;

/** In pixels; what does not fit the box is seen as a whole in the viewer. */
export function boxOf(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, WIDEST / width, HIGHEST / height);
  return {
    width: Math.round(Math.max(SMALLEST, width * scale)),
    height: Math.round(Math.max(SMALLEST, height * scale)),
  };
}
