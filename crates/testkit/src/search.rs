//! Looks for words in what servers hold and see, in whatever dress they may be there: as they are,
//! encoded, escaped, or inside something that is itself encoded or compressed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    io::Read,
};

use base64::{
    Engine as _, alphabet,
    engine::general_purpose::{
        GeneralPurpose, GeneralPurposeConfig, STANDARD_NO_PAD, URL_SAFE_NO_PAD,
    },
};
use flate2::read::{DeflateDecoder, GzDecoder, ZlibDecoder};

/// Shorter runs are taken for words and numbers, not for something encoded.
const RUN: usize = 16;
/// Encodings within encodings.
const DEPTH: usize = 3;
/// Of what something compressed opens to.
const LARGEST: u64 = 8 << 20;
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// What is searched, layer by layer: what was added, and whatever was opened of it. Each byte is a
/// character of the same number, so that text search finds bytes.
#[derive(Default)]
pub struct Haystack {
    /// By what was opened, outermost first.
    layers: BTreeMap<Vec<&'static str>, String>,
    bytes: usize,
}

/// In which dress something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// How the bytes are written.
    pub dress: &'static str,
    /// In what, outermost first.
    pub inside: Vec<&'static str>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.dress)?;
        for shell in self.inside.iter().rev() {
            write!(f, " in {shell}")?;
        }
        Ok(())
    }
}

impl Haystack {
    /// Adds a piece as it is, and whatever can be decoded or decompressed of it. A piece is what may
    /// be compressed as a whole: a row, a line, a body, a frame, a file.
    pub fn add(&mut self, piece: impl AsRef<[u8]>) {
        self.bytes += piece.as_ref().len();
        self.layer(piece.as_ref(), &[]);
    }

    /// How many bytes were added.
    pub const fn len(&self) -> usize {
        self.bytes
    }

    /// Whether nothing was added.
    pub const fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// How bytes are there; `None` when they are not.
    pub fn finds(&self, needle: &[u8]) -> Option<Found> {
        let dresses = dresses(needle);
        self.layers.iter().find_map(|(inside, text)| {
            let mut dresses = dresses.iter();
            let (dress, _) = dresses.find(|(_, form)| text.contains(form.as_str()))?;
            Some(Found {
                dress,
                inside: inside.clone(),
            })
        })
    }

    fn layer(&mut self, piece: &[u8], inside: &[&'static str]) {
        let text = self.layers.entry(inside.to_vec()).or_default();
        text.extend(piece.iter().map(|byte| *byte as char));
        text.push('\n');
        if inside.len() == DEPTH {
            return;
        }
        let mut open = |how, opened: &[u8]| self.layer(opened, &[inside, &[how]].concat());
        for opened in inflated(piece) {
            open("deflate", &opened);
        }
        for run in runs(piece, |byte| byte.is_ascii_hexdigit()) {
            open("hexadecimal", &from_hexadecimal(run));
        }
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte);
        for run in runs(piece, is_base64) {
            let standard: Vec<u8> = run
                .iter()
                .map(|byte| match byte {
                    b'-' => b'+',
                    b'_' => b'/',
                    other => *other,
                })
                .collect();
            let whole = standard.len() - usize::from(standard.len() % 4 == 1);
            if let Ok(decoded) = LENIENT.decode(&standard[..whole]) {
                open("base64", &decoded);
            }
        }
    }
}

/// The longest stretches of such bytes.
fn runs(piece: &[u8], is: impl Fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    piece
        .split(move |byte| !is(*byte))
        .filter(|run| run.len() >= RUN)
}

