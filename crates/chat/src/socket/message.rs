//! `message`: to a room, acknowledged after the commit to disk.

use e2ee::framing::{Framing, MessageKind};
use protocol::{
    Code, Problem, limits,
    socket::{MessageAck, SendMessage},
};
use uuid::Uuid;

use super::sender;
use crate::{app::App, error::Result, hub::Answer, log::Append};

/// Queues the message; the batcher acknowledges it.
pub(super) fn message(app: &App, payload: SendMessage, answer: Answer) {
    let room = payload.room_id.0;
    let checked = application_epoch(&payload.message.0, Some(room))
        .and_then(|framing| Ok((framing, sender(&answer.connection)?)));
    let (framing, (user, device)) = match checked {
        Ok(checked) => checked,
        Err(error) => return answer.refuse(error.into_problem()),
    };
    app.log.append(Append {
        room,
        user,
        device,
        peer: None,
        client: payload.client_id.0,
        epoch: framing.epoch,
        body: payload.message.0,
        done: Box::new(move |result| {
            let ack = result.map(|stored| MessageAck {
                room_id: room.into(),
                seq: stored.seq,
                sent_at: stored.sent_at.into(),
            });
            answer.send(ack.map_err(Into::into));
        }),
    });
}

/// Reads the framing of an application message, of this room where one is named.
///
/// # Errors
/// 413 `body-too-large`, 422 `invalid-message`.
pub fn application_epoch(message: &[u8], room: Option<Uuid>) -> Result<Framing> {
    if message.len() > limits::MESSAGE {
        return Err(Problem::new(Code::BodyTooLarge)
            .detail("A message may have 66 KiB on the wire.")
            .into());
    }
    let framing = e2ee::framing::inspect(message).ok().filter(|framing| {
        framing.kind == MessageKind::Application && room.is_none_or(|room| room == framing.room)
    });
    Ok(framing.ok_or(Code::InvalidMessage)?)
}
