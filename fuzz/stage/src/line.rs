//! Inputs of an engine as lines of JSON. Those with bytes are written apart: JSON has none.

use engine::{Input, Outcome, ServerEvent};
use protocol::{Base64, RoomId, socket::Base64Envelope, socket::WelcomeEvent};
use serde::{Deserialize, Serialize};

/// One input.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// One without bytes.
    Input(Box<Input>),
    /// An envelope, in an event.
    Message(Base64Envelope),
    /// A welcome, in an event.
    Welcome {
        room_id: RoomId,
        message: Base64,
        epoch: u64,
        seq: u64,
    },
    /// A body, in a reply.
    Bytes { id: u64, value: Base64 },
}

impl Line {
    /// The input.
    pub fn input(self) -> Input {
        match self {
            Self::Input(input) => *input,
            Self::Message(envelope) => Input::Event {
                event: ServerEvent::NewMessage(envelope.map(Into::into)),
            },
            Self::Welcome {
                room_id,
                message,
                epoch,
                seq,
            } => Input::Event {
                event: ServerEvent::Welcome(WelcomeEvent {
                    room_id,
                    message: message.into(),
                    epoch,
                    seq,
                }),
            },
            Self::Bytes { id, value } => Input::Reply {
                id,
                outcome: Outcome::Bytes {
                    value: value.into(),
                },
            },
        }
    }

    /// The line of an input; commands have no bytes here.
    pub fn of(input: &Input) -> Self {
        match input.clone() {
            Input::Event {
                event: ServerEvent::NewMessage(envelope) | ServerEvent::Message(envelope),
            } => Self::Message(envelope.map(Into::into)),
            Input::Event {
                event: ServerEvent::Welcome(welcome),
            } => Self::Welcome {
                room_id: welcome.room_id,
                message: welcome.message.into(),
                epoch: welcome.epoch,
                seq: welcome.seq,
            },
            Input::Reply {
                id,
                outcome: Outcome::Bytes { value },
            } => Self::Bytes {
                id,
                value: value.into(),
            },
            input => Self::Input(Box::new(input)),
        }
    }
}
