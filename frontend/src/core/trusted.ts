/** The URLs of our own workers, as the content security policy wants them: by one policy alone. */

interface Policy {
  createScriptURL: (url: string) => unknown;
}

interface TrustedTypes {
  createPolicy: (name: string, rules: { createScriptURL: (url: string) => string }) => Policy;
}

let policy: Policy | null = null;

/** Only for URLs that the bundler made, and for blobs of what lies there. */
export function trusted(url: string): string {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (!types) return url;
  // A policy's name can be taken once.
  policy ??= types.createPolicy("snug-worker", { createScriptURL: (known) => known });
  return policy.createScriptURL(url) as string;
}
