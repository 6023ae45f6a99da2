//! Ciphertexts of pictures: for the people of a room.

use protocol::{AttachmentId, Base64, Code, RoomId, UserId, rest::rooms::AttachmentReply};
use rand_core::Rng;
use sha2::{Digest, Sha256};

use super::{Answer, Server, answer, refused};

impl Server {
    pub(super) fn store_picture(
        &mut self,
        user: UserId,
        room: &str,
        body: serde_json::Value,
    ) -> Answer {
        let room_id: RoomId = room.parse().unwrap();
        if let Some(code) = self.refuse_pictures {
            return refused(code);
        }
        let known = self.rooms.get(&room_id);
        if known.is_none_or(|room| !room.people.contains(&user)) {
            return refused(Code::NotAMember);
        }
        let file: Base64 = serde_json::from_value(body).unwrap();
        if file.as_ref().is_empty() {
            return refused(Code::InvalidBody);
        }
        let mut id = [0; 16];
        self.rng.fill_bytes(&mut id);
        let attachment_id = AttachmentId::from_bytes(id);
        let sha256 = Sha256::digest(file.as_ref()).to_vec();
        let size = file.as_ref().len() as u64;
        self.pictures
            .insert(attachment_id, (room_id, file.as_ref().to_vec()));
        answer(&AttachmentReply {
            attachment_id,
            size,
            sha256: sha256.into(),
            seq: None,
        })
    }
}
