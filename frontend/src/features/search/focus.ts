/** Whether the list's search is to take the focus as soon as it is on the screen. */
let wanted = false;

export function wantSearch(): void {
  wanted = true;
}

/** Told once. */
export function isSearchWanted(): boolean {
  const was = wanted;
  wanted = false;
  return was;
}
