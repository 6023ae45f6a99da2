//! A picture inside a message: how it is found, opened and shown.

use std::fmt;

use e2ee::file;
use protocol::{AttachmentId, Base64, Binary, limits};
use serde::{Deserialize, Serialize};

use crate::Text;

/// A picture that is to be sent: the host has taken out whatever tells of place and camera.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct NewPicture {
    /// The file: JPEG, PNG, GIF or WebP, up to [`limits::PICTURE`].
    pub file: Binary,
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// A very small picture that stands in for it, perhaps none; up to
    /// [`limits::PICTURE_PREVIEW`].
    pub preview: Binary,
    /// Words that go along, perhaps none; up to [`limits::PICTURE_CAPTION`].
    pub caption: Text,
}

/// A sealed picture. `Debug` shows neither key nor content.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Picture {
    /// The file's key, 32 secret bytes.
    pub key: Base64,
    /// SHA-256 of the ciphertext, 32 bytes.
    pub sha256: Base64,
    /// What kind of file.
    pub kind: PictureKind,
    /// In pixels.
    pub width: u16,
    /// In pixels.
    pub height: u16,
    /// Of the file, in bytes.
    pub size: u32,
    /// A very small picture that stands in for it, perhaps none.
    pub preview: Base64,
    /// Words that go along, perhaps none.
    pub caption: Text,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({:?}, {} B)", self.kind, self.size)
    }
}

/// What kind of picture file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum PictureKind {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/gif`
    Gif,
    /// `image/webp`
    Webp,
}

impl PictureKind {
    /// Told by the first bytes, as browsers do (MIME Sniffing, section 6.1), never by a name.
    pub fn of_file(file: &[u8]) -> Option<Self> {
        match file {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => Some(Self::Webp),
            _ => None,
        }
    }

    /// Its number inside a message.
    const fn number(self) -> u8 {
        match self {
            Self::Jpeg => 1,
            Self::Png => 2,
            Self::Gif => 3,
            Self::Webp => 4,
        }
    }

    fn of_number(number: u8) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::Gif, Self::Webp]
            .into_iter()
            .find(|kind| kind.number() == number)
    }
}

/// Why a picture is not shown. Trying again helps when another ciphertext comes, else not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The ciphertext is not the one that was sent, or does not open.
    #[error(transparent)]
    File(#[from] file::FileError),
    /// What was sealed is not the picture that the message tells of.
    #[error("the file is not the picture that the message tells of")]
    Mismatch,
}

/// Opens a picture's ciphertext: the hash first, then the chunks, then what kind and size it is.
///
/// # Errors
/// [`PictureError`].
pub fn open_picture(ciphertext: &[u8], picture: &Picture) -> Result<Vec<u8>, PictureError> {
    let key = picture.key.as_ref().try_into();
    let sha256 = picture.sha256.as_ref().try_into();
    let (Ok(key), Ok(sha256)) = (key, sha256) else {
        return Err(file::FileError::Undecryptable.into());
    };
    let file = file::open(ciphertext, key, sha256)?;
    let fits = file.len() <= limits::PICTURE
        && file.len() == picture.size as usize
        && PictureKind::of_file(&file) == Some(picture.kind);
    if fits {
        Ok(file)
    } else {
        Err(PictureError::Mismatch)
    }
}

impl Picture {
    pub(crate) fn is_sound(&self) -> bool {
        self.key.as_ref().len() == 32
            && self.sha256.as_ref().len() == 32
            && self.preview.as_ref().len() <= limits::PICTURE_PREVIEW
            && self.caption.0.len() <= limits::PICTURE_CAPTION
            && (1..=limits::PICTURE).contains(&(self.size as usize))
            && self.width > 0
            && self.height > 0
    }

    /// The body of the message:
    /// `attachment 16 | key 32 | sha256 32 | kind u8 | width u16 | height u16 | size u32 |
    /// preview u16 + bytes | caption u16 + UTF-8`, numbers big-endian; what follows is ignored by
    /// this version.
    pub(crate) fn encode(&self, attachment: AttachmentId) -> Vec<u8> {
        let mut out = attachment.as_bytes().to_vec();
        out.extend_from_slice(self.key.as_ref());
        out.extend_from_slice(self.sha256.as_ref());
        out.push(self.kind.number());
        out.extend_from_slice(&self.width.to_be_bytes());
        out.extend_from_slice(&self.height.to_be_bytes());
        out.extend_from_slice(&self.size.to_be_bytes());
        for bytes in [self.preview.as_ref(), self.caption.0.as_bytes()] {
            // Both have limits far below 64 KiB.
            out.extend_from_slice(&(bytes.len() as u16).to_be_bytes());
            out.extend_from_slice(bytes);
        }
        out
    }

    /// Reads such a body; `None` when it does not follow the encoding, or is of a kind that this
    /// version does not know.
    pub(crate) fn decode(mut body: &[u8]) -> Option<(AttachmentId, Self)> {
        let attachment = AttachmentId::from_bytes(take(&mut body)?);
        let (key, sha256): ([u8; 32], [u8; 32]) = (take(&mut body)?, take(&mut body)?);
        let [kind] = take(&mut body)?;
        let picture = Self {
            key: key.to_vec().into(),
            sha256: sha256.to_vec().into(),
            kind: PictureKind::of_number(kind)?,
            width: u16::from_be_bytes(take(&mut body)?),
            height: u16::from_be_bytes(take(&mut body)?),
            size: u32::from_be_bytes(take(&mut body)?),
            preview: part(&mut body)?.to_vec().into(),
            caption: String::from_utf8(part(&mut body)?.to_vec()).ok()?.into(),
        };
        picture.is_sound().then_some((attachment, picture))
    }
}

