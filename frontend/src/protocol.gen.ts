// Rendered from crates/protocol by `cargo xtask types`. Do not edit.

/** RFC 9457 problem details; `code` decides, the rest is for people and depends on the code. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: Code;
  request_id?: string;
  errors?: FieldError[];
  retry_after?: number;
  [member: string]: unknown;
};

/** The acknowledgement of a client event. */
export type Ack<T> = ({ ok: true } & T) | { ok: false; error: Problem };

export type UserId = string;

export type DeviceId = string;

export type RoomId = string;

export type ClientId = string;

export type RequestId = string;

export type FactorId = string;

export type ChallengeId = string;

export type AttachmentId = string;

export type LinkId = string;

export type RememberedDeviceId = string;

export type Timestamp = string;

export type Secret = string;

export type Base64 = string;

export type Binary = Uint8Array;

export type Code = "malformed-json" | "bad-request" | "invalid-body" | "invalid-payload" | "unknown-event" | "unsupported-media-type" | "body-too-large" | "not-found" | "method-not-allowed" | "forbidden-origin" | "forbidden" | "rate-limited" | "queue-full" | "unavailable" | "mfa-unavailable" | "upstream-unavailable" | "timeout" | "internal" | "unauthenticated" | "session-ended" | "step-up-required" | "invalid-credentials" | "mfa-required" | "invalid-code" | "code-used" | "expired-code" | "challenge-expired" | "locked" | "email-unverified" | "enrolment-required" | "enrolment-expired" | "account-deactivated" | "username-taken" | "signup-closed" | "invitation-required" | "factor-active" | "last-factor" | "challenge-used" | "account-complete" | "client-required" | "proof-required" | "idempotency-key-reused" | "request-in-progress" | "invalid-key" | "account-key-exists" | "stale-device-list" | "device-required" | "device-proof-invalid" | "too-many-devices" | "link-over" | "too-many-links" | "stale-version" | "archive-full" | "archive-off" | "attachments-full" | "range-not-satisfiable" | "too-many-subscriptions" | "not-a-contact" | "already-contacts" | "request-pending" | "blocked" | "too-many-blocked" | "not-a-member" | "room-exists" | "room-closed" | "stale-epoch" | "removal-required" | "last-admin" | "policy" | "invalid-message" | "use-rest" | "cursor-ahead" | "unknown";

export type FieldError = { 
/**
 * The field's name in the request.
 */
field: string, 
/**
 * What is wrong, in kebab-case: `required`, `too-short`, `too-long`, `format`, `common`, …
 */
code: string, 
/**
 * The same for people, in English.
 */
message: string, };

export type Status = "ok" | "down";

export type Health = { 
/**
 * `ok` when every part is.
 */
status: Status, 
/**
 * The chat server's version.
 */
version: string, 
/**
 * The chat database.
 */
database: Status, 
/**
 * The MFA service.
 */
mfa: Status, };

export type Signup = "open" | "invite" | "closed";

export type MfaPolicy = "required" | "optional";

export type Mail = "smtp" | "console";

export type Limits = { 
/**
 * Shortest username, in characters.
 */
username_min: number, 
/**
 * Longest username, in characters.
 */
username_max: number, 
/**
 * Longest display name, in characters.
 */
name_max: number, 
/**
 * Shortest password, in characters.
 */
password_min: number, 
/**
 * Longest password, in characters.
 */
password_max: number, 
/**
 * Largest application message on the wire, in bytes.
 */
message: number, 
/**
 * Most devices in a room.
 */
room_devices: number, 
/**
 * Most devices of a person.
 */
user_devices: number, };

export type Config = { 
/**
 * Who may sign up.
 */
signup: Signup, 
/**
 * Whether a second factor is needed.
 */
mfa_policy: MfaPolicy, 
/**
 * Where mails go.
 */
mail: Mail, 
/**
 * The limits.
 */
limits: Limits, 
/**
 * Languages of the server's mails (BCP 47).
 */
languages: Array<string>, 
/**
 * The chat server's version.
 */
version: string, };

export type Transport = "cookie" | "bearer";

export type User = { 
/**
 * The account.
 */
user_id: UserId, 
/**
 * The unique name.
 */
username: string, 
/**
 * The display name.
 */
name: string | null, 
/**
 * The confirmed address.
 */
email: string, 
/**
 * When the account was made.
 */
created_at: Timestamp, };

export type SignupRequest = { 
/**
 * The address that the code goes to.
 */
email: string, 
/**
 * 3 to 32 of `a-z 0-9 . _ -`; upper case is lowered.
 */
username: string, 
/**
 * 8 to 128 characters.
 */
password: Secret, 
/**
 * Up to 80 characters.
 */
name?: string, 
/**
 * An invitation, where the server asks for one.
 */
invite?: Secret, 
/**
 * The language of mails (BCP 47), `en` by default.
 */
language?: string, };

