//! Problems: one shape for every refusal, over REST and in socket acknowledgements (RFC 9457).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $title:literal;)*) => {
        /// The stable name of a problem. Clients decide by it; titles and details may change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        pub enum Code {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
            /// A code that this build does not know yet.
            #[serde(rename = "unknown", other)]
            Unknown,
        }

        impl Code {
            /// Every code but [`Code::Unknown`].
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The kebab-case name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* Self::Unknown => "unknown" }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* Self::Unknown => 500 }
            }

            /// A short sentence for people, the same for every occurrence.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* Self::Unknown => "Something went wrong" }
            }
        }
    };
}

codes! {
    // The request itself
    /// The body is no JSON.
    MalformedJson = "malformed-json", 400, "The body is not valid JSON";
    /// The request is no valid HTTP for this server.
    BadRequest = "bad-request", 400, "The request cannot be understood";
    /// A field is missing, unknown, of a wrong type or out of bounds; `errors` says which.
    InvalidBody = "invalid-body", 422, "The request does not fit";
    /// A socket event's payload does not fit.
    InvalidPayload = "invalid-payload", 422, "The event's payload does not fit";
    /// No such socket event.
    UnknownEvent = "unknown-event", 404, "There is no such event";
    /// The body is of a type that the route does not take.
    UnsupportedMediaType = "unsupported-media-type", 415, "This media type is not accepted here";
    /// The body is over the route's limit.
    BodyTooLarge = "body-too-large", 413, "The body is too large";
    /// Nothing here.
    NotFound = "not-found", 404, "There is nothing here";
    /// The path exists, the method does not.
    MethodNotAllowed = "method-not-allowed", 405, "This method is not allowed here";
    /// The request came from a page that is not ours.
    ForbiddenOrigin = "forbidden-origin", 403, "Requests from this origin are not allowed";
    /// Known, and not allowed.
    Forbidden = "forbidden", 403, "You may not do this";
    /// Too many requests.
    RateLimited = "rate-limited", 429, "Too many requests";
    /// A queue is full: the server protects itself.
    QueueFull = "queue-full", 503, "The server is busy";
    /// A part that the request needs is down.
    Unavailable = "unavailable", 503, "The service is not available at the moment";
    /// The MFA service is down: nobody can sign in, running chats go on.
    MfaUnavailable = "mfa-unavailable", 503, "Signing in is not possible at the moment";
    /// No chat server answers the gateway.
    UpstreamUnavailable = "upstream-unavailable", 502, "The chat server is not reachable";
    /// The request took longer than it may.
    Timeout = "timeout", 504, "The request took too long";
    /// A fault of ours.
    Internal = "internal", 500, "Something went wrong on our side";

    // Sessions and accounts
    /// No session, or one that is over.
    Unauthenticated = "unauthenticated", 401, "Please sign in";
    /// The session was ended.
    SessionEnded = "session-ended", 401, "This session has ended";
    /// A fresh second factor is needed first.
    StepUpRequired = "step-up-required", 403, "Please confirm with your second factor";
    /// Username or password is wrong.
    InvalidCredentials = "invalid-credentials", 401, "Username or password is wrong";
    /// The password was right; a second factor is needed.
    MfaRequired = "mfa-required", 401, "Please enter your code";
    /// The code is wrong.
    InvalidCode = "invalid-code", 422, "The code is wrong";
    /// The code was right, once.
    CodeUsed = "code-used", 422, "That code was already used";
    /// The code was right, too late.
    ExpiredCode = "expired-code", 410, "That code has expired";
    /// The challenge is unknown or over: start again.
    ChallengeExpired = "challenge-expired", 410, "This sign-in took too long; please start again";
    /// Too many failures.
    Locked = "locked", 429, "Too many wrong attempts";
    /// The address was never confirmed.
    EmailUnverified = "email-unverified", 403, "Please confirm your e-mail address";
    /// The second factor was never set up.
    EnrolmentRequired = "enrolment-required", 403, "Please set up your second factor";
    /// The enrolment token is unknown or over.
    EnrolmentExpired = "enrolment-expired", 401, "This sign-up took too long; please sign in to go on";
    /// The account was switched off.
    AccountDeactivated = "account-deactivated", 403, "This account is deactivated";
    /// Somebody has that name.
    UsernameTaken = "username-taken", 409, "This username is taken";
    /// New accounts are not open to all.
    SignupClosed = "signup-closed", 403, "This server takes no new accounts";
    /// Signing up needs an invitation; the one that was given, if any, is not good.
    InvitationRequired = "invitation-required", 403, "Signing up here needs an invitation";
    /// The factor is active already.
    FactorActive = "factor-active", 409, "This second factor is active already";
    /// The account needs a factor and this is its last.
    LastFactor = "last-factor", 409, "Your account needs a second factor";
    /// The challenge was answered once already.
    ChallengeUsed = "challenge-used", 409, "This sign-in was already confirmed";
    /// The change is open to unfinished accounts only.
    AccountComplete = "account-complete", 409, "This account is complete already";
    /// An application of the MFA service has to say who it is.
    ClientRequired = "client-required", 401, "A client certificate or an access token is needed";
    /// The attempt looks like credential stuffing: `puzzle` is to be solved first.
    ProofRequired = "proof-required", 403, "Please solve a puzzle first";
    /// The idempotency key was used for another request.
    IdempotencyKeyReused = "idempotency-key-reused", 422, "This idempotency key belongs to another request";
    /// The request with this idempotency key is still running.
    RequestInProgress = "request-in-progress", 409, "The same request is still being handled";

    // Keys and devices
    /// A key, credential or package was refused; `keys` says which and why.
    InvalidKey = "invalid-key", 422, "A key was refused";
    /// Another account key stands.
    AccountKeyExists = "account-key-exists", 409, "Your account has other keys already";
    /// The device list is not newer than the one that stands.
    StaleDeviceList = "stale-device-list", 409, "The device list is out of date";
    /// The socket has not proved a device yet.
    DeviceRequired = "device-required", 403, "This needs a device; prove it first";
    /// The signature over the nonce is wrong or the device unknown or revoked.
    DeviceProofInvalid = "device-proof-invalid", 403, "The device could not prove itself";
    /// The person has as many devices as one can have.
    TooManyDevices = "too-many-devices", 409, "You have too many devices";
    /// The newest signed device list does not revoke this device; `version` is that list's.
    /// The link ran out, failed or was ended: start again.
    LinkOver = "link-over", 410, "Linking took too long or failed; please start again";
    /// The person links as many devices as one can at a time.
    TooManyLinks = "too-many-links", 409, "You are linking too many devices at the moment";

    // What is kept for oneself
    /// The recovery bundle or vault was replaced meanwhile; `version` is the one that stands.
    StaleVersion = "stale-version", 409, "Another device has changed this meanwhile";
    /// The person's archive has reached its quota.
    ArchiveFull = "archive-full", 409, "Your archive is full";
    /// The person has switched the archive off, for all devices.
    ArchiveOff = "archive-off", 409, "Your archive is switched off";
    /// The person's files have reached their quota.
    AttachmentsFull = "attachments-full", 409, "Your files take too much space";
    /// The range lies behind the end of the file.
    RangeNotSatisfiable = "range-not-satisfiable", 416, "The file is shorter than that";
    /// The person is woken in as many places as one can be.
    TooManySubscriptions = "too-many-subscriptions", 409, "You are notified in too many places";

    // People
    /// They are no contacts.
    NotAContact = "not-a-contact", 403, "You are not in each other's contacts";
    /// They are contacts already.
    AlreadyContacts = "already-contacts", 409, "You are in each other's contacts already";
    /// A request to that person is open already.
    RequestPending = "request-pending", 409, "Your request is waiting for an answer already";
    /// The asking person has blocked the other.
    Blocked = "blocked", 409, "You have blocked this person";
    /// The person has blocked as many people as one can.
    TooManyBlocked = "too-many-blocked", 409, "You have blocked too many people";

    // Rooms
    /// Not a member, or no such room: not told apart.
    NotAMember = "not-a-member", 403, "You are not in this conversation";
    /// The pair has an open direct room.
    RoomExists = "room-exists", 409, "This conversation exists already";
    /// The room is closed: the people are no contacts any more.
    RoomClosed = "room-closed", 403, "This conversation is closed";
    /// Sealed for an epoch that is not the current one: catch up, seal again.
    StaleEpoch = "stale-epoch", 409, "The conversation has moved on";
    /// The commit leaves out a removal that is due.
    RemovalRequired = "removal-required", 409, "Some devices have to be removed first";
    /// Who leaves is the only admin, and others stay.
    LastAdmin = "last-admin", 409, "Make somebody else an admin first";
    /// The commit breaks a rule of the room.
    Policy = "policy", 422, "The change breaks a rule of this conversation";
    /// The message is no well-formed MLS message for this room.
    InvalidMessage = "invalid-message", 422, "The message is malformed";
    /// Too large for an event.
    UseRest = "use-rest", 413, "Too large for an event; use the REST endpoint";
    /// Acknowledged beyond the end of the room.
    CursorAhead = "cursor-ahead", 422, "The cursor is beyond the end of the conversation";
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Code {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .description(Some("The stable name of a problem."))
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Code {
    fn name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }
}

/// One thing that is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name in the request.
    pub field: String,
    /// What is wrong, in kebab-case: `required`, `too-short`, `too-long`, `format`, `common`, …
    pub code: String,
    /// The same for people, in English.
    pub message: String,
}