pub(crate) fn part<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let size = usize::from(u16::from_be_bytes(take(rest)?));
    let (part, tail) = rest.split_at_checked(size)?;
    *rest = tail;
    Some(part)
}

pub(crate) fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk()?;
    *rest = tail;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::content::{Content, ContentBody};

    fn picture() -> Picture {
        Picture {
            key: vec![1; 32].into(),
            sha256: vec![2; 32].into(),
            kind: PictureKind::Jpeg,
            width: 4_000,
            height: 3_000,
            size: 1_234_567,
            preview: vec![3; 900].into(),
            caption: "The bridge 🌿".into(),
        }
    }

    #[test]
    fn pictures_come_back_or_are_refused() {
        let (picture, id) = (picture(), AttachmentId::from_bytes([9; 16]));
        let bytes = picture.encode(id);
        assert_eq!(Picture::decode(&bytes), Some((id, picture)));
        for length in 0..bytes.len() {
            assert_eq!(Picture::decode(&bytes[..length]), None);
        }
        let mut other = bytes.clone();
        other[80] = 200;
        assert_eq!(Picture::decode(&other), None, "a kind of a newer version");
        let mut newer = bytes;
        newer.extend([1, 2, 3]);
        assert!(
            Picture::decode(&newer).is_some(),
            "fields of a newer version"
        );
    }

    #[test]
    fn limits_hold_at_their_edge() {
        let id = AttachmentId::from_bytes([9; 16]);
        let with = |preview: usize, caption: usize, size: usize, width: u16| {
            let picture = Picture {
                preview: vec![0; preview].into(),
                caption: "x".repeat(caption).into(),
                size: size as u32,
                width,
                ..picture()
            };
            let bytes = picture.encode(id);
            (bytes.len(), Picture::decode(&bytes).is_some())
        };
        let (preview, caption) = (limits::PICTURE_PREVIEW, limits::PICTURE_CAPTION);
        let (largest, sound) = with(preview, caption, limits::PICTURE, 1);
        assert!(sound);
        assert!(!with(preview + 1, 0, 1, 1).1);
        assert!(!with(0, caption + 1, 1, 1).1);
        assert!(!with(0, 0, limits::PICTURE + 1, 1).1);
        assert!(!with(0, 0, 0, 1).1);
        assert!(!with(0, 0, 1, 0).1);
        let content = |length| Content {
            id: protocol::ClientId::from_bytes([7; 16]),
            sent_at: 0,
            body: ContentBody::Picture(vec![0; length]),
            reply_to: None,
            expires_after: None,
        };
        assert!(content(largest).encode().unwrap().len() < 16 * 1024);
        // Without words it is as large as a text of a page.
        let common = with(preview, 0, 1, 1).0;
        assert!(content(common).encode().unwrap().len() < 4 * 1024);
    }

    #[test]
    fn the_kind_is_what_the_bytes_say() {
        for (file, kind) in [
            (&b"\xff\xd8\xff\xe0"[..], Some(PictureKind::Jpeg)),
            (b"\x89PNG\r\n\x1a\n....", Some(PictureKind::Png)),
            (b"GIF89a", Some(PictureKind::Gif)),
            (b"GIF87a", Some(PictureKind::Gif)),
            (b"RIFF\x01\x02\x03\x04WEBPVP8 ", Some(PictureKind::Webp)),
            (b"RIFF\x01\x02\x03\x04WAVE", None),
            (b"<svg xmlns=", None),
            (b"just words", None),
            (b"", None),
        ] {
            assert_eq!(PictureKind::of_file(file), kind);
        }
    }

    #[test]
    fn only_the_picture_that_was_told_of_is_shown() {
        use rand_chacha::{ChaCha12Rng, rand_core::SeedableRng};
        let bytes = b"GIF89a and so on".to_vec();
        let sealed = file::seal(&bytes, &mut ChaCha12Rng::seed_from_u64(1)).unwrap();
        let told = Picture {
            key: sealed.key.to_vec().into(),
            sha256: sealed.sha256.to_vec().into(),
            kind: PictureKind::Gif,
            size: bytes.len() as u32,
            ..picture()
        };
        let open = |picture: &Picture| open_picture(&sealed.ciphertext, picture);
        assert_eq!(open(&told), Ok(bytes));
        let (mut smaller, mut other, mut wrong) = (told.clone(), told.clone(), told.clone());
        smaller.size -= 1;
        assert_eq!(open(&smaller), Err(PictureError::Mismatch));
        other.kind = PictureKind::Png;
        assert_eq!(open(&other), Err(PictureError::Mismatch));
        wrong.sha256 = vec![0; 32].into();
        assert_eq!(open(&wrong), Err(file::FileError::WrongHash.into()));
        wrong.sha256 = Base64::default();
        assert_eq!(open(&wrong), Err(file::FileError::Undecryptable.into()));
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", picture()), "Picture(Jpeg, 1234567 B)");
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Picture::decode(&bytes);
        }
    }
}
