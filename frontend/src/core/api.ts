/** The REST side of the server: the one place that fetches. */
import type {
  Account,
  Accounts,
  ActivateRequest,
  AddedFactor,
  AnswerRequest,
  AuditEntry,
  BlockedPerson,
  ChallengeRequest,
  Code,
  Config,
  ConfirmUsername,
  DeviceId,
  Contact,
  CreatedInvitation,
  EmailChange,
  EmailChangeReply,
  EmailConfirm,
  Factor,
  FactorAdd,
  FactorRename,
  FactorReset,
  FactorResetCancel,
  Factors,
  FieldError,
  ForgotPassword,
  ForgotReply,
  FoundUser,
  FriendRequest,
  Invitation,
  LoginRequest,
  LoginVerifyRequest,
  Me,
  MessageReply,
  MeUpdate,
  NewInvitation,
  PasskeyFinish,
  PasskeyLogin,
  PasskeyLoginFinish,
  PasskeyQuestion,
  PasskeyStart,
  PasswordChange,
  PasswordReset,
  PendingRequests,
  Problem,
  Profile,
  RecoveryCodes,
  RememberedBrowser,
  ResendRequest,
  RoleUpdate,
  Session,
  SessionReply,
  SignupEmailRequest,
  SignupReply,
  SignupRequest,
  StepUpRequest,
  Summary,
  UserRequest,
  VerifyEmailRequest,
} from "@/protocol.gen";
import { here } from "./here";

/** A refusal by the server, with its problem. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.name = "ApiError";
    this.problem = problem;
  }

  get code(): Code {
    return this.problem.code;
  }

  /** What is wrong with one field of the request. */
  field(name: string): FieldError | undefined {
    return this.problem.errors?.find((error) => error.field === name);
  }

  /** A member of the code's own. */
  member<T>(name: string): T | undefined {
    return this.problem[name] as T | undefined;
  }
}

/** The server was not reached. */
export class NetworkError extends Error {
  constructor(cause: unknown) {
    super("the server was not reached", { cause });
    this.name = "NetworkError";
  }
}

export interface Exchange {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  path: string;
  /** Sent as it is when it is a `Blob`, else as JSON. */
  body?: unknown;
  signal?: AbortSignal;
}

/** Sends a request with the session's cookie; throws `ApiError` or `NetworkError`. */
export async function exchange({ method, path, body, signal }: Exchange): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(here(path), {
      method,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      ...(signal && { signal }),
      ...(body !== undefined && {
        headers: { "content-type": body instanceof Blob ? body.type : "application/json" },
        body: body instanceof Blob ? body : JSON.stringify(body),
      }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new NetworkError(cause);
  }
  if (!response.ok) throw new ApiError(await problemOf(response));
  return response;
}

interface Transfer {
  signal: AbortSignal;
  /** Told how much has travelled, up to 1. */
  progress: (done: number) => void;
}

/** Fetches bytes that never change, piece by piece. */
export async function download(
  path: string,
  { signal, progress }: Transfer,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await exchange({ method: "GET", path, signal });
  const size = Number(response.headers.get("content-length"));
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let got = 0;
  const reader = response.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    pieces.push(next.value);
    got += next.value.length;
    if (size > 0) progress(Math.min(1, got / size));
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** Posts a form; by XMLHttpRequest, because `fetch` does not tell how much has gone out. */
export function upload(
  path: string,
  form: FormData,
  { signal, progress }: Transfer,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new NetworkError(signal.aborted ? "aborted" : "failed"));
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
    request.addEventListener("error", fail);
    request.addEventListener("abort", fail);
    request.addEventListener("load", () => {
      const headers = { "content-type": request.getResponseHeader("content-type") ?? "" };
      const { status, statusText } = request;
      const response = new Response(request.responseText, { status, statusText, headers });
      if (response.ok) resolve(response.json());
      else void problemOf(response).then((problem) => reject(new ApiError(problem)));
    });
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", here(path));
    request.send(form);
    if (signal.aborted) request.abort();
  });
}

