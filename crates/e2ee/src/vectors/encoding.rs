//! The few structures of RFC 9420 that the runners write or cut themselves.

use openmls::prelude::tls_codec::{Deserialize as _, Serialize as _, VLByteSlice, VLBytes, vlen};

use serde::Deserialize;

use super::{Hex, SUITE, read};

/// ProtocolVersion mls10 (RFC 9420, section 6).
pub(super) const MLS_10: [u8; 2] = [0, 1];
/// It, and WireFormat mls_public_message.
pub(super) const PUBLIC_MESSAGE: [u8; 4] = [0, 1, 0, 1];
/// The same with mls_private_message.
pub(super) const PRIVATE_MESSAGE: [u8; 4] = [0, 1, 0, 2];
/// The same with mls_welcome.
pub(super) const WELCOME: [u8; 4] = [0, 1, 0, 3];
/// The same with mls_key_package.
pub(super) const KEY_PACKAGE: [u8; 4] = [0, 1, 0, 5];

/// `opaque value<V>` (RFC 9420, section 2.1.2).
pub(super) fn opaque(value: &[u8]) -> Vec<u8> {
    VLByteSlice(value).tls_serialize_detached().unwrap()
}

/// Takes an `opaque value<V>` off the front.
pub(super) fn take_opaque(bytes: &mut &[u8]) -> Vec<u8> {
    VLBytes::tls_deserialize(bytes).unwrap().into()
}

/// Takes so many bytes off the front.
pub(super) fn take<const N: usize>(bytes: &mut &[u8]) -> [u8; N] {
    let (head, rest) = bytes.split_first_chunk().unwrap();
    *bytes = rest;
    *head
}

/// GroupContext without extensions (RFC 9420, section 8.1).
pub(super) fn group_context(
    group_id: &[u8],
    epoch: u64,
    tree_hash: &[u8],
    confirmed_transcript_hash: &[u8],
) -> Vec<u8> {
    [
        MLS_10.as_slice(),
        &SUITE.to_be_bytes(),
        &opaque(group_id),
        &epoch.to_be_bytes(),
        &opaque(tree_hash),
        &opaque(confirmed_transcript_hash),
        &opaque(&[]),
    ]
    .concat()
}

/// FramedContent of a member without authenticated data (RFC 9420, section 6). `kind` is the
/// ContentType, `content` is encoded.
pub(super) fn framed_content(
    group_id: &[u8],
    epoch: u64,
    sender: u32,
    kind: u8,
    content: &[u8],
) -> Vec<u8> {
    [
        opaque(group_id).as_slice(),
        &epoch.to_be_bytes(),
        &[1],
        &sender.to_be_bytes(),
        &opaque(&[]),
        &[kind],
        content,
    ]
    .concat()
}

/// deserialization: length prefixes. The largest is of a gigabyte, so that nothing stands behind it.
#[test]
fn published_lengths_are_read_and_written() {
    #[derive(Deserialize)]
    struct Vector {
        vlbytes_header: Hex,
        length: usize,
    }
    for Vector {
        vlbytes_header: prefix,
        length,
    } in read::<Vector>("mls/deserialization.json")
    {
        let (read, size) = vlen::read_length(&mut &*prefix).unwrap();
        assert_eq!((read, size), (length, prefix.len()));
        let mut written = Vec::new();
        vlen::write_length(&mut written, length).unwrap();
        assert_eq!(written, *prefix);
    }
}

/// Length prefixes (RFC 9420, section 2.1.2; the values of RFC 9000, appendix A.1, and the ends of
/// every range).
#[test]
fn lengths_are_read_as_they_are_written() {
    let cases: [(&[u8], usize); 8] = [
        (&[0x00], 0),
        (&[0x25], 37),
        (&[0x3f], 63),
        (&[0x40, 0x40], 64),
        (&[0x7b, 0xbd], 15_293),
        (&[0x7f, 0xff], 16_383),
        (&[0x80, 0x00, 0x40, 0x00], 16_384),
        (&[0x80, 0x01, 0x00, 0x00], 65_536),
    ];
    for (prefix, length) in cases {
        let value = vec![7u8; length];
        let bytes = [prefix, &value].concat();
        assert_eq!(opaque(&value), bytes, "{length}");
        assert_eq!(take_opaque(&mut bytes.as_slice()), value, "{length}");
        let short = VLBytes::tls_deserialize_exact(&bytes[..bytes.len() - 1]);
        assert!(short.is_err(), "{length}");
    }
    // Longer than need be, and the prefix that RFC 9000 has for eight bytes.
    let longer: [&[u8]; 3] = [
        &[0x40, 0x25],
        &[0x80, 0, 0, 0x25],
        &[0xc0, 0, 0, 0, 0, 0, 0, 0x25],
    ];
    for prefix in longer {
        let bytes = [prefix, &[7; 37]].concat();
        assert!(VLBytes::tls_deserialize_exact(&bytes).is_err());
    }
}
