/** What happened elsewhere and wants a glance. Never for mere success. */
export interface Toast {
  id: number;
  /** A newer toast of the same key replaces an older one. */
  key?: string;
  text: string;
  action?: { label: string; run: () => void };
}

const stay = 8_000;
const most = 3;

let list: readonly Toast[] = [];
let held = false;
let nextId = 1;
const timers = new Map<number, ReturnType<typeof setTimeout>>();
const listeners = new Set<() => void>();

export const toasts = {
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  list: () => list,
};

export function showToast(toast: Omit<Toast, "id">): void {
  const id = nextId++;
  const older = toast.key && list.find(({ key }) => key === toast.key);
  if (older) dismissToast(older.id);
  list = [...list, { ...toast, id }].slice(-most);
  if (!held) startTimer(id);
  tell();
}

export function dismissToast(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  list = list.filter((toast) => toast.id !== id);
  tell();
}

/** What it said was seen otherwise. */
export function dismissToastOf(key: string): void {
  const toast = list.find((candidate) => candidate.key === key);
  if (toast) dismissToast(toast.id);
}

export function holdToasts(): void {
  held = true;
  for (const timer of timers.values()) clearTimeout(timer);
  timers.clear();
}

export function releaseToasts(): void {
  held = false;
  for (const toast of list) startTimer(toast.id);
}

function startTimer(id: number): void {
  timers.set(
    id,
    setTimeout(() => dismissToast(id), stay),
  );
}

function tell(): void {
  for (const listener of listeners) listener();
}
