//! Sending files: the host sealed and stored them, piece by piece.

use protocol::{ClientId, Code, Problem, limits};

use crate::{
    Document, MessageRef, Recipient,
    engine::Step,
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
        let Some(conversation) = self.conversation_with(to) else {
            return self.refuse(Some(id), &Problem::new(Code::NotAMember));
        };
        if !file.is_sound() {
            let code = match file.size as usize > limits::FILE {
                true => Code::BodyTooLarge,
                false => Code::InvalidBody,
            };
            return self.refuse(Some(id), &Problem::new(code));
        }
        if let Recipient::Direct { user_id } = to {
            self.state
                .threads
                .edit_or(conversation, || Thread::direct(user_id));
        }
        let body = OutgoingBody::File {
            file: Box::new(file),
            attached: None,
        };
        self.write(conversation, id, body, reply_to);
    }
}
