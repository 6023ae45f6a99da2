/** Whether what was typed is the username, as the server reads it: case and edges do not count. */
export function isMyName(typed: string, username: string): boolean {
  return typed.trim().replace(/^@/, "").toLowerCase() === username;
}