export type PendingFactor = { 
/**
 * The factor.
 */
factor_id: FactorId, 
/**
 * The `otpauth://` URI that the QR code holds.
 */
otpauth_uri: Secret, 
/**
 * The shared secret in base32.
 */
secret: Secret, 
/**
 * The QR code as an SVG document.
 */
qr_svg: Secret, };

export type SignupReply = { 
/**
 * The new account.
 */
user_id: UserId, 
/**
 * What to do next, in words.
 */
message: string, 
/**
 * Stands for the unfinished account for one hour; every step renews it.
 */
enrolment_token: Secret, 
/**
 * The factor to set up.
 */
mfa: PendingFactor, };

export type SignupEmailRequest = { 
/**
 * From the sign-up or the login.
 */
enrolment_token: Secret, 
/**
 * The right address.
 */
email: string, };

export type VerifyEmailRequest = { 
/**
 * The address.
 */
email?: string, 
/**
 * From the sign-up or the login.
 */
enrolment_token?: Secret, 
/**
 * Six digits.
 */
code: Secret, 
/**
 * How the session is kept if this completes the account.
 */
transport?: Transport, };

export type ResendRequest = { 
/**
 * The address.
 */
email?: string, 
/**
 * From the sign-up or the login.
 */
enrolment_token?: Secret, };

export type ActivateRequest = { 
/**
 * From the sign-up or the login; without it a session is needed.
 */
enrolment_token?: Secret, 
/**
 * The factor.
 */
factor_id: FactorId, 
/**
 * Six digits.
 */
code: Secret, 
/**
 * How the session is kept if this completes the account.
 */
transport?: Transport, };

export type SessionReply = { 
/**
 * What happened, in words.
 */
message: string, 
/**
 * Oneself.
 */
user?: User, 
/**
 * When the session ends if it is not used.
 */
expires_at?: Timestamp, 
/**
 * The session's token.
 */
token?: Secret, 
/**
 * Renewed while the account is unfinished.
 */
enrolment_token?: Secret, 
/**
 * With the first factor: ten backup codes, shown once.
 */
recovery_codes?: Array<Secret>, };

export type LoginRequest = { 
/**
 * The unique name.
 */
username?: string, 
/**
 * The confirmed address.
 */
email?: string, 
/**
 * The password.
 */
password: Secret, 
/**
 * With `code`: the second factor in the same call.
 */
method?: Method, 
/**
 * The second factor's code.
 */
code?: Secret, 
/**
 * 30 days instead of 12 hours.
 */
remember?: boolean, 
/**
 * No code asked on this browser for 30 days.
 */
remember_browser?: boolean, 
/**
 * How the session is kept.
 */
transport?: Transport, 
/**
 * The solved `puzzle` of a 403 `proof-required`.
 */
work?: Work, };

export type Method = "totp" | "email" | "telegram" | "recovery" | "passkey";

export type ChallengeRequest = { 
/**
 * From `mfa-required` or `step-up-required`.
 */
challenge_id: ChallengeId, 
/**
 * The way to send by.
 */
method: Method, };

export type LoginVerifyRequest = { 
/**
 * From `mfa-required`.
 */
challenge_id: ChallengeId, 
/**
 * The way it was got.
 */
method: Method, 
/**
 * The code; for a passkey, `credential` stands instead.
 */
code?: Secret, 
/**
 * What the browser returned; passkeys only.
 */
credential?: Credential, 
/**
 * 30 days instead of 12 hours.
 */
remember?: boolean, 
/**
 * No code asked on this browser for 30 days.
 */
remember_browser?: boolean, 
/**
 * How the session is kept.
 */
transport?: Transport, };

export type StepUpRequest = { 
/**
 * From `step-up-required`.
 */
challenge_id: ChallengeId, 
/**
 * The way it was got.
 */
method: Method, 
/**
 * The code; for a passkey, `credential` stands instead.
 */
code?: Secret, 
/**
 * What the browser returned; passkeys only.
 */
credential?: Credential, };

export type MessageReply = { 
/**
 * What happened, in words.
 */
message: string, };

export type Session = { 
/**
 * Ends it with `DELETE /api/sessions/{session_id}`.
 */
session_id: string, 
/**
 * When it was opened.
 */
created_at: Timestamp, 
/**
 * When it was last used.
 */
last_used_at: Timestamp, 
/**
 * When it ends at the latest.
 */
expires_at: Timestamp, 
/**
 * The browser or program, as it named itself.
 */
user_agent: string | null, 
/**
 * Where it was last used from.
 */
address: string | null, 
/**
 * The device that registered or proved itself in it, once one did.
 */
device_id?: DeviceId, 
/**
 * This very one.
 */
current: boolean, };

