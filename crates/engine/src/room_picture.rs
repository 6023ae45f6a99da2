//! A group's picture: small enough to go inside the message that tells of it.

use protocol::{Base64, Binary, Code, Problem, RoomId, limits};
use serde::{Deserialize, Serialize};

use crate::{
    ConversationId, Notice, PictureKind,
    engine::Step,
    state::{OutgoingBody, Profile},
};

/// A group's picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoomPicture {
    /// What kind of file.
    pub kind: PictureKind,
    /// The file, up to [`limits::ROOM_PICTURE`].
    pub file: Binary,
}

impl RoomPicture {
    /// A picture, told by its first bytes and its size; `None` for anything else.
    pub(crate) fn of_file(file: &Base64) -> Option<Self> {
        let bytes = file.as_ref();
        let kind = PictureKind::of_file(bytes)?;
        (bytes.len() <= limits::ROOM_PICTURE).then(|| Self {
            kind,
            file: bytes.to_vec().into(),
        })
    }
}

impl Step<'_> {
    pub(crate) fn set_room_picture(&mut self, room_id: RoomId, picture: Option<Binary>) {
        if self.administers(room_id).is_none() {
            return;
        }
        let picture = picture.map(|picture| Base64::from(picture.0.to_vec()));
        if picture
            .as_ref()
            .is_some_and(|it| RoomPicture::of_file(it).is_none())
        {
            let code = match picture.as_ref().map(|it| it.as_ref().len()) {
                Some(size) if size > limits::ROOM_PICTURE => Code::BodyTooLarge,
                _ => Code::UnsupportedMediaType,
            };
            return self.refuse(None, &Problem::new(code));
        }
        let conversation = ConversationId::group(room_id);
        let (standing, before) = self.standing_profile(conversation);
        if picture == before {
            return;
        }
        if standing.name.is_empty() {
            // Name and picture are said together.
            let problem = Problem::new(Code::Policy)
                .detail("The group's name is still on its way. Try again in a moment.");
            return self.refuse(None, &problem);
        }
        let body = OutgoingBody::Profile {
            profile: Profile {
                heard: true,
                by_admin: true,
                revision: standing.revision.saturating_add(1),
                seq: 0,
                name: standing.name,
            },
            pictured: Some(picture.is_none()),
            picture,
            news: true,
        };
        self.say(conversation, body);
    }

    /// A group's name and picture with what is still to be said from here.
    pub(crate) fn standing_profile(
        &self,
        conversation: ConversationId,
    ) -> (Profile, Option<Base64>) {
        let waits = self
            .outbox_of(conversation)
            .filter_map(|it| match &it.body {
                OutgoingBody::Profile {
                    profile,
                    picture,
                    news: true,
                    ..
                } => Some((profile.clone(), picture.clone())),
                _ => None,
            });
        waits.last().unwrap_or_else(|| {
            let thread = self.state.threads.get(conversation);
            let profile = thread.map(|thread| thread.profile.clone());
            let picture = self.state.pictures.get(RoomId(conversation.0));
            (profile.unwrap_or_default(), picture.cloned())
        })
    }

    /// Takes the picture over that goes with a name which stands; `None` when it is the one that is
    /// known, else whether it was taken away. What is no picture counts as none.
    pub(crate) fn take_room_picture(
        &mut self,
        room_id: RoomId,
        picture: Option<Base64>,
    ) -> Option<bool> {
        let picture = picture.filter(|picture| RoomPicture::of_file(picture).is_some());
        if self.state.pictures.get(room_id) == picture.as_ref() {
            return None;
        }
        let removed = picture.is_none();
        match picture {
            Some(picture) => self.state.pictures.insert(room_id, picture),
            None => {
                self.state.pictures.remove(room_id);
            }
        }
        self.tell_room_picture(room_id);
        Some(removed)
    }

    pub(crate) fn tell_room_picture(&mut self, room_id: RoomId) {
        let picture = self.state.pictures.get(room_id);
        let picture = picture.and_then(RoomPicture::of_file);
        self.notify(Notice::RoomPicture { room_id, picture });
    }
}
