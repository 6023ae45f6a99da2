//! `send_private_message`: to the open direct room with a contact.

use protocol::{
    Code,
    socket::{MessageAck, SendPrivateMessage},
};

use super::{message::application_epoch, sender};
use crate::{
    app::App,
    error::{Error, Result},
    hub::Answer,
    log::{Append, Refused},
    store::contacts,
};

/// Queues the message; the batcher acknowledges it. The room is the one that it was sealed for,
/// and has to be the sender's with that person.
pub(super) async fn send_private_message(app: App, payload: SendPrivateMessage, answer: Answer) {
    let peer = payload.recipient_id.0;
    let sender = match sender(&answer.connection) {
        Ok(sender) => sender,
        Err(error) => return answer.refuse(error.into_problem()),
    };
    let (user, device) = sender;
    let framing = match application_epoch(&payload.message.0, None) {
        Ok(framing) => framing,
        Err(error) => {
            // Strangers hear that they are strangers, whatever they send.
            let error = stranger(&app, user, peer).await.err().unwrap_or(error);
            return answer.refuse(error.into_problem());
        }
    };
    let later = app.clone();
    app.log.append(Append {
        room: framing.room,
        user,
        device,
        peer: Some(peer),
        client: payload.client_id.0,
        epoch: framing.epoch,
        body: payload.message.0,
        done: Box::new(move |result| match result {
            Ok(stored) => answer.send(Ok(MessageAck {
                room_id: framing.room.into(),
                seq: stored.seq,
                sent_at: stored.sent_at.into(),
            })),
            Err(refused @ (Refused::Closed | Refused::NotThatPair | Refused::NotAMember)) => {
                tokio::spawn(async move {
                    let error = stranger(&later, user, peer).await.err();
                    let error = error.unwrap_or_else(|| Error::from(refused));
                    answer.refuse(error.into_problem());
                });
            }
            Err(refused) => answer.refuse(refused.into_problem()),
        }),
    });
}

async fn stranger(app: &App, user: uuid::Uuid, peer: uuid::Uuid) -> Result<()> {
    if contacts::are(&app.pool, user, peer).await? {
        Ok(())
    } else {
        Err(Code::NotAContact.into())
    }
}
