//! Socket.IO packets (protocol v5, in Engine.IO v4 frames) as the generator needs them: written
//! with one format call, read with a few searches, so that the generator's core is left for more.

use std::fmt::Write;

/// Names a message of a run: who sent it, and which of theirs it is. It travels as the `client_id`,
/// a UUID whose last two groups hold the two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark {
    /// The run, so that no id comes twice.
    pub run: u32,
    /// The sender's place in the fleet: below 16,384.
    pub sender: u16,
    /// Counts from 0: below 2^48.
    pub number: u64,
}

/// Length of a UUID as text.
const UUID: usize = 36;

impl Mark {
    /// The UUID as text.
    pub fn write(self, text: &mut String) {
        let (run, sender, number) = (self.run, 0x8000 | self.sender, self.number);
        let _ = write!(text, "{run:08x}-0000-7000-{sender:04x}-{number:012x}");
    }

    /// From the `client_id` of an event.
    pub fn read(event: &str) -> Option<Self> {
        Self::parse(value_of(event, "\"client_id\":\"", UUID)?)
    }

    /// From a `client_id`.
    pub fn parse(id: &str) -> Option<Self> {
        Some(Self {
            run: u32::from_str_radix(id.get(..8)?, 16).ok()?,
            sender: u16::from_str_radix(id.get(19..23)?, 16).ok()? & 0x3fff,
            number: u64::from_str_radix(id.get(24..)?, 16).ok()?,
        })
    }
}

/// The room of an event.
pub fn room_of(event: &str) -> Option<&str> {
    value_of(event, "\"room_id\":\"", UUID)
}

/// The place of an event in its room.
pub fn seq_of(event: &str) -> Option<u64> {
    let name = "\"seq\":";
    let rest = event.get(event.find(name)? + name.len()..)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest.get(..digits)?.parse().ok()
}

fn value_of<'a>(event: &'a str, name: &str, length: usize) -> Option<&'a str> {
    let start = event.find(name)? + name.len();
    event.get(start..start + length)
}

/// What a text frame holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Engine.IO: the server wants to know whether we live.
    Ping,
    /// The namespace is open.
    Connected,
    /// The namespace was refused, or the server closed it.
    Ended(&'a str),
    /// An event: name, all of its text, how many binary frames follow.
    Event(&'a str, &'a str, usize),
    /// An acknowledgement: its number and the JSON of its arguments, an array.
    Ack(u64, &'a str),
    /// Nothing of interest.
    Other,
}

impl<'a> Packet<'a> {
    /// Reads a text frame.
    pub fn read(frame: &'a str) -> Self {
        let Some(packet) = frame.strip_prefix('4') else {
            return if frame == "2" {
                Self::Ping
            } else {
                Self::Other
            };
        };
        let Some((kind, rest)) = packet.split_at_checked(1) else {
            return Self::Other;
        };
        match kind {
            "0" => Self::Connected,
            "1" | "4" => Self::Ended(rest),
            "2" | "3" | "5" | "6" => Self::with_data(kind, rest).unwrap_or(Self::Other),
            _ => Self::Other,
        }
    }

    fn with_data(kind: &str, rest: &'a str) -> Option<Self> {
        let (attachments, rest) = match kind {
            "5" | "6" => {
                let (count, rest) = rest.split_once('-')?;
                (count.parse().ok()?, rest)
            }
            _ => (0, rest),
        };
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, data) = rest.split_at_checked(digits)?;
        if matches!(kind, "3" | "6") {
            return Some(Self::Ack(id.parse().ok()?, data));
        }
        let name = data.strip_prefix("[\"")?.split('"').next()?;
        Some(Self::Event(name, data, attachments))
    }
}

/// `message` with its ciphertext in the binary frame that follows.
pub fn message(id: u64, room: &str, mark: Mark) -> String {
    let mut text = String::with_capacity(200);
    let _ = write!(
        text,
        "451-{id}[\"message\",{{\"room_id\":\"{room}\",\"client_id\":\""
    );
    mark.write(&mut text);
    text.push_str("\",\"message\":{\"_placeholder\":true,\"num\":0}}]");
    text
}

/// An event whose payload is this JSON.
pub fn event(id: u64, name: &str, json: &str) -> String {
    format!("42{id}[\"{name}\",{json}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_travels_as_a_uuid() {
        let mark = Mark {
            run: 7,
            sender: 16_383,
            number: (1 << 48) - 1,
        };
        let sent = message(12, "0198-room", mark);
        assert!(sent.starts_with("451-12[\"message\",{\"room_id\":\"0198-room\","));
        assert_eq!(Mark::read(&sent), Some(mark));
        let id = value_of(&sent, "\"client_id\":\"", UUID).unwrap();
        assert_eq!(id.parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
        assert_eq!(Mark::read("[\"message\",{}]"), None);
    }

    #[test]
    fn packets_are_told_apart() {
        assert_eq!(Packet::read("2"), Packet::Ping);
        assert_eq!(Packet::read("40{\"sid\":\"x\"}"), Packet::Connected);
        assert_eq!(
            Packet::read("44{\"message\":\"no\"}"),
            Packet::Ended("{\"message\":\"no\"}")
        );
        assert_eq!(Packet::read("41"), Packet::Ended(""));
        assert_eq!(
            Packet::read("4317[{\"ok\":true}]"),
            Packet::Ack(17, "[{\"ok\":true}]")
        );
        let data = "[\"message\",{\"seq\":42,\"room_id\":\"r\"}]";
        let frame = format!("451-{data}");
        assert_eq!(Packet::read(&frame), Packet::Event("message", data, 1));
        assert_eq!(seq_of(data), Some(42));
        for odd in ["", "4", "5", "43", "45x-[]", "42[1]", "3probe"] {
            assert_eq!(Packet::read(odd), Packet::Other, "{odd}");
        }
    }
}