export type FactorKind = "totp" | "email" | "telegram" | "passkey";

export type Credential = unknown;

export type Puzzle = { 
/**
 * Good for one login.
 */
nonce: string, 
/**
 * Zero bits that are needed.
 */
bits: number, 
/**
 * Until when it can be solved.
 */
expires_at: Timestamp, };

export type Work = { 
/**
 * The puzzle's nonce.
 */
nonce: string, 
/**
 * Any text of up to 64 bytes.
 */
solution: string, };

export type Factor = { 
/**
 * The factor.
 */
factor_id: FactorId, 
/**
 * What it is.
 */
kind: FactorKind, 
/**
 * What I call it.
 */
label: string, 
/**
 * Whether its first code was given.
 */
active: boolean, 
/**
 * When it was added.
 */
created_at: Timestamp, 
/**
 * When it was last used.
 */
last_used_at: Timestamp | null, 
/**
 * Its messages do not arrive: the bot is blocked in Telegram.
 */
unreachable: boolean, };

export type Factors = { 
/**
 * All of mine, the oldest first.
 */
factors: Array<Factor>, 
/**
 * Backup codes not used yet.
 */
recovery_codes_left: number, 
/**
 * What can be added on this server.
 */
kinds: Array<FactorKind>, };

export type FactorAdd = { 
/**
 * What to add.
 */
kind: FactorKind, 
/**
 * What to call it, 1 to 64 characters.
 */
label?: string, };

export type AddedFactor = { 
/**
 * The factor.
 */
factor_id: FactorId, 
/**
 * What it is.
 */
kind: FactorKind, 
/**
 * What I call it.
 */
label: string, 
/**
 * When it vanishes unless it is activated.
 */
expires_at: Timestamp, 
/**
 * The content of the QR code: `otpauth://…`, or the link that opens the Telegram bot.
 */
uri?: Secret, 
/**
 * The shared secret in base32; for Telegram, what to send to the bot after `/start`.
 */
secret?: Secret, 
/**
 * The QR code as an SVG document.
 */
qr_svg?: Secret, 
/**
 * Where the code was mailed to, mostly hidden.
 */
recipient_hint?: string, 
/**
 * For `navigator.credentials.create()`, in JSON: below `publicKey`.
 */
creation_options?: unknown, };

export type FactorRename = { 
/**
 * What to call it, 1 to 64 characters.
 */
label: string, };

export type RecoveryCodes = { 
/**
 * Ten codes, shown once.
 */
recovery_codes: Array<Secret>, };

export type PasskeyStart = { 
/**
 * What to call it, 1 to 64 characters.
 */
label?: string, };

export type PasskeyFinish = { 
/**
 * From the start.
 */
factor_id: FactorId, 
/**
 * What the browser created, as `PublicKeyCredential.toJSON()` writes it.
 */
credential: Credential, };

export type PasskeyQuestion = { 
/**
 * For `navigator.credentials.get()`, in JSON: below `publicKey`.
 */
request_options: unknown, };

export type PasskeyLogin = { 
/**
 * What to finish.
 */
login_id: ChallengeId, 
/**
 * As in [`PasskeyQuestion`]: any passkey of this server will do.
 */
request_options: unknown, 
/**
 * Until when.
 */
expires_at: Timestamp, };

export type PasskeyLoginFinish = { 
/**
 * From the start.
 */
login_id: ChallengeId, 
/**
 * What the browser returned, as `PublicKeyCredential.toJSON()` writes it.
 */
credential: Credential, 
/**
 * 30 days instead of 12 hours.
 */
remember?: boolean, 
/**
 * How the session is kept.
 */
transport?: Transport, };

export type RememberedBrowser = { 
/**
 * Forgets it with `DELETE /api/remembered-browsers/{browser_id}`.
 */
browser_id: RememberedDeviceId, 
/**
 * The browser and its system.
 */
label: string, 
/**
 * When it was remembered.
 */
created_at: Timestamp, 
/**
 * When it last spared a code.
 */
last_used_at: Timestamp, 
/**
 * Until when it is remembered.
 */
expires_at: Timestamp, 
/**
 * This very one.
 */
current: boolean, };

export type FactorResetCancel = { 
/**
 * What follows the `#` in the link of the mail.
 */
token: Secret, };

export type Role = "member" | "moderator" | "admin";

export type Me = { 
/**
 * A path to my picture.
 */
avatar: string | null, 
/**
 * What I may do on this server.
 */
role: Role, 
/**
 * A search by strangers finds me.
 */
searchable: boolean, 
/**
 * My contacts see when I was last here.
 */
shows_last_seen: boolean, 
/**
 * Others see what I have read.
 */
shows_read: boolean, 
/**
 * My devices keep an archive here; `false` refuses their uploads.
 */
archives: boolean, 
/**
 * My recovery bundle; left out when there is none.
 */
recovery?: RecoveryStands, 
/**
 * The account.
 */
user_id: UserId, 
/**
 * The unique name.
 */
username: string, 
/**
 * The display name.
 */
name: string | null, 
/**
 * The confirmed address.
 */
email: string, 
/**
 * When the account was made.
 */
created_at: Timestamp, };

