/** Passkeys of this browser: WebAuthn in the JSON form that the server speaks. */

interface Json {
  publicKey: unknown;
}

/** The methods of WebAuthn level 3 that turn JSON into what a browser takes and back. */
interface Level3 {
  parseCreationOptionsFromJSON: (json: unknown) => PublicKeyCredentialCreationOptions;
  parseRequestOptionsFromJSON: (json: unknown) => PublicKeyCredentialRequestOptions;
}

/** What came in the way of a passkey; `unknown`: the server does not know it. */
export type PasskeyRefusal = "cancelled" | "known" | "unknown" | "failed";

export class PasskeyError extends Error {
  readonly why: PasskeyRefusal;

  constructor(why: PasskeyRefusal, cause?: unknown) {
    super(`the passkey: ${why}`, { cause });
    this.name = "PasskeyError";
    this.why = why;
  }
}

/** Whether this browser can make and use passkeys. */
export function passkeysWork(): boolean {
  return Boolean(level3Of()?.parseCreationOptionsFromJSON && navigator.credentials);
}

/** Makes a passkey as the server asks for it. */
export function createPasskey(options: unknown): Promise<unknown> {
  return run(async (level3) => {
    const publicKey = level3.parseCreationOptionsFromJSON((options as Json).publicKey);
    return navigator.credentials.create({ publicKey });
  });
}

/** Answers the server's question with a passkey. */
export function answerPasskey(options: unknown): Promise<unknown> {
  return run(async (level3) => {
    const publicKey = level3.parseRequestOptionsFromJSON((options as Json).publicKey);
    return navigator.credentials.get({ publicKey });
  });
}

async function run(ask: (level3: Level3) => Promise<Credential | null>): Promise<unknown> {
  const level3 = level3Of();
  if (!level3) throw new PasskeyError("failed");
  let credential: Credential | null;
  try {
    credential = await ask(level3);
  } catch (fault) {
    throw new PasskeyError(reasonOf(fault), fault);
  }
  if (!credential) throw new PasskeyError("cancelled");
  return (credential as PublicKeyCredential).toJSON();
}

function level3Of(): Level3 | null {
  return (globalThis as { PublicKeyCredential?: unknown }).PublicKeyCredential as Level3 | null;
}

/** Browsers do not tell "cancelled" from "took too long" or "none here", on purpose. */
function reasonOf(fault: unknown): PasskeyRefusal {
  const name = fault instanceof DOMException ? fault.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
  return name === "InvalidStateError" ? "known" : "failed";
}
