//! HKDF-SHA256: RFC 5869, appendix A, and Wycheproof.

use openmls_traits::crypto::OpenMlsCrypto as _;
use serde::Deserialize;

use super::{Hex, SHA256, crypto, read};

/// Appendices A.1 to A.3; the others are of SHA-1.
#[test]
fn cases_of_the_rfc() {
    let bytes = |range: std::ops::Range<u8>| range.collect::<Vec<_>>();
    let cases = [
        (
            vec![0x0b; 22],
            bytes(0..13),
            bytes(0xf0..0xfa),
            "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            bytes(0..80),
            bytes(0x60..0xb0),
            (0xb0..=0xff).collect(),
            "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c\
             59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71\
             cc30c58179ec3e87c14c01d5c1f3434f1d87",
        ),
        (
            vec![0x0b; 22],
            Vec::new(),
            Vec::new(),
            "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ];
    for (ikm, salt, info, prk, okm) in cases {
        let (prk, okm) = (hex(prk), hex(okm));
        let extracted = crypto().hkdf_extract(SHA256, &salt, &ikm).unwrap();
        assert_eq!(*extracted.as_slice(), *prk);
        let expanded = crypto()
            .hkdf_expand(SHA256, &prk, &info, okm.len())
            .unwrap();
        assert_eq!(*expanded.as_slice(), *okm);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    ikm: Hex,
    salt: Hex,
    info: Hex,
    size: usize,
    okm: Hex,
    result: String,
}

#[test]
fn wycheproof() {
    for one in read::<Vector>("wycheproof/hkdf_sha256.json") {
        let prk = crypto().hkdf_extract(SHA256, &one.salt, &one.ikm).unwrap();
        let okm = crypto().hkdf_expand(SHA256, prk.as_slice(), &one.info, one.size);
        assert_eq!(okm.is_ok(), one.result == "valid", "{}", one.tc_id);
        if let Ok(okm) = okm {
            assert_eq!(*okm.as_slice(), *one.okm, "{}", one.tc_id);
        }
    }
}

fn hex(digits: &str) -> Hex {
    Hex::try_from(digits.to_owned()).unwrap()
}