export type MeUpdate = { 
/**
 * The display name, up to 80 characters; `null` for none.
 */
name?: string, 
/**
 * A search by strangers finds me.
 */
searchable?: boolean, 
/**
 * My contacts see when I was last here.
 */
shows_last_seen?: boolean, 
/**
 * Others see what I have read.
 */
shows_read?: boolean, 
/**
 * My devices keep an archive here. What it holds already goes by `DELETE /api/archive` alone.
 */
archives?: boolean, };

export type ConfirmUsername = { 
/**
 * My username, typed: this is not done by accident.
 */
username: string, };

export type PasswordResetId = string;

export type ForgotPassword = { 
/**
 * Username or address.
 */
identifier: string, };

export type ForgotReply = { 
/**
 * What the next step belongs to.
 */
reset_id: PasswordResetId, 
/**
 * What to do next, in words.
 */
message: string, 
/**
 * Until when the code is good, if one was sent.
 */
expires_at: Timestamp, };

export type PasswordReset = { 
/**
 * From `POST /api/password/forgot`.
 */
reset_id: PasswordResetId, 
/**
 * The new password, 8 to 128 characters.
 */
password: Secret, 
/**
 * The six digits of the mail.
 */
code?: Secret, 
/**
 * From `mfa-required`.
 */
challenge_id?: ChallengeId, 
/**
 * The way the second factor was got.
 */
method?: Method, 
/**
 * The second factor's code.
 */
factor_code?: Secret, 
/**
 * What the browser returned, in place of `factor_code`; passkeys only.
 */
credential?: Credential, };

export type PasswordChange = { 
/**
 * The one that counts until now.
 */
current: Secret, 
/**
 * The new one, 8 to 128 characters.
 */
password: Secret, };

export type EmailChange = { 
/**
 * The new address.
 */
email: string, };

export type EmailChangeReply = { 
/**
 * The new address, mostly hidden.
 */
email_hint: string, 
/**
 * Until when the code is good.
 */
expires_at: Timestamp, };

export type EmailConfirm = { 
/**
 * The six digits of the mail to the new address.
 */
code: Secret, };

export type PushKey = { 
/**
 * The `applicationServerKey`: an uncompressed P-256 point in base64url.
 */
public_key: string, };

export type PushSubscription = { 
/**
 * The subscription's `endpoint`. Its keys are not needed: pushes carry no content.
 */
endpoint: string, };

export type Account = { 
/**
 * The account.
 */
user_id: UserId, 
/**
 * The unique name.
 */
username: string, 
/**
 * The display name.
 */
name: string | null, 
/**
 * The confirmed address.
 */
email: string, 
/**
 * What they may do.
 */
role: Role, 
/**
 * When the account was made.
 */
created_at: Timestamp, 
/**
 * When last connected.
 */
last_seen: Timestamp | null, 
/**
 * When the account was switched off.
 */
deactivated_at: Timestamp | null, 
/**
 * Devices that were not revoked.
 */
devices: number, 
/**
 * Open sessions.
 */
sessions: number, };

export type Accounts = { 
/**
 * At most 100.
 */
users: Array<Account>, 
/**
 * There are more: ask again with the last username as `after`.
 */
has_more: boolean, };

export type RoleUpdate = { 
/**
 * What they may do from now on.
 */
role: Role, };

export type AuditEntry = { 
/**
 * Rises with time.
 */
audit_id: number, 
/**
 * When.
 */
at: Timestamp, 
/**
 * What, in kebab-case.
 */
action: string, 
/**
 * Who did it.
 */
actor: UserId | null, 
/**
 * Their username, as long as there is such an account.
 */
actor_username: string | null, 
/**
 * Whom it concerns.
 */
subject: UserId | null, 
/**
 * Their username, as long as there is such an account.
 */
subject_username: string | null, 
/**
 * `ok`, or the code of the refusal.
 */
outcome: string, 
/**
 * The request.
 */
request_id: string | null, 
/**
 * Where it came from.
 */
address: string | null, };

export type Summary = { 
/**
 * Accounts that are not switched off.
 */
users: number, 
/**
 * Of them, made in the last seven days.
 */
new_users: number, 
/**
 * Devices that were not revoked.
 */
devices: number, 
/**
 * Open rooms.
 */
rooms: number, 
/**
 * Messages that wait for somebody.
 */
waiting: number, 
/**
 * Sockets of this node.
 */
connections: number, };