fn from_hexadecimal(run: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
    let pairs = run.chunks_exact(2);
    pairs
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

/// What a piece opens to as one of the three formats of deflate, as far as it does.
fn inflated(piece: &[u8]) -> Vec<Vec<u8>> {
    let read = |decoder: &mut dyn Read| {
        let mut opened = Vec::new();
        // What comes before a fault counts: a stream may be cut.
        let _ = decoder.take(LARGEST).read_to_end(&mut opened);
        opened
    };
    let mut opened = vec![
        read(&mut DeflateDecoder::new(piece)),
        read(&mut ZlibDecoder::new(piece)),
        read(&mut GzDecoder::new(piece)),
    ];
    opened.retain(|opened| opened.len() >= RUN / 2);
    opened
}

/// How bytes may show, each form as characters of their numbers: the simplest first, and none twice.
fn dresses(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let plain = |bytes: &[u8]| -> String { bytes.iter().map(|byte| *byte as char).collect() };
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
    let mut dresses = Vec::from([
        ("plain", plain(bytes)),
        ("hexadecimal", hexadecimal.to_uppercase()),
        ("hexadecimal", hexadecimal),
        ("a list of numbers", numbers.join(",")),
        ("a list of numbers", numbers.join(", ")),
    ]);
    for shift in 0..3 {
        // In the middle of something longer: without the characters that neighbours have a part in.
        let shifted = [&[0; 2][..shift], bytes].concat();
        let own = [0, 2, 3][shift]..shifted.len() * 8 / 6;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            dresses.push(("base64", engine.encode(&shifted)[own.clone()].to_owned()));
        }
    }
    if let Ok(text) = str::from_utf8(bytes) {
        let json = serde_json::to_string(text).unwrap();
        let json = &json[1..json.len() - 1];
        let ascii = |escape: fn(u16) -> String| -> String {
            let units = |it: char| match it.is_ascii() {
                true => it.to_string(),
                false => it
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| escape(*unit))
                    .collect(),
            };
            json.chars().map(units).collect()
        };
        dresses.extend([
            ("JSON", plain(json.as_bytes())),
            (
                "JSON in JSON",
                plain(json.replace('\\', "\\\\").replace('"', "\\\"").as_bytes()),
            ),
            ("JSON", ascii(|unit| format!("\\u{unit:04x}"))),
            ("JSON", ascii(|unit| format!("\\u{unit:04X}"))),
        ]);
        let percent = |escape: fn(u8) -> String| -> String {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            let written = |byte: &u8| match plain(*byte) {
                true => (*byte as char).to_string(),
                false => escape(*byte),
            };
            bytes.iter().map(written).collect()
        };
        let url = percent(|byte| format!("%{byte:02X}"));
        dresses.push(("a form", url.replace("%20", "+")));
        dresses.push(("a URL", url));
        dresses.push(("a URL", percent(|byte| format!("%{byte:02x}"))));
        let wide = |turn: fn(u16) -> [u8; 2]| {
            plain(&text.encode_utf16().flat_map(turn).collect::<Vec<_>>())
        };
        dresses.push(("UTF-16", wide(u16::to_le_bytes)));
        dresses.push(("UTF-16", wide(u16::to_be_bytes)));
    }
    let mut seen = BTreeSet::new();
    dresses.retain(|(_, form)| seen.insert(form.clone()));
    dresses
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };

    use super::*;

    const WORDS: &str = "the \"grey\" heron at Övre é 🦩 lands";

    fn holds(piece: impl AsRef<[u8]>) -> bool {
        let mut haystack = Haystack::default();
        haystack.add("something before it");
        haystack.add(piece);
        haystack.finds(WORDS.as_bytes()).is_some()
    }

    #[test]
    fn words_are_found_in_every_dress() {
        let hexadecimal: String = WORDS.bytes().map(|byte| format!("{byte:02x}")).collect();
        let list: Vec<u8> = WORDS.bytes().collect();
        let json = serde_json::to_string(WORDS).unwrap();
        let ascii = json
            .chars()
            .flat_map(|it| match it.is_ascii() {
                true => vec![it.to_string()],
                false => {
                    let mut units = [0; 2];
                    let units = it.encode_utf16(&mut units).iter();
                    units.map(|unit| format!("\\u{unit:04x}")).collect()
                }
            })
            .collect::<String>();
        for piece in [
            format!("a line with {WORDS} in it"),
            format!("\\x00ff{hexadecimal}00"),
            format!("\\x{}", hexadecimal.to_uppercase()),
            format!("[1,{}]", serde_json::to_string(&list).unwrap()),
            format!("{list:?}"),
            json.clone(),
            serde_json::to_string(&json).unwrap(),
            ascii,
            format!("/search?q={}", url::percent(WORDS)),
            format!("/search?q={}", url::percent(WORDS).replace("%20", "+")),
        ] {
            assert!(holds(&piece), "{piece}");
        }
        for turn in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide: Vec<u8> = WORDS.encode_utf16().flat_map(turn).collect();
            assert!(holds(&wide));
            assert!(holds(STANDARD.encode(&wide)));
        }
        for shift in 0..4 {
            let inside = format!("{}{WORDS} and so on", "x".repeat(shift));
            for encoded in [STANDARD.encode(&inside), URL_SAFE.encode(&inside)] {
                assert!(holds(format!("{{\"blob\":\"{encoded}\"}}")), "{shift}");
                // Whatever stands right before it.
                assert!(holds(format!("abc{encoded}")), "{shift}");
            }
        }
    }

    #[test]
    fn words_are_found_in_what_is_compressed_and_encoded_again() {
        let text = format!("{WORDS} and again {WORDS}");
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(text.as_bytes()).unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(text.as_bytes()).unwrap();
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        for packed in [
            raw.finish().unwrap(),
            zlib.finish().unwrap(),
            gzip.finish().unwrap(),
        ] {
            assert!(holds(&packed));
            let encoded = STANDARD.encode(&packed);
            assert!(holds(format!("{{\"blob\":\"{encoded}\"}}")));
            let row: String = packed.iter().map(|byte| format!("{byte:02x}")).collect();
            assert!(holds(format!("{{\"body\":\"\\\\x{row}\"}}")));
        }
    }

    #[test]
    fn it_says_how_something_was_found() {
        let encoded = STANDARD.encode(format!("{{\"text\":{}}}", serde_json::json!(WORDS)));
        let row: String = encoded.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut haystack = Haystack::default();
        haystack.add(format!("\\\\x{row}"));
        let found = haystack.finds(WORDS.as_bytes()).unwrap();
        assert_eq!(found.to_string(), "JSON in base64 in hexadecimal");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert!(!holds("the heron lands"));
        let noise: Vec<u8> = (0..100_000).map(|_| rand::random()).collect();
        assert!(!holds(&noise));
        assert!(!holds(STANDARD.encode(&noise)));
    }

    mod url {
        /// As browsers write it.
        pub fn percent(text: &str) -> String {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric();
            text.bytes()
                .map(|byte| match plain(&byte) {
                    true => (byte as char).to_string(),
                    false => format!("%{byte:02X}"),
                })
                .collect()
        }
    }
}
