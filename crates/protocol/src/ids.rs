//! Identifiers: UUIDs (version 7, so that they sort by creation) that cannot be mixed up.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
        #[cfg_attr(
            feature = "openapi",
            derive(utoipa::ToSchema),
            schema(value_type = String, format = Uuid)
        )]
        pub struct $name(pub Uuid);

        impl $name {
            /// The 16 bytes in network order, as encodings and MLS use them.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id that stands behind 16 bytes in network order.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// A fresh version 7 id from a time in milliseconds since 1970 and ten random bytes:
            /// clock and randomness are the caller's (RFC 9562, section 5.7).
            pub fn from_parts(unix_millis: u64, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(unix_millis, &random).into_uuid())
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A person's account; the same id in the MFA service (`account_id`) and in chat.
    UserId
);
id!(
    /// One device of a person: one browser profile or one terminal client. An MLS leaf.
    DeviceId
);
id!(
    /// A conversation; also its MLS group id.
    RoomId
);
id!(
    /// Chosen by the sending device for each message and commit: makes a repeat harmless.
    ClientId
);
id!(
    /// A friend request.
    RequestId
);
id!(
    /// A second factor of an account.
    FactorId
);
id!(
    /// A pending check of a second factor.
    ChallengeId
);
id!(
    /// A forgotten password that is being replaced.
    PasswordResetId
);
id!(
    /// A browser or app that the MFA service remembers.
    RememberedDeviceId
);
id!(
    /// An encrypted file.
    AttachmentId
);
id!(
    /// A device that is being linked with another.
    LinkId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_from_parts_are_version_7_and_sort_by_time() {
        let early = RoomId::from_parts(1_000, [0xff; 10]);
        let late = RoomId::from_parts(2_000, [0; 10]);
        assert_eq!(early.0.get_version_num(), 7);
        assert!(early < late);
        assert_eq!(RoomId::from_bytes(*late.as_bytes()), late);
    }
}