export type Invitation = { 
/**
 * Names it; not its code.
 */
invitation_id: string, 
/**
 * Whom it is for, in its maker's words.
 */
note: string, 
/**
 * Who made it; `None` for an operator.
 */
created_by: UserId | null, 
/**
 * When it was made.
 */
created_at: Timestamp, 
/**
 * When it ends.
 */
expires_at: Timestamp, 
/**
 * How many people it lets in.
 */
uses: number, 
/**
 * How many it has let in.
 */
used: number, };

export type NewInvitation = { 
/**
 * How many people it lets in, up to 1,000; one by default.
 */
uses?: number, 
/**
 * For how many days, up to 365; a week by default.
 */
days?: number, 
/**
 * Whom it is for, up to 80 characters.
 */
note?: string, };

export type CreatedInvitation = { 
/**
 * What was made.
 */
invitation: Invitation, 
/**
 * What people type at sign-up.
 */
code: Secret, 
/**
 * A link to the sign-up with the code in it.
 */
url: Secret, };

export type FactorReset = { 
/**
 * When the factors go, unless their owner objects.
 */
due_at: Timestamp, };

export type KeysRequest = { 
/**
 * Ed25519 public key, 32 bytes.
 */
account_key: Base64, 
/**
 * The signed device list (`e2ee::device_list`).
 */
device_list: Base64, 
/**
 * This device.
 */
device: NewDevice, 
/**
 * MLS key packages, each used once.
 */
key_packages: Array<Base64>, 
/**
 * The key package that is handed out when no other is left.
 */
last_resort: Base64, 
/**
 * Replaces the account key that stands: needs a fresh second factor, ends every other device.
 */
reset?: boolean, };

export type NewDevice = { 
/**
 * What its owner reads in the list of devices; up to 80 characters.
 */
name: string, 
/**
 * The credential (`e2ee::credential`), 169 bytes; it holds the device's id and key.
 */
credential: Base64, };

export type KeysReply = { 
/**
 * The device, as its credential says.
 */
device_id: DeviceId, };

export type RefusedKey = { 
/**
 * Where it stood: `account_key`, `device_list`, `credential`, `key_packages[3]`, …
 */
key: string, 
/**
 * Why, in kebab-case.
 */
reason: string, };

export type DevicesReply = { 
/**
 * The person.
 */
user_id: UserId, 
/**
 * Ed25519 public key, 32 bytes; `None` until the person's first device is set up.
 */
account_key: Base64 | null, 
/**
 * The signed device list; `None` until then.
 */
device_list: Base64 | null, 
/**
 * The devices that may be written to.
 */
devices: Array<Device>, 
/**
 * Devices that their owner or an operator revoked without a signature, whatever the list says:
 * the server's word alone, as it is for people who left.
 */
reported?: Array<DeviceId>, };

export type Device = { 
/**
 * The device.
 */
device_id: DeviceId, 
/**
 * The credential, 169 bytes.
 */
credential: Base64, 
/**
 * One's own devices only: the name that was given.
 */
name?: string, 
/**
 * When it registered.
 */
created_at: Timestamp, 
/**
 * One's own devices only: when it was last connected.
 */
last_seen?: Timestamp, };

export type DeviceRename = { 
/**
 * What its owner reads in the list of devices; 1 to 80 characters.
 */
name: string, };

export type KeyPackagesRequest = { 
/**
 * The device they are for: one of the session's own user.
 */
device_id: DeviceId, 
/**
 * MLS key packages, each used once.
 */
key_packages: Array<Base64>, 
/**
 * A new last resort, monthly.
 */
last_resort?: Base64, };

export type KeyPackageCount = { 
/**
 * How many are left, without the last resort.
 */
count: number, };

export type ClaimRequest = { 
/**
 * Contacts, room-mates or oneself: every device of theirs, but not the asking one.
 */
user_ids?: Array<UserId>, 
/**
 * Single devices.
 */
device_ids?: Array<DeviceId>, 
/**
 * The MLS ciphersuite: 3, or 79 (`0x004F`, experimental) for devices that have such packages.
 */
suite: number, 
/**
 * The device that asks, left out of the answer.
 */
device_id?: DeviceId, };

export type ClaimReply = { 
/**
 * One for each device that has any.
 */
key_packages: Array<ClaimedKeyPackage>, };

export type ClaimedKeyPackage = { 
/**
 * Whose.
 */
user_id: UserId, 
/**
 * Which device.
 */
device_id: DeviceId, 
/**
 * The MLSMessage.
 */
key_package: Base64, };

export type LinkStep = "commit" | "answer" | "reveal" | "approval";

