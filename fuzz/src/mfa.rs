//! Bodies of the MFA service's interface, as it and the chat server read them, and what chat servers
//! tell each other through PostgreSQL.
//!
//! The notices are included as a file, which stands alone.

#[path = "../../crates/chat/src/cluster/notice.rs"]
#[allow(dead_code)]
mod notice;

use protocol::mfa;

use crate::{
    Target,
    server::{by_number, read_by, readers, reads},
};

readers! {
    READERS:
    mfa::CreateAccount, mfa::CreatedAccount, mfa::ChangeAccount, mfa::Account, mfa::VerifyEmail,
    mfa::ResendEmail, mfa::Progress, mfa::AuditPage, mfa::AuditEntry, mfa::AnnouncedFactorReset,
    mfa::CancelFactorReset, mfa::PendingFactor, mfa::PendingEmail, mfa::AddedFactor, mfa::AddFactor,
    mfa::ActivateFactor, mfa::ActivatedFactor, mfa::Factor, mfa::Factors, mfa::RenameFactor,
    mfa::RecoveryCodes, mfa::Login, mfa::Puzzle, mfa::Work, mfa::Authenticated, mfa::MfaRequired,
    mfa::Unfinished, mfa::CreateChallenge, mfa::Challenge, mfa::SendCode, mfa::SentCode,
    mfa::SendReply, mfa::VerifyChallenge, mfa::Assertion, mfa::Jwks, mfa::Jwk, mfa::Token,
    mfa::FactorKind, mfa::Method, mfa::Language, mfa::Notification, mfa::SendChannel,
    mfa::QueuedNotification, mfa::NotificationStatus, mfa::NotificationState, mfa::Credential,
    mfa::PendingPasskey, mfa::PasskeyRequest, mfa::StartPasskeyLogin, mfa::PasskeyLogin,
    mfa::FinishPasskeyLogin, mfa::StartPasswordReset, mfa::StartedPasswordReset,
    mfa::VerifyPasswordReset, mfa::ProvedPasswordReset, mfa::CompletePasswordReset,
    mfa::ChangePassword, mfa::ChangeEmail, mfa::StartedEmailChange, mfa::ConfirmEmail,
    mfa::RememberDevice, mfa::RememberedDevice, mfa::AnswerRemembered, mfa::RememberedLogin,
    mfa::RememberedDevices, mfa::ListedDevice,
    notice::Sent,
}

/// The number of a body's type, then the body as JSON.
pub const BODIES: Target = Target {
    name: "mfa_bodies",
    run: |bytes| by_number(READERS, bytes),
    seeds: || read_by(READERS, &EXAMPLES),
};

/// Bodies, each of one type or of several: replies may have members that nobody knows.
const EXAMPLES: [&str; 34] = [
    r#"{}"#,
    r#""totp""#,
    r#""recovery""#,
    r#""fr""#,
    r#""email""#,
    r#""queued""#,
    r#"{"email":"a@b.example","username":"ana","password":"secret","factor":"totp"}"#,
    r#"{"email":"a@b.example","name":"Ana","language":"fr"}"#,
    r#"{"account_id":"ID","code":"123456"}"#,
    r#"{"account_id":"ID"}"#,
    r#"{"kind":"totp","label":"Phone"}"#,
    r#"{"code":"123456","credential":{"id":"AAAA"}}"#,
    r#"{"code":"123456"}"#,
    r#"{"label":"Phone"}"#,
    r#"{"identifier":"ana","password":"secret","client_ip":"2001:db8::1","work":{"nonce":"a","solution":"b"}}"#,
    r#"{"identifier":"ana"}"#,
    r#"{"account_id":"ID","purpose":"login","context":"17"}"#,
    r#"{"method":"email","code":"123456"}"#,
    r#"{"method":"email"}"#,
    r#"{"purpose":"login"}"#,
    r#"{"credential":{"id":"AAAA"},"client_ip":"192.0.2.1"}"#,
    r#"{"token":"secret"}"#,
    r#"{"token":"secret","password":"secret"}"#,
    r#"{"account_id":"ID","current_password":"secret","password":"secret"}"#,
    r#"{"account_id":"ID","password":"secret","email":"a@b.example"}"#,
    r#"{"account_id":"ID","expires_at":"TIME","email":"a@b.example","email_hint":"a…","email_verified":true,"language":"en","complete":true,"created_at":"TIME","amr":["pwd"],"acr":"a","assertion":"secret","methods":["totp","recovery"],"challenge_id":"ID","login_id":"ID","request_options":{"a":[1]}}"#,
    r#"{"factor_id":"ID","kind":"email","label":"Mail","recipient_hint":"a…","expires_at":"TIME","active":true,"created_at":"TIME","creation_options":{},"uri":"otpauth://totp/a","secret":"A","qr_svg":"<svg/>"}"#,
    r#"{"factors":[{"factor_id":"ID","kind":"totp","label":"a","active":true,"created_at":"TIME"}],"recovery_codes_left":3,"kinds":["passkey"],"recovery_codes":["a-b"],"factor_id":"ID","account_id":"ID","complete":false}"#,
    r#"{"method":"email","recipient_hint":"a…","expires_at":"TIME"}"#,
    r#"{"iss":"a","aud":"b","sub":"ID","amr":[],"acr":"c","auth_time":1,"iat":1,"exp":2,"purpose":"login","jti":"d"}"#,
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":"a","x":"b"}],"access_token":"a","token_type":"Bearer","expires_in":3,"scope":""}"#,
    r#"{"reset_id":"ID","message":"a","expires_at":"TIME"}"#,
    r#"{"session_ended":{"user":"ID","session":"ID"}}"#,
    r#"{"from":"ID","event":{"user":"ID","name":"contacts_updated","payload":{}}}"#,
];
