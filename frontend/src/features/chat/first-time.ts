/** Whether something is met for the first time: the oldest of so many names are forgotten. */
export function firstTimes(most: number): (name: string) => boolean {
  const met = new Set<string>();
  return (name) => {
    if (met.has(name)) return false;
    met.add(name);
    const [oldest] = met;
    if (met.size > most && oldest !== undefined) met.delete(oldest);
    return true;
  };
}
