//! Text that may travel but must never be printed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A password, code or token inside a body. `Debug` is blank; the text is reached by name only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, format = Password)
)]
pub struct Secret(String);

impl Secret {
    /// The text itself: for hashing, comparing and sending, never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_is_blank() {
        assert_eq!(format!("{:?}", Secret::from("hunter2")), "Secret(…)");
    }
}
