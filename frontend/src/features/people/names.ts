/** What people are called. */
interface Named {
  username: string;
  name: string | null;
}

export function displayName({ name, username }: Named): string {
  return name?.trim() || username;
}
