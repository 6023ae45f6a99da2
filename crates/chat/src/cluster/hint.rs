//! What nodes tell each other through Redis: that a room has something new, and what is not worth
//! a row. All of it may be lost.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;
use uuid::Uuid;

/// One message on the channel. An empty one says that its sender is alive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hint {
    /// The node that sent it.
    pub from: Uuid,
    /// Rooms and the highest place on disk in each.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "heads"
    )]
    pub heads: Vec<(Uuid, u64)>,
    /// Receipts and typing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<RoomEvent>,
    /// Hints were lost: look at the heads of all rooms.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub look: bool,
}

/// Who of those that listen to a room is told something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Everybody but this person.
    Except(Uuid),
    /// These people.
    Only(Vec<Uuid>),
}

/// An event for those who listen to a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomEvent {
    /// The room.
    pub room: Uuid,
    /// For whom of them.
    #[serde(flatten)]
    pub audience: Audience,
    /// The event's name.
    pub name: String,
    /// Its payload.
    pub payload: Value,
}

impl Hint {
    /// Whether it says nothing but that its sender is alive.
    pub(super) fn is_empty(&self) -> bool {
        self.heads.is_empty() && self.events.is_empty() && !self.look
    }
}

/// Places that the database can hold: a socket that is taken to be beyond would hear nothing more.
fn heads<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<(Uuid, u64)>, D::Error> {
    let heads = Vec::<(Uuid, u64)>::deserialize(from)?;
    if heads.iter().any(|(_, seq)| i64::try_from(*seq).is_err()) {
        return Err(Error::custom("there is no such place"));
    }
    Ok(heads)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_read_as_they_are_written() {
        let (from, room) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let alive = Hint {
            from,
            ..Hint::default()
        };
        let text = serde_json::to_string(&alive).unwrap();
        assert_eq!(text, format!(r#"{{"from":"{from}"}}"#));
        assert_eq!(serde_json::from_str::<Hint>(&text).unwrap(), alive);
        let news = |seq| Hint {
            heads: vec![(room, seq)],
            look: true,
            ..alive.clone()
        };
        let read = |hint| serde_json::from_value::<Hint>(serde_json::to_value(&hint).unwrap());
        let last = i64::MAX as u64;
        assert_eq!(read(news(last)).unwrap(), news(last));
        assert!(read(news(last + 1)).is_err());
    }

    #[test]
    fn an_event_says_whom_it_is_for() {
        for (audience, key) in [
            (Audience::Except(Uuid::nil()), "except"),
            (Audience::Only(vec![Uuid::nil()]), "only"),
        ] {
            let event = RoomEvent {
                room: Uuid::nil(),
                audience,
                name: "typing".to_owned(),
                payload: Value::Null,
            };
            let json = serde_json::to_value(&event).unwrap();
            assert!(json.get(key).is_some(), "{json}");
            assert_eq!(serde_json::from_value::<RoomEvent>(json).unwrap(), event);
        }
    }
}