/** The problem in a reply; one of our own words where something else answered. */
async function problemOf(response: Response): Promise<Problem> {
  if (response.headers.get("content-type")?.startsWith("application/problem+json")) {
    try {
      return (await response.json()) as Problem;
    } catch {
      // Cut off in the middle: as below.
    }
  }
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    detail: response.statusText,
    code: response.status >= 500 ? "unavailable" : "unknown",
  };
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await exchange({ method: "GET", path, ...(signal && { signal }) });
  return (await response.json()) as T;
}

function post<T>(path: string, body: unknown): Promise<T> {
  return send("POST", path, body);
}

async function send<T>(method: Exchange["method"], path: string, body?: unknown): Promise<T> {
  const response = await exchange({ method, path, body });
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

type Query = Record<string, string | number>;

/** What is empty is not asked for. */
function search(query: Query): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== "");
  const text = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return text && `?${text}`;
}

export const api = {
  config: () => get<Config>("/api/config"),
  me: () => get<Me>("/api/me"),
  changeMe: (body: MeUpdate) => send<Me>("PATCH", "/api/me", body),
  setAvatar: (picture: Blob) => send<Me>("PUT", "/api/me/avatar", picture),
  removeAvatar: () => send<unknown>("DELETE", "/api/me/avatar"),
  exportMe: async () => (await exchange({ method: "GET", path: "/api/me/export" })).blob(),
  deactivate: (body: ConfirmUsername) => post<unknown>("/api/me/deactivate", body),
  deleteMe: (body: ConfirmUsername) => send<unknown>("DELETE", "/api/me", body),

  signup: (body: SignupRequest) => post<SignupReply>("/api/signup", body),
  changeEmail: (body: SignupEmailRequest) => post<MessageReply>("/api/signup/email", body),
  verifyEmail: (body: VerifyEmailRequest) => post<SessionReply>("/api/verify-email", body),
  resend: (body: ResendRequest) => post<MessageReply>("/api/resend-verification", body),
  activate: (body: ActivateRequest) => post<SessionReply>("/api/mfa/activate", body),

  login: (body: LoginRequest) => post<SessionReply>("/api/login", body),
  askPasskey: (challenge_id: string) =>
    post<PasskeyQuestion>("/api/login/challenge", { challenge_id, method: "passkey" }),
  startPasskeyLogin: () => post<PasskeyLogin>("/api/passkeys/login/start", {}),
  finishPasskeyLogin: (body: PasskeyLoginFinish) =>
    post<SessionReply>("/api/passkeys/login/finish", body),
  sendCode: (body: ChallengeRequest) => post<unknown>("/api/login/challenge", body),
  verifyLogin: (body: LoginVerifyRequest) => post<SessionReply>("/api/login/verify", body),
  stepUp: (body: StepUpRequest) => post<unknown>("/api/step-up", body),
  logout: () => post<unknown>("/api/logout", {}),
  forgotPassword: (body: ForgotPassword) => post<ForgotReply>("/api/password/forgot", body),
  resetPassword: (body: PasswordReset) => post<MessageReply>("/api/password/reset", body),
  changePassword: (body: PasswordChange) => post<unknown>("/api/password/change", body),
  askEmail: (body: EmailChange) => post<EmailChangeReply>("/api/email/change", body),
  confirmEmail: (body: EmailConfirm) => post<Me>("/api/email/verify", body),
  sessions: () => get<Session[]>("/api/sessions"),
  endSession: (id: string) => send<unknown>("DELETE", `/api/sessions/${encodeURIComponent(id)}`),
  endOtherSessions: () => send<unknown>("DELETE", "/api/sessions"),

  factors: () => get<Factors>("/api/mfa/factors"),
  addFactor: (body: FactorAdd) => post<AddedFactor>("/api/mfa/factors", body),
  renameFactor: (id: string, body: FactorRename) =>
    send<Factor>("PATCH", `/api/mfa/factors/${encodeURIComponent(id)}`, body),
  removeFactor: (id: string) =>
    send<unknown>("DELETE", `/api/mfa/factors/${encodeURIComponent(id)}`),
  renewRecoveryCodes: () => post<RecoveryCodes>("/api/mfa/recovery-codes", {}),
  startPasskey: (body: PasskeyStart) => post<AddedFactor>("/api/passkeys/register/start", body),
  finishPasskey: (body: PasskeyFinish) =>
    post<RecoveryCodes>("/api/passkeys/register/finish", body),
  /** Does nothing but ask for a fresh second factor, where what follows takes one. */
  askFactor: async (): Promise<void> => {
    try {
      await get<unknown>("/api/recovery");
    } catch (fault) {
      // Fresh, and there is no recovery key yet.
      if (!(fault instanceof ApiError && fault.code === "not-found")) throw fault;
    }
  },
  /** Shuts it out at once. Of the device in use it asks for no factor. */
  removeDevice: (id: DeviceId) => send<unknown>("DELETE", `/api/devices/${encodeURIComponent(id)}`),
  rememberedBrowsers: () => get<RememberedBrowser[]>("/api/remembered-browsers"),
  forgetBrowser: (id: string) =>
    send<unknown>("DELETE", `/api/remembered-browsers/${encodeURIComponent(id)}`),
  forgetBrowsers: () => send<unknown>("DELETE", "/api/remembered-browsers"),
  cancelFactorReset: (body: FactorResetCancel) => post<unknown>("/api/factor-resets/cancel", body),

  adminSummary: () => get<Summary>("/api/admin/summary"),
  adminAccounts: (query: Query, signal?: AbortSignal) =>
    get<Accounts>(`/api/admin/users${search(query)}`, signal),
  adminAccount: (id: string) => get<Account>(`/api/admin/users/${encodeURIComponent(id)}`),
  setRole: (id: string, body: RoleUpdate) =>
    send<Account>("PATCH", `/api/admin/users/${encodeURIComponent(id)}`, body),
  switchOff: (id: string) =>
    post<unknown>(`/api/admin/users/${encodeURIComponent(id)}/deactivate`, {}),
  switchOn: (id: string) =>
    post<unknown>(`/api/admin/users/${encodeURIComponent(id)}/activate`, {}),
  endSessionsOf: (id: string) =>
    send<unknown>("DELETE", `/api/admin/users/${encodeURIComponent(id)}/sessions`),
  deleteAccount: (id: string, body: ConfirmUsername) =>
    send<unknown>("DELETE", `/api/admin/users/${encodeURIComponent(id)}`, body),
  resetFactors: (id: string) =>
    post<FactorReset>(`/api/admin/users/${encodeURIComponent(id)}/factor-reset`, {}),
  keepFactors: (id: string) =>
    send<unknown>("DELETE", `/api/admin/users/${encodeURIComponent(id)}/factor-reset`),
  invitations: () => get<Invitation[]>("/api/admin/invitations"),
  invite: (body: NewInvitation) => post<CreatedInvitation>("/api/admin/invitations", body),
  revokeInvitation: (id: string) =>
    send<unknown>("DELETE", `/api/admin/invitations/${encodeURIComponent(id)}`),
  adminAudit: (query: Query) => get<AuditEntry[]>(`/api/admin/audit${search(query)}`),

  searchUsers: (text: string, signal?: AbortSignal) =>
    get<FoundUser[]>(`/api/users/search?q=${encodeURIComponent(text)}`, signal),
  profile: (id: string) => get<Profile>(`/api/users/${encodeURIComponent(id)}`),
  contacts: () => get<Contact[]>("/api/contacts"),
  removeContact: (body: UserRequest) => post<unknown>("/api/contacts/remove", body),
  blocked: () => get<BlockedPerson[]>("/api/contacts/blocked"),
  block: (body: UserRequest) => post<unknown>("/api/contacts/block", body),
  unblock: (body: UserRequest) => post<unknown>("/api/contacts/unblock", body),
  requests: () => get<PendingRequests>("/api/friend-requests/pending"),
  sendRequest: (body: UserRequest) => post<FriendRequest>("/api/friend-requests/send", body),
  acceptRequest: (body: AnswerRequest) => post<Contact>("/api/friend-requests/accept", body),
  rejectRequest: (body: AnswerRequest) => post<unknown>("/api/friend-requests/reject", body),
  withdrawRequest: (body: AnswerRequest) => post<unknown>("/api/friend-requests/withdraw", body),
};