export type Link = { 
/**
 * Names it.
 */
link_id: LinkId, 
/**
 * When it was made.
 */
created_at: Timestamp, 
/**
 * When it ends: two minutes later.
 */
expires_at: Timestamp, 
/**
 * What was written so far, in order.
 */
steps: Array<WrittenStep>, };

export type WrittenStep = { 
/**
 * Which one.
 */
step: LinkStep, 
/**
 * As the device wrote it.
 */
blob: Base64, };

export type LinkWrite = { 
/**
 * What the other device is to read, up to 16 KiB.
 */
blob: Base64, };

export type Relation = "none" | "incoming" | "outgoing" | "contact" | "blocked";

export type FoundUser = { 
/**
 * The person.
 */
user_id: UserId, 
/**
 * The unique name.
 */
username: string, 
/**
 * The display name.
 */
name: string | null, 
/**
 * A path to the picture.
 */
avatar: string | null, 
/**
 * How we stand.
 */
relation: Relation, };

export type Profile = { 
/**
 * The person.
 */
user_id: UserId, 
/**
 * The unique name.
 */
username: string, 
/**
 * The display name.
 */
name: string | null, 
/**
 * A path to the picture.
 */
avatar: string | null, };

export type UserRequest = { 
/**
 * The person.
 */
user_id: UserId, };

export type AnswerRequest = { 
/**
 * The request.
 */
request_id: RequestId, };

export type RequestStatus = "pending" | "accepted";

export type FriendRequest = { 
/**
 * The request.
 */
request_id: RequestId, 
/**
 * The other person.
 */
user: Profile, 
/**
 * What became of it.
 */
status: RequestStatus, 
/**
 * When it was sent.
 */
sent_at: Timestamp, };

export type PendingRequests = { 
/**
 * Waiting for my answer.
 */
incoming: Array<FriendRequest>, 
/**
 * Waiting for theirs.
 */
outgoing: Array<FriendRequest>, };

export type Contact = { 
/**
 * The person.
 */
user_id: UserId, 
/**
 * The unique name.
 */
username: string, 
/**
 * The display name.
 */
name: string | null, 
/**
 * A path to the picture.
 */
avatar: string | null, 
/**
 * Connected with some device.
 */
online: boolean, 
/**
 * When last connected; `None` while online, before the first time, or hidden.
 */
last_seen: Timestamp | null, 
/**
 * Since when we are contacts.
 */
added_at: Timestamp, 
/**
 * The open direct room, once the first message made it.
 */
room_id: RoomId | null, };

export type BlockedPerson = { 
/**
 * The person.
 */
user_id: UserId, 
/**
 * The unique name.
 */
username: string, 
/**
 * The display name.
 */
name: string | null, 
/**
 * A path to the picture.
 */
avatar: string | null, 
/**
 * Since when.
 */
blocked_at: Timestamp, };

export type ArchiveUpload = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * Up to 100 sealed messages of places that I could read.
 */
entries: Array<ArchiveEntry>, 
/**
 * Edits and deletions: replaces what stands. Else the first upload of a place wins.
 */
replace?: boolean, };

export type ArchiveStored = { 
/**
 * How many of them were stored by this upload.
 */
stored: number, };

export type ArchivePage = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * At most 50, or 512 KiB.
 */
entries: Array<ArchiveEntry>, 
/**
 * There is more before it.
 */
has_more: boolean, };

export type ArchiveRoom = { 
/**
 * The room: one that I am in, have left, or that is gone.
 */
room_id: RoomId, 
/**
 * What kind; nothing for a group that is gone.
 */
kind?: RoomKind, 
/**
 * The other person of a direct room, open or closed.
 */
peer?: UserId, 
/**
 * How many entries.
 */
entries: number, 
/**
 * The place of the last of them.
 */
last_seq: number, };

export type RecoveryUpdate = { 
/**
 * One more than the version that stands; 1 for the first.
 */
version: number, 
/**
 * The sealed bundle, up to 128 KiB.
 */
bundle: Base64, };

export type Recovery = { 
/**
 * The version that stands.
 */
version: number, 
/**
 * The sealed bundle.
 */
bundle: Base64, 
/**
 * When it was stored.
 */
stored_at: Timestamp, };

export type RecoveryStands = { 
/**
 * The version that stands.
 */
version: number, 
/**
 * When it was stored.
 */
stored_at: Timestamp, };

export type VaultUpdate = { 
/**
 * Higher than the version that stands, from 1 to 2^53 - 1. One more, unless a higher one is
 * known: a server that was set back has a lower one.
 */
version: number, 
/**
 * The sealed vault, up to 512 KiB.
 */
blob: Base64, };

export type Vault = { 
/**
 * The version that stands.
 */
version: number, 
/**
 * The sealed vault.
 */
blob: Base64, 
/**
 * When it was stored.
 */
stored_at: Timestamp, };

export type RoomKind = "direct" | "group";

