//! A file inside a message: how it is found, opened and named.

use std::fmt;

use protocol::{AttachmentId, Base64, limits};
use serde::{Deserialize, Serialize};

use crate::{
    Text,
    picture::{part, take},
};

/// A sealed file of any kind. `Debug` shows neither key nor name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Document {
    /// The file's key, 32 secret bytes.
    pub key: Base64,
    /// SHA-256 of the ciphertext, 32 bytes.
    pub sha256: Base64,
    /// Of the file, in bytes; up to [`limits::FILE`].
    pub size: u32,
    /// What it is called, without folders; up to [`limits::FILE_NAME`]. It is the sender's word:
    /// what the file is does not follow from it.
    pub name: Text,
    /// The media type that the sender's system gave it, perhaps none; up to
    /// [`limits::MEDIA_TYPE`]. The sender's word as well.
    pub media_type: String,
    /// Words that go along, perhaps none; up to [`limits::PICTURE_CAPTION`].
    pub caption: Text,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} B)", self.size)
    }
}

impl Document {
    /// Whether everything is within its limits and the name is one that can be shown.
    pub(crate) fn is_sound(&self) -> bool {
        let media_type = |it: char| it.is_ascii_graphic() || it == ' ';
        self.key.as_ref().len() == 32
            && self.sha256.as_ref().len() == 32
            && self.size as usize <= limits::FILE
            && !self.name.0.trim().is_empty()
            && self.name.0.len() <= limits::FILE_NAME
            && self.name.0.chars().all(is_harmless)
            && self.media_type.len() <= limits::MEDIA_TYPE
            && self.media_type.chars().all(media_type)
            && self.caption.0.len() <= limits::PICTURE_CAPTION
    }

    /// The body of the message:
    /// `attachment 16 | key 32 | sha256 32 | size u32 | name u16 + UTF-8 | media type u16 + ASCII |
    /// caption u16 + UTF-8`, numbers big-endian; what follows is ignored by this version.
    pub(crate) fn encode(&self, attachment: AttachmentId) -> Vec<u8> {
        let mut out = attachment.as_bytes().to_vec();
        out.extend_from_slice(self.key.as_ref());
        out.extend_from_slice(self.sha256.as_ref());
        out.extend_from_slice(&self.size.to_be_bytes());
        for text in [&self.name.0, &self.media_type, &self.caption.0] {
            // All have limits far below 64 KiB.
            out.extend_from_slice(&(text.len() as u16).to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out
    }

    /// Reads such a body; `None` when it does not follow the encoding or its limits. What would
    /// make a name look like another one is replaced.
    pub(crate) fn decode(mut body: &[u8]) -> Option<(AttachmentId, Self)> {
        let attachment = AttachmentId::from_bytes(take(&mut body)?);
        let (key, sha256): ([u8; 32], [u8; 32]) = (take(&mut body)?, take(&mut body)?);
        let size = u32::from_be_bytes(take(&mut body)?);
        let mut text = || String::from_utf8(part(&mut body)?.to_vec()).ok();
        let name: String = text()?;
        let clean = |it: char| if is_harmless(it) { it } else { '_' };
        let document = Self {
            key: key.to_vec().into(),
            sha256: sha256.to_vec().into(),
            size,
            name: name.chars().map(clean).collect::<String>().into(),
            media_type: text()?,
            caption: text()?.into(),
        };
        document.is_sound().then_some((attachment, document))
    }
}

/// No folder, no control character, and nothing that turns the direction of writing: `exe.txt`
/// must not be the look of `txt.exe`.
fn is_harmless(it: char) -> bool {
    let turns = matches!(it, '\u{200e}' | '\u{200f}' | '\u{061c}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !it.is_control() && !turns && !matches!(it, '/' | '\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn document() -> Document {
        Document {
            key: vec![1; 32].into(),
            sha256: vec![2; 32].into(),
            size: 4_321,
            name: "minutes 🌿.pdf".into(),
            media_type: "application/pdf".to_owned(),
            caption: "as agreed".into(),
        }
    }

    #[test]
    fn files_come_back_or_are_refused() {
        let (document, id) = (document(), AttachmentId::from_bytes([9; 16]));
        let bytes = document.encode(id);
        assert_eq!(Document::decode(&bytes), Some((id, document.clone())));
        for length in 0..bytes.len() {
            assert_eq!(Document::decode(&bytes[..length]), None);
        }
        let mut newer = bytes;
        newer.extend([1, 2, 3]);
        assert_eq!(Document::decode(&newer), Some((id, document)));
    }

    #[test]
    fn limits_hold_at_their_edge() {
        let fits = |change: &dyn Fn(&mut Document)| {
            let mut document = document();
            change(&mut document);
            let bytes = document.encode(AttachmentId::from_bytes([9; 16]));
            assert_eq!(Document::decode(&bytes).is_some(), document.is_sound());
            document.is_sound()
        };
        assert!(fits(&|it| it.size = limits::FILE as u32));
        assert!(!fits(&|it| it.size = limits::FILE as u32 + 1));
        assert!(fits(&|it| it.size = 0));
        assert!(fits(&|it| it.name = "x".repeat(limits::FILE_NAME).into()));
        assert!(!fits(
            &|it| it.name = "x".repeat(limits::FILE_NAME + 1).into()
        ));
        assert!(!fits(&|it| it.name = " ".into()));
        assert!(fits(&|it| it.media_type = "x".repeat(limits::MEDIA_TYPE)));
        assert!(!fits(
            &|it| it.media_type = "x".repeat(limits::MEDIA_TYPE + 1)
        ));
        assert!(!fits(&|it| it.media_type = "text/\nplain".to_owned()));
        let words = |count: usize| Text("x".repeat(count));
        assert!(fits(&|it| it.caption = words(limits::PICTURE_CAPTION)));
        assert!(!fits(&|it| it.caption = words(limits::PICTURE_CAPTION + 1)));
    }

    #[test]
    fn a_name_shows_what_it_is() {
        let read = |name: &str| {
            let document = Document {
                name: name.into(),
                ..document()
            };
            let bytes = document.encode(AttachmentId::from_bytes([9; 16]));
            Document::decode(&bytes).map(|(_, document)| document.name.0)
        };
        assert_eq!(
            read("../../etc/passwd").as_deref(),
            Some(".._.._etc_passwd")
        );
        assert_eq!(read("a\u{202e}txt.exe").as_deref(), Some("a_txt.exe"));
        assert_eq!(read("a\nb").as_deref(), Some("a_b"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Document::decode(&bytes);
        }

        #[test]
        fn any_flip_is_read_or_refused(at in 0..120usize, with: u8) {
            let mut bytes = document().encode(AttachmentId::from_bytes([9; 16]));
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= with;
            }
            let _ = Document::decode(&bytes);
        }
    }
}
