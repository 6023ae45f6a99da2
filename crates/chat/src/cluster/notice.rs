//! What nodes tell each other through PostgreSQL's notifications: rare things that no table keeps
//! in order, or that have to be heard at once.
//!
//! A notice is committed like anything else and costs a commit, so that those that wait share one.
//! Whoever may have missed one, because the connection was lost, lets its clients resume.

use protocol::socket::ContactChange;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// What a node tells the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A session is over; told by a trigger, whoever ended it.
    SessionEnded {
        /// Whose it was.
        user: Uuid,
        /// The session.
        session: Uuid,
    },
    /// An event for every socket of a person.
    Event {
        /// The person.
        user: Uuid,
        /// But not for sockets of this session.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        except: Option<Uuid>,
        /// The event's name.
        name: String,
        /// Its payload.
        payload: Value,
    },
    /// A person changed: their contacts are told.
    Contact {
        /// The person.
        user: Uuid,
        /// What changed.
        change: ContactChange,
    },
    /// Welcomes of a commit lie ready.
    Welcomes {
        /// The room.
        room: Uuid,
        /// The place of the commit.
        seq: i64,
    },
    /// A device entered a room by a request that another node took.
    Listen {
        /// The room.
        room: Uuid,
        /// The device.
        device: Uuid,
    },
    /// A device has a newer socket.
    Claim {
        /// The device.
        device: Uuid,
        /// The socket's place among those of the device.
        socket: i64,
    },
    /// A device was revoked: its socket is closed.
    Revoked {
        /// The device.
        device: Uuid,
    },
    /// Few key packages of a device are left.
    KeyPackagesLow {
        /// The device.
        device: Uuid,
        /// How many.
        left: u32,
        /// Of which suite.
        suite: u16,
    },
    /// A person left a room and hears nothing more of it.
    Left {
        /// The room.
        room: Uuid,
        /// The person.
        user: Uuid,
    },
    /// Removals are due in a room.
    Removals {
        /// The room.
        room: Uuid,
    },
    /// Somebody subscribed to pushes.
    Subscribed,
    /// Hints could not be sent: the heads of rooms have to be looked at.
    Look,
    /// The node that says so is alive.
    Alive,
}

impl Notice {
    /// As an operator's command tells it: from no node, so that each follows it.
    ///
    /// # Errors
    /// When it has no JSON form.
    pub fn by_nobody(self) -> serde_json::Result<String> {
        serde_json::to_string(&Sent {
            from: None,
            notice: self,
        })
    }
}

/// A notice and who sent it; triggers and operators are nobody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sent {
    /// The node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Uuid>,
    /// What it says.
    #[serde(flatten)]
    pub notice: Notice,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_read_as_they_are_written() {
        let (user, session) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let trigger =
            format!(r#"{{"session_ended" : {{"user" : "{user}", "session" : "{session}"}}}}"#);
        let read: Sent = serde_json::from_str(&trigger).unwrap();
        let notice = Notice::SessionEnded { user, session };
        assert_eq!(read, Sent { from: None, notice });
        let outside = Notice::Look.by_nobody().unwrap();
        let read: Sent = serde_json::from_str(&outside).unwrap();
        let notice = Notice::Look;
        assert_eq!(read, Sent { from: None, notice });
        for notice in [
            Notice::Look,
            Notice::Contact {
                user,
                change: ContactChange::Online,
            },
            Notice::Event {
                user,
                except: Some(session),
                name: "device_added".to_owned(),
                payload: serde_json::json!({"device_id": user}),
            },
        ] {
            let from = Some(session);
            let sent = Sent { from, notice };
            let text = serde_json::to_string(&sent).unwrap();
            assert_eq!(serde_json::from_str::<Sent>(&text).unwrap(), sent, "{text}");
        }
    }
}
