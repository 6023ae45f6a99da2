//! Bytes on the wire: a Socket.IO attachment where they are a direct field of an event, base64
//! in JSON and inside arrays.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Bytes that travel as a Socket.IO binary attachment (a `Uint8Array` in the browser).
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "Uint8Array"))]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, format = Binary)
)]
pub struct Binary(pub Bytes);

/// Bytes that travel as standard, padded base64 (RFC 4648, section 4).
#[derive(Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, format = Byte)
)]
pub struct Base64(pub Bytes);

impl Serialize for Binary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Binary {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Binary;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a binary attachment")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Binary, E> {
                Ok(Binary(Bytes::copy_from_slice(bytes)))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Binary, E> {
                Ok(Binary(bytes.into()))
            }
        }

        deserializer.deserialize_byte_buf(Visitor)
    }
}

/// An optional [`Binary`]: absent or `null` when there is none.
///
/// Serde's own way through `Option` is not taken, because socketioxide's parser (0.17.3) forgets
/// inside an option that bytes are attachments.
pub(crate) mod optional {
    use super::*;

    /// Without `serialize_some`; `None` is to be left out by the field.
    pub(crate) fn serialize<S: Serializer>(
        binary: &Option<Binary>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match binary {
            Some(binary) => binary.serialize(serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Binary>, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Option<Binary>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a binary attachment or null")
            }

            fn visit_none<E>(self) -> Result<Option<Binary>, E> {
                Ok(None)
            }

            fn visit_unit<E>(self) -> Result<Option<Binary>, E> {
                Ok(None)
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Option<Binary>, E> {
                Ok(Some(Binary(Bytes::copy_from_slice(bytes))))
            }

            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Option<Binary>, E> {
                Ok(Some(Binary(bytes.into())))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        STANDARD
            .decode(text.as_bytes())
            .map(Self::from)
            .map_err(|_| de::Error::custom("not standard, padded base64"))
    }
}

macro_rules! conversions {
    ($($name:ident)*) => {$(
        impl From<Vec<u8>> for $name {
            fn from(bytes: Vec<u8>) -> Self {
                Self(bytes.into())
            }
        }

        impl From<Bytes> for $name {
            fn from(bytes: Bytes) -> Self {
                Self(bytes)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        /// The length alone: ciphertext in a log helps nobody.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} B)", stringify!($name), self.0.len())
            }
        }
    )*};
}

conversions!(Binary Base64);

impl From<Binary> for Base64 {
    fn from(binary: Binary) -> Self {
        Self(binary.0)
    }
}

impl From<Base64> for Binary {
    fn from(base64: Base64) -> Self {
        Self(base64.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_standard_and_padded() {
        let bytes = Base64::from(vec![0xfb, 0xff]);
        let json = serde_json::to_string(&bytes).unwrap();
        assert_eq!(json, "\"+/8=\"");
        assert_eq!(serde_json::from_str::<Base64>(&json).unwrap(), bytes);
        for wrong in ["\"+/8\"", "\"-_8=\"", "\"+/8=\\n\"", "12"] {
            assert!(serde_json::from_str::<Base64>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn debug_shows_no_content() {
        assert_eq!(format!("{:?}", Binary::from(vec![1, 2, 3])), "Binary(3 B)");
    }
}