export type EnvelopeKind = "application" | "commit";

export type Envelope<M> = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * The place in the room: from 1, without gaps.
 */
seq: number, 
/**
 * The MLS epoch that the message was sealed in.
 */
epoch: number, 
/**
 * What it holds.
 */
kind: EnvelopeKind, 
/**
 * Who sent it.
 */
sender_user: UserId, 
/**
 * From which device.
 */
sender_device: DeviceId, 
/**
 * The sender's own id of it.
 */
client_id: ClientId, 
/**
 * When the server stored it.
 */
sent_at: Timestamp, 
/**
 * The MLSMessage; empty when `href` is there.
 */
message: M, 
/**
 * Where to fetch a commit that is too large for an event.
 */
href?: string, };

export type Room = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * What kind.
 */
kind: RoomKind, 
/**
 * The current MLS epoch.
 */
epoch: number, 
/**
 * The highest place in the log.
 */
seq: number, 
/**
 * Who is in it.
 */
members: Array<UserId>, 
/**
 * Who of them may add and remove others and change roles.
 */
admins: Array<UserId>, 
/**
 * Whether messages are still taken.
 */
open: boolean, 
/**
 * The highest place that any device of each other member has acknowledged.
 */
delivered: Array<Mark>, 
/**
 * The highest place that each other member has read, where they tell.
 */
read: Array<Mark>, };

export type Mark = { 
/**
 * The member.
 */
user_id: UserId, 
/**
 * The place in the room.
 */
seq: number, };

export type AttachmentReply = { 
/**
 * Where it is: `/api/attachments/{attachment_id}`.
 */
attachment_id: AttachmentId, 
/**
 * In bytes.
 */
size: number, 
/**
 * SHA-256 of the ciphertext.
 */
sha256: Base64, 
/**
 * The place of the message that came along.
 */
seq?: number, };

export type Handshake = { 
/**
 * The session's token.
 */
token?: Secret, };

export type Authenticate = { 
/**
 * The unique name.
 */
username?: string, 
/**
 * The confirmed address.
 */
email?: string, 
/**
 * The password.
 */
password: Secret, 
/**
 * The second factor.
 */
method?: Method, 
/**
 * Its code.
 */
code?: Secret, 
/**
 * How the session is kept.
 */
transport?: Transport, 
/**
 * The solved `puzzle` of a `proof-required`.
 */
work?: Work, };

export type AuthSuccess = { 
/**
 * What happened, in words.
 */
message: string, 
/**
 * Oneself.
 */
user: User, 
/**
 * With `bearer`.
 */
token?: Secret, 
/**
 * With `bearer`.
 */
expires_at?: Timestamp, };

export type DeviceProof = { 
/**
 * The device.
 */
device_id: DeviceId, 
/**
 * The device key's signature over the nonce of `connected` (`e2ee::proof`), 64 bytes.
 */
signature: Binary, };

export type DeviceAck = { 
/**
 * What this device has acknowledged, for each room that it is in.
 */
cursors: Record<string, number>, 
/**
 * How many key packages are left, without the last resort.
 */
key_packages_left: number, 
/**
 * The version of my vault; 0 when there is none.
 */
vault_version: number, };

export type LoadConversation = { 
/**
 * The contact whose direct room is meant.
 */
contact_id?: UserId, 
/**
 * The room.
 */
room_id?: RoomId, 
/**
 * Only what lies before this place.
 */
before_seq?: number, 
/**
 * At most so many, 50 at most.
 */
limit?: number, };

export type ConversationLoaded = { 
/**
 * The room; `None` when the contact has no room with me yet.
 */
room_id: RoomId | null, 
/**
 * What the log still holds.
 */
messages: Array<Envelope<Base64>>, 
/**
 * What my archive holds.
 */
archive: Array<ArchiveEntry>, 
/**
 * There is more before it.
 */
has_more: boolean, };

export type ArchiveEntry = { 
/**
 * The place in the room.
 */
seq: number, 
/**
 * The sealed message.
 */
blob: Base64, };

export type SendPrivateMessage = { 
/**
 * The contact.
 */
recipient_id: UserId, 
/**
 * Chosen by the sender; a repeat returns the first result.
 */
client_id: ClientId, 
/**
 * The MLSMessage.
 */
message: Binary, };

export type SendMessage = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * Chosen by the sender; a repeat returns the first result.
 */
client_id: ClientId, 
/**
 * The MLSMessage.
 */
message: Binary, };

export type MessageAck = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * The place in the room.
 */
seq: number, 
/**
 * When it was stored.
 */
sent_at: Timestamp, };

export type AddedDevice = { 
/**
 * The device.
 */
device_id: DeviceId, 
/**
 * The reference of the key package that was used (RFC 9420, section 5.2).
 */
key_package_ref: Base64, };

