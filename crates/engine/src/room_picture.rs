//! A group's picture: small enough to go inside the message that tells of it.

use protocol::{Base64, Binary, limits};
use serde::{Deserialize, Serialize};

use crate::PictureKind;

/// A group's picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RoomPicture {
    /// What kind of file.
    pub kind: PictureKind,
    /// The file, up to [`limits::ROOM_PICTURE`].
    pub file: Binary,
}

#[expect(dead_code, reason = "pictures of groups come next")]
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
