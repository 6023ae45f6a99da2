//! Sending files: the host sealed and stored them, piece by piece.

use protocol::{ClientId, Code, Problem, limits};

use crate::{
    Document, MessageRef, Recipient,
    engine::Step,
    own_file_key,
    state::{OutgoingBody, Thread},
};

impl Step<'_> {
    pub(crate) fn send_file(
        &mut self,
        to: Recipient,
        id: ClientId,
        file: Document,
        reply_to: Option<MessageRef>,
    ) {
        if self.outbox_number(id).is_some() {
            return;
        }
        let refused = match self.conversation_with(to) {
            Some(_) if file.size as usize > limits::FILE => Err(Code::BodyTooLarge),
            Some(_) if !file.is_sound() => Err(Code::InvalidBody),
            Some(conversation) => Ok(conversation),
            None => Err(Code::NotAMember),
        };
        let conversation = match refused {
            Ok(conversation) => conversation,
            Err(code) => {
                self.batch.delete(own_file_key(id));
                return self.refuse(Some(id), &Problem::new(code));
            }
        };
        if let Recipient::Direct { user_id } = to {
            self.state
                .threads
                .edit_or(conversation, || Thread::direct(user_id));
        }
        let body = OutgoingBody::File {
            file: Box::new(file),
            attached: None,
        };
        if !self.write(conversation, id, body, reply_to) {
            self.batch.delete(own_file_key(id));
        }
    }
}