export type CreateRoom = { 
/**
 * The room, also the MLS group id.
 */
room_id: RoomId, 
/**
 * What kind.
 */
kind: RoomKind, 
/**
 * The commit from epoch 0 to 1.
 */
commit: Binary, 
/**
 * For the devices that it adds.
 */
welcome?: Binary, 
/**
 * The devices that it adds.
 */
devices: Array<AddedDevice>, 
/**
 * The group info of epoch 1.
 */
group_info: Binary, 
/**
 * The ratchet tree of epoch 1.
 */
tree: Binary, };

export type SendCommit = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * Chosen by the sender; a repeat returns the first result.
 */
client_id: ClientId, 
/**
 * The commit.
 */
commit: Binary, 
/**
 * For the devices that it adds.
 */
welcome?: Binary, 
/**
 * The devices that it adds.
 */
devices: Array<AddedDevice>, 
/**
 * The group info of the next epoch.
 */
group_info: Binary, };

export type CommitAck = { 
/**
 * The place of the commit in the room.
 */
seq: number, 
/**
 * The room's epoch from now on.
 */
epoch: number, };

export type WelcomeDone = { 
/**
 * The room.
 */
room_id: RoomId, };

export type RoomCursors = { 
/**
 * `sync`: what this device has; `ack`: what is durable here.
 */
cursors: Record<string, number>, };

export type SyncAck = { 
/**
 * At most 50 or 512 KiB.
 */
envelopes: Array<Envelope<Base64>>, 
/**
 * The cursors to call with next.
 */
next: Record<string, number>, 
/**
 * There is more: call again. Live delivery of a room starts with its last page.
 */
more: boolean, };

export type MarkRead = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * Everything up to here was read.
 */
seq: number, };

export type SetTyping = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * Started or stopped.
 */
active: boolean, };

export type Connected = { 
/**
 * The socket, for logs.
 */
socket_id: string, 
/**
 * 32 random bytes that the device key signs.
 */
nonce: Base64, 
/**
 * The server's clock.
 */
server_time: Timestamp, 
/**
 * The server's version.
 */
version: string, 
/**
 * The signed-in person; `None` until `authenticate`.
 */
user_id: UserId | null, };

export type WelcomeEvent = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * The Welcome with this device's secrets alone.
 */
message: Binary, 
/**
 * The epoch that it leads to; its tree is at `/api/rooms/{id}/tree?epoch=`.
 */
epoch: number, 
/**
 * The commit's place: this device's log starts behind it.
 */
seq: number, };

export type CommitWanted = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * The devices to remove.
 */
remove: Array<DeviceId>, 
/**
 * Of the people whose devices these are, those who belong to the group all the same: to be
 * named as absent when their last leaf goes.
 */
absent?: Array<UserId>, };

export type ContactChange = "added" | "removed" | "online" | "offline" | "profile" | "keys";

export type ContactsUpdated = { 
/**
 * The contact as it is now.
 */
contact: Contact, 
/**
 * What changed.
 */
change: ContactChange, };

export type Receipt = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * Who.
 */
user_id: UserId, 
/**
 * Up to where.
 */
seq: number, };

export type TypingEvent = { 
/**
 * The room.
 */
room_id: RoomId, 
/**
 * Who.
 */
user_id: UserId, 
/**
 * Started or stopped.
 */
active: boolean, };

export type KeyPackagesLow = { 
/**
 * How many are left, without the last resort.
 */
left: number, 
/**
 * The MLS ciphersuite that they are of.
 */
suite: number, };

export type DeviceEvent = { 
/**
 * The device.
 */
device_id: DeviceId, };

export type LinkEvent = { 
/**
 * The link.
 */
link_id: LinkId, 
/**
 * The step that was written; left out when the link has ended.
 */
step?: LinkStep, };

export type VaultEvent = { 
/**
 * The version that stands now.
 */
version: number, };

/** Every limit of the contract. Sizes are bytes. */
export const limits = {
  USERNAME_MIN: 3,
  USERNAME_MAX: 32,
  NAME_MAX: 80,
  EMAIL_MAX: 254,
  PASSWORD_MIN: 8,
  PASSWORD_MAX: 128,
  MESSAGE: 67584,
  COMMIT_EVENT: 98304,
  SOCKET_MESSAGE: 131072,
  PAGE_ENVELOPES: 50,
  SEARCH_MIN: 2,
  SEARCH_RESULTS: 20,
  PICTURE: 5000000,
  PICTURE_PREVIEW: 2048,
  PICTURE_CAPTION: 4096,
  FILE: 5000000,
  FILE_NAME: 255,
  MEDIA_TYPE: 127,
  ROOM_PICTURE: 15000,
  KEY_PACKAGES: 50,
  KEY_PACKAGES_LOW: 10,
} as const;
