/** Lines for entries that were stored here and do not open any more. */
import type { Item } from "./items";

/**
 * One line for each stretch of such entries, however many they are. `positions` in any order;
 * those behind the last item are left out while something `newer` is not here.
 */
export function withDamaged(
  items: readonly Item[],
  positions: ReadonlySet<string>,
  newer: boolean,
): Item[] {
  if (positions.size === 0) return [...items];
  const rest = [...positions].toSorted();
  const out: Item[] = [];
  const upTo = (position: string | null) => {
    const end = position === null ? rest.length : rest.findIndex((it) => it > position);
    const stretch = rest.splice(0, end === -1 ? rest.length : end);
    if (stretch.length === 0) return;
    out.push({ kind: "damaged", key: `damaged-${stretch[0]}`, count: stretch.length });
  };
  for (const item of items) {
    if ("entry" in item) upTo(item.entry.position);
    out.push(item);
  }
  if (!newer) upTo(null);
  return out;
}
