//! `ack`: what is durable on this device; what all have is dropped.

use protocol::socket::{Done, RoomCursors};

use super::sender;
use crate::{app::App, hub::Answer, log::Acknowledge};

/// Acknowledged when the cursors are stored; 422 `cursor-ahead`.
pub(super) async fn ack(app: App, payload: RoomCursors, answer: Answer) {
    let device = match sender(&answer.connection) {
        Ok((_, device)) => device,
        Err(error) => return answer.refuse(error.into_problem()),
    };
    app.log.acknowledge(Acknowledge {
        device,
        cursors: payload
            .cursors
            .iter()
            .map(|(room, seq)| (room.0, *seq))
            .collect(),
        done: Box::new(move |result| answer.send(result.map(|()| Done {}))),
    });
}