/// RFC 9457 problem details, served as `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI reference that names the problem: `/problems/<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The same sentence for every occurrence of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time and what to do next.
    #[serde(default)]
    pub detail: String,
    /// The stable name.
    pub code: Code,
    /// The request's id, to find it in the logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds after which a repeat makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// What the code adds: `challenge_id`, `methods`, `epoch`, `room_id`, `devices`, `rule`, …
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Problem {
    /// A problem with its code's status and title; the title is the detail until one is given.
    pub fn new(code: Code) -> Self {
        Self {
            kind: format!("/problems/{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: code.title().to_owned(),
            code,
            request_id: None,
            errors: Vec::new(),
            retry_after: None,
            extra: Map::new(),
        }
    }

    /// Says what happened this time and what to do next.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds what is wrong with one field.
    pub fn field(mut self, field: &str, code: &str, message: impl Into<String>) -> Self {
        self.errors.push(FieldError {
            field: field.to_owned(),
            code: code.to_owned(),
            message: message.into(),
        });
        self
    }

    /// Says after how many seconds a repeat makes sense.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Adds a member of the code's own. A value that has no JSON form is left out.
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.extra.insert(name.to_owned(), value);
        }
        self
    }

    /// A member of the code's own, if it is there and of this type.
    pub fn member<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.extra.get(name)?.clone()).ok()
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_flat_and_survive_the_wire() {
        let problem = Problem::new(Code::StaleEpoch)
            .with("epoch", 7)
            .detail("Sync, then send again.");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["code"], "stale-epoch");
        assert_eq!(json["status"], 409);
        assert_eq!(json["epoch"], 7);
        let back: Problem = serde_json::from_value(json).unwrap();
        assert_eq!(back.member::<u64>("epoch"), Some(7));
        assert_eq!(back, problem);
    }

    #[test]
    fn an_unknown_code_is_kept_apart() {
        let back: Problem = serde_json::from_str(
            r#"{"type":"/problems/new","title":"New","status":418,"detail":"","code":"brand-new"}"#,
        )
        .unwrap();
        assert_eq!(back.code, Code::Unknown);
    }

    #[test]
    fn every_code_is_named_once() {
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
