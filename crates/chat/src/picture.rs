//! Profile pictures: what is taken, and without what a camera writes into a file beside the picture.

use protocol::limits;

/// A picture that is fit to be shown to others.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    /// `image/png` or `image/jpeg`.
    pub media_type: &'static str,
    /// The file without anything but the picture.
    pub bytes: Vec<u8>,
}

/// Why a file is no picture for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Neither PNG nor JPEG, or broken.
    Format,
    /// Not as wide and high as it has to be.
    Size,
}

/// Reads a PNG or JPEG of 512 x 512 and leaves out its metadata (place, camera, texts).
///
/// # Errors
/// Says what is wrong.
pub fn parse(file: &[u8]) -> Result<Picture, Fault> {
    if let Some(rest) = file.strip_prefix(PNG) {
        png(rest)
    } else if let Some(rest) = file.strip_prefix(&[0xff, 0xd8]) {
        jpeg(rest)
    } else {
        Err(Fault::Format)
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What a PNG needs to be drawn (W3C PNG, section 5.6); everything else goes.
const CHUNKS: [&[u8; 4]; 5] = [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"];

fn png(mut rest: &[u8]) -> Result<Picture, Fault> {
    let mut bytes = PNG.to_vec();
    let mut first = true;
    loop {
        let (length, tail) = rest.split_first_chunk::<4>().ok_or(Fault::Format)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (name, tail) = tail.split_first_chunk::<4>().ok_or(Fault::Format)?;
        // With its checksum.
        let data = tail.get(..length).ok_or(Fault::Format)?;
        let end = length.checked_add(4).ok_or(Fault::Format)?;
        let after = tail.get(end..).ok_or(Fault::Format)?;
        if first {
            let size = data.first_chunk::<8>().filter(|_| name == b"IHDR");
            let (width, height) = size.ok_or(Fault::Format)?.split_at(4);
            check(number(width), number(height))?;
            first = false;
        }
        if CHUNKS.contains(&name) {
            bytes.extend_from_slice(&rest[..rest.len() - after.len()]);
        }
        if name == b"IEND" {
            return Ok(Picture {
                media_type: "image/png",
                bytes,
            });
        }
        rest = after;
    }
}

fn jpeg(mut rest: &[u8]) -> Result<Picture, Fault> {
    let mut bytes = vec![0xff, 0xd8];
    let (mut sized, mut scanned) = (false, false);
    loop {
        let (&[mark, kind], tail) = rest.split_first_chunk::<2>().ok_or(Fault::Format)?;
        if mark != 0xff {
            return Err(Fault::Format);
        }
        if kind == 0xff {
            // A fill byte.
            rest = &rest[1..];
            continue;
        }
        if kind == 0xd9 && sized && scanned {
            bytes.extend_from_slice(&[mark, kind]);
            return Ok(Picture {
                media_type: "image/jpeg",
                bytes,
            });
        }
        let length = number(tail.get(..2).ok_or(Fault::Format)?) as usize;
        let data = tail.get(2..length).ok_or(Fault::Format)?;
        // Every start of frame but the tables that share its range (ITU T.81, table B.1).
        if (0xc0..=0xcf).contains(&kind) && ![0xc4, 0xc8, 0xcc].contains(&kind) {
            let size = data.get(1..5).ok_or(Fault::Format)?;
            check(number(&size[2..]), number(&size[..2]))?;
            sized = true;
        }
        if kind == 0xda {
            // A part of the picture itself. A progressive one has several, and behind its end may
            // lie a second picture with a place of its own, as some telephones write them.
            let end = 2 + length + coded(&tail[length..]).ok_or(Fault::Format)?;
            bytes.extend_from_slice(rest.get(..end).ok_or(Fault::Format)?);
            rest = &rest[end..];
            scanned = true;
            continue;
        }
        // Applications' own segments and comments go; APP14 says how the colours are coded.
        let foreign = (0xe0..=0xef).contains(&kind) && kind != 0xee;
        if !foreign && kind != 0xfe {
            bytes.extend_from_slice(&rest[..2 + length]);
        }
        rest = &tail[length..];
    }
}

/// The length of coded data: up to the next marker that is neither a stuffed byte nor a restart
/// (ITU T.81, sections B.1.1.2 and B.1.1.5).
fn coded(data: &[u8]) -> Option<usize> {
    data.windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff))
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn check(width: u32, height: u32) -> Result<(), Fault> {
    if (width, height) == (limits::AVATAR_SIDE, limits::AVATAR_SIDE) {
        Ok(())
    } else {
        Err(Fault::Size)
    }
}

#[cfg(test)]
pub mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let length = (data.len() as u32).to_be_bytes();
        [&length[..], name, data, &[0; 4]].concat()
    }

    fn png_of(side: u32, extra: &[Vec<u8>]) -> Vec<u8> {
        let size = [side.to_be_bytes(), side.to_be_bytes()].concat();
        let head = chunk(b"IHDR", &[&size[..], &[8, 2, 0, 0, 0]].concat());
        let tail = [chunk(b"IDAT", b"data"), chunk(b"IEND", b"")].concat();
        [PNG, &head, &extra.concat(), &tail].concat()
    }

    fn segment(kind: u8, data: &[u8]) -> Vec<u8> {
        let length = (data.len() as u16 + 2).to_be_bytes();
        [&[0xff, kind], &length[..], data].concat()
    }

    fn jpeg_of(side: u16, extra: &[Vec<u8>]) -> Vec<u8> {
        let size = [side.to_be_bytes(), side.to_be_bytes()].concat();
        let frame = segment(0xc0, &[&[8], &size[..], &[1, 1, 17, 0]].concat());
        let scan = [
            segment(0xda, &[1, 1, 0, 0, 63, 0]),
            b"data\xff\xd9".to_vec(),
        ]
        .concat();
        [&[0xff, 0xd8], &extra.concat()[..], &frame, &scan].concat()
    }

    #[test]
    fn metadata_stays_outside() {
        let place = b"48.2N 16.4E".to_vec();
        for (plain, tagged) in [
            (
                png_of(512, &[]),
                png_of(512, &[chunk(b"tEXt", &place), chunk(b"eXIf", &place)]),
            ),
            (
                jpeg_of(512, &[]),
                jpeg_of(512, &[segment(0xe1, &place), segment(0xfe, &place)]),
            ),
        ] {
            let picture = parse(&tagged).unwrap();
            assert_eq!(picture.bytes, plain);
            assert_eq!(parse(&plain).unwrap(), picture);
            // What is behind the end goes too.
            let longer = [&plain[..], b"and more"].concat();
            assert_eq!(parse(&longer).unwrap(), picture);
        }
        let coded = jpeg_of(512, &[segment(0xee, b"Adobe")]);
        assert_eq!(parse(&coded).unwrap().bytes, coded);
    }

    #[test]
    fn a_jpeg_ends_where_its_last_scan_does() {
        let plain = jpeg_of(512, &[]);
        let second = jpeg_of(512, &[segment(0xe1, b"48.2N 16.4E")]);
        let both = [&plain[..], &second].concat();
        assert_eq!(parse(&both).unwrap().bytes, plain);
        // A scan more, with restarts, stuffed bytes and a place between the two.
        let (head, _) = plain.split_at(plain.len() - 2);
        let scan = segment(0xda, &[1, 1, 0, 0, 63, 0]);
        let more = [&scan[..], b"a\xff\xd3b\xff\x00\xd9c\xff\xd9"].concat();
        let two = [head, &more].concat();
        let placed = [head, &segment(0xe1, b"48.2N 16.4E"), &more].concat();
        assert_eq!(parse(&two).unwrap().bytes, two);
        assert_eq!(parse(&placed).unwrap().bytes, two);
        // The mark of the end inside the head of the scan is none (found by fuzzing).
        let found = [
            &[0xff, 0xd8][..],
            &segment(0xc0, &[8, 2, 0, 2, 0, 1, 1, 17, 0]),
            &[0xff, 0xda, 0, 8, 0xff, 0xd9, 0xe1, 0, 0xff, 0xff],
        ]
        .concat();
        assert_eq!(parse(&found), Err(Fault::Format));
    }

    #[test]
    fn pictures_have_one_size() {
        for side in [511, 513] {
            assert_eq!(parse(&png_of(side, &[])), Err(Fault::Size));
            assert_eq!(parse(&jpeg_of(side as u16, &[])), Err(Fault::Size));
        }
        for wrong in [&b"GIF89a"[..], b"<svg/>", b"", PNG, &[0xff, 0xd8]] {
            assert_eq!(parse(wrong), Err(Fault::Format));
        }
    }

    proptest! {
        #[test]
        fn no_file_makes_it_fall_over(at in 0..70_usize, byte in any::<u8>(), cut in 0..80_usize) {
            for mut file in [png_of(512, &[]), jpeg_of(512, &[])] {
                let length = file.len();
                file[at % length] = byte;
                file.truncate(cut.max(3));
                let _ = parse(&file);
            }
        }
    }
}
