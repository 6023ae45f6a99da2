//! Sending pictures, sealed and stored with the message; uploading them, and other files, before
//! their message leaves.

use e2ee::file;
use protocol::{ClientId, Code, Problem, RoomId, limits, rest::rooms::AttachmentReply};

use crate::{
    Body, Effect, Entry, MessageRef, NewPicture, Picture, PictureKind, Recipient,
    engine::Step,
    jobs::Job,
    outbox::outgoing_key,
    state::{Attached, Fate, Outgoing, OutgoingBody, Thread},
};

/// Records whose keys start with this are ciphertexts of pictures and files. Each belongs to one
/// message: two that name the same ciphertext have a record each, so that what becomes of one is
/// nothing to the other. [`own_file_key`] and [`Entry::file_key`] name it. The engine writes those
/// that are sent and drops those whose message goes; a host may keep those that it fetched.
pub const FILES_PREFIX: &str = "files/";

impl Step<'_> {
    pub(crate) fn send_picture(
        &mut self,
        to: Recipient,
        id: ClientId,
        picture: NewPicture,
        reply_to: Option<MessageRef>,
    ) {
        let Some(conversation) = self.conversation_with(to) else {
            return self.refuse(Some(id), &Problem::new(Code::NotAMember));
        };
        if self.outbox_number(id).is_some() {
            return;
        }
        let (picture, ciphertext) = match self.seal_picture(picture) {
            Ok(sealed) => sealed,
            Err(code) => return self.refuse(Some(id), &Problem::new(code)),
        };
        if let Recipient::Direct { user_id } = to {
            self.state
                .threads
                .edit_or(conversation, || Thread::direct(user_id));
        }
        let body = OutgoingBody::Picture {
            picture,
            attached: None,
        };
        if self.write(conversation, id, body, reply_to) {
            self.batch.put(own_file_key(id), ciphertext);
        }
    }

    fn seal_picture(&mut self, new: NewPicture) -> Result<(Picture, Vec<u8>), Code> {
        let bytes = new.file.as_ref();
        if bytes.len() > limits::PICTURE {
            return Err(Code::BodyTooLarge);
        }
        let kind = PictureKind::of_file(bytes).ok_or(Code::UnsupportedMediaType)?;
        let sealed = file::seal(bytes, &mut self.rng).map_err(|_| Code::BodyTooLarge)?;
        let picture = Picture {
            key: sealed.key.to_vec().into(),
            sha256: sealed.sha256.to_vec().into(),
            kind,
            width: new.width,
            height: new.height,
            size: bytes.len() as u32,
            preview: new.preview.into(),
            caption: new.caption,
        };
        match picture.is_sound() {
            true => Ok((picture, sealed.ciphertext)),
            false => Err(Code::InvalidBody),
        }
    }

    /// Whether a message has to wait for its picture; sees to it that it is uploaded.
    pub(crate) fn uploads(&mut self, number: u64, room_id: RoomId) -> bool {
        let Some(outgoing) = self.state.outbox.get(number) else {
            return false;
        };
        let Some((_, attached)) = outgoing.body.file() else {
            return false;
        };
        // A direct conversation may have moved to another room, whose people cannot fetch it.
        if attached.is_some_and(|attached| attached.room_id == room_id) {
            return false;
        }
        let job = Job::Upload(outgoing.id, room_id);
        let file = own_file_key(outgoing.id);
        if self.session.jobs.idle(job) {
            self.upload(job, room_id, file);
        }
        true
    }

    fn upload(&mut self, job: Job, room_id: RoomId, file: String) {
        let id = self.session.jobs.start(job);
        self.effect(Effect::Upload { id, room_id, file });
    }

    pub(crate) fn upload_reply(
        &mut self,
        id: ClientId,
        room_id: RoomId,
        reply: Result<AttachmentReply, Box<Problem>>,
    ) {
        let job = Job::Upload(id, room_id);
        // Discarded meanwhile: what lies on the server is swept there.
        let Some(number) = self.outbox_number(id) else {
            return;
        };
        let Some(outgoing) = self.state.outbox.edit(number) else {
            return;
        };
        let Some((sha256, _)) = outgoing.body.file() else {
            return;
        };
        match reply {
            Ok(reply) if reply.sha256 == *sha256 => {
                outgoing.body.attach(Attached {
                    room_id,
                    attachment_id: reply.attachment_id,
                });
                self.session.jobs.succeeded(job);
            }
            // Garbled on its way.
            Ok(_) => self.back_off(job, None),
            Err(problem) if self.retries(job, &problem) => {}
            Err(problem) => match problem.code {
                Code::RoomClosed => self.close_room(room_id),
                Code::NotAMember => self.leave_room(room_id),
                _ => self.fail(number, (&*problem).into()),
            },
        }
    }

    /// A message that is not sent after all takes its picture along.
    pub(crate) fn drop_file(&mut self, outgoing: &Outgoing) {
        if outgoing.body.file().is_some() {
            self.batch.delete(own_file_key(outgoing.id));
        }
    }

    /// The record of the file of a message that goes away.
    pub(crate) fn fading_file(&self, fate: &Fate) -> Option<String> {
        let file = fate.file.as_ref()?;
        let is_hash = !file.get(FILES_PREFIX.len()..)?.contains('/');
        if !is_hash {
            return Some(file.clone());
        }
        // Written down by a version that named files by their hashes; the host has moved it.
        let own = self.own_user() == Some(fate.message.sender);
        Some(match own {
            true => own_file_key(fate.message.id),
            false => format!("{FILES_PREFIX}{}", fate.key),
        })
    }
}

impl Body {
    /// Whether a ciphertext goes with it.
    pub(crate) const fn has_file(&self) -> bool {
        matches!(self, Self::Picture { .. } | Self::File { .. })
    }
}

impl Entry {
    /// The record of the ciphertext that goes with a message, where one does. An own message's is
    /// named by its id, from before it is sent; another's by its place, which nobody can give to
    /// another message.
    pub fn file_key(&self) -> String {
        match self.mine {
            true => own_file_key(self.id),
            false => format!("{FILES_PREFIX}{}", self.key),
        }
    }
}

/// The record of the ciphertext that goes with an own message.
pub fn own_file_key(id: ClientId) -> String {
    format!("{FILES_PREFIX}{}", outgoing_key(id))
}
