//! Acknowledgements of client events.

use serde::{Deserialize, Serialize};

use crate::Problem;

/// The acknowledgement of a client event: `{ok: true, …}` or `{ok: false, error}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Ack<T> {
    /// Done.
    Ok(T),
    /// Refused.
    Refused(Box<Problem>),
}

/// An acknowledgement without fields of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Done {}

impl<T: Serialize> Serialize for Ack<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Accepted<'a, T> {
            ok: bool,
            #[serde(flatten)]
            reply: &'a T,
        }
        #[derive(Serialize)]
        struct Rejected<'a> {
            ok: bool,
            error: &'a Problem,
        }
        match self {
            Self::Ok(reply) => Accepted { ok: true, reply }.serialize(serializer),
            Self::Refused(error) => Rejected { ok: false, error }.serialize(serializer),
        }
    }
}

impl<'de, T: serde::de::DeserializeOwned> Deserialize<'de> for Ack<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let mut value = serde_json::Map::deserialize(deserializer)?;
        match value.remove("ok").and_then(|ok| ok.as_bool()) {
            Some(true) => serde_json::from_value(value.into())
                .map(Self::Ok)
                .map_err(D::Error::custom),
            Some(false) => serde_json::from_value(value.remove("error").unwrap_or_default())
                .map(|error| Self::Refused(Box::new(error)))
                .map_err(D::Error::custom),
            None => Err(D::Error::missing_field("ok")),
        }
    }
}

impl<T> From<Result<T, Problem>> for Ack<T> {
    fn from(result: Result<T, Problem>) -> Self {
        match result {
            Ok(reply) => Self::Ok(reply),
            Err(problem) => Self::Refused(Box::new(problem)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, socket::CommitAck};

    #[test]
    fn acknowledgements_are_flat() {
        let ack = Ack::Ok(CommitAck { seq: 3, epoch: 2 });
        let json = serde_json::to_value(&ack).unwrap();
        assert_eq!(json, serde_json::json!({"ok": true, "seq": 3, "epoch": 2}));
        assert_eq!(serde_json::from_value::<Ack<CommitAck>>(json).unwrap(), ack);

        let refused = Ack::<Done>::Refused(Box::new(Code::NotAMember.into()));
        let json = serde_json::to_value(&refused).unwrap();
        assert_eq!(json["ok"], false);
        assert_eq!(json["error"]["code"], "not-a-member");
        assert_eq!(serde_json::from_value::<Ack<Done>>(json).unwrap(), refused);
        assert_eq!(
            serde_json::to_value(Ack::Ok(Done {})).unwrap(),
            serde_json::json!({"ok": true})
        );
    }
}
