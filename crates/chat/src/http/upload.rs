//! Multipart bodies of rooms and commits: `head` as JSON, the MLS parts as bytes.

use std::collections::HashMap;

use axum::extract::{FromRequest, Multipart, Request};
use bytes::Bytes;
use protocol::{Code, Problem};
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// A multipart body: every part once.
pub struct Upload {
    parts: HashMap<String, Bytes>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let mut multipart = Multipart::from_request(request, state).await.map_err(|_| {
            Error::from(
                Problem::new(Code::UnsupportedMediaType)
                    .detail("Send the body as multipart/form-data."),
            )
        })?;
        let mut parts = HashMap::new();
        while let Some(field) = multipart
            .next_field()
            .await
            .map_err(|error| broken(&error))?
        {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(|error| broken(&error))?;
            if !["head", "commit", "welcome", "group_info", "tree"].contains(&name.as_str()) {
                return Err(invalid(&name, "unknown", "There is no such part."));
            }
            if parts.insert(name.clone(), bytes).is_some() {
                return Err(invalid(&name, "duplicate", "This part is given twice."));
            }
        }
        Ok(Self { parts })
    }
}

impl Upload {
    /// The part `head`.
    ///
    /// # Errors
    /// 422 `invalid-body`, 400 `malformed-json`.
    pub fn head<T: DeserializeOwned>(&mut self) -> Result<T> {
        let head = self.needed("head")?;
        serde_json::from_slice(&head).map_err(|error| {
            if error.is_data() {
                invalid(
                    "head",
                    "format",
                    "A field is missing, unknown or of the wrong type.",
                )
            } else {
                Code::MalformedJson.into()
            }
        })
    }

    /// A part that has to be there.
    ///
    /// # Errors
    /// 422 `invalid-body`.
    pub fn needed(&mut self, name: &str) -> Result<Bytes> {
        self.optional(name)
            .ok_or_else(|| invalid(name, "required", "This part is required."))
    }

    /// A part that may be there.
    pub fn optional(&mut self, name: &str) -> Option<Bytes> {
        self.parts.remove(name)
    }
}

fn invalid(field: &str, code: &str, message: &str) -> Error {
    Problem::new(Code::InvalidBody)
        .field(field, code, message)
        .into()
}

fn broken(error: &axum::extract::multipart::MultipartError) -> Error {
    if error.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
        Code::BodyTooLarge.into()
    } else {
        Problem::new(Code::BadRequest)
            .detail("The multipart body is malformed.")
            .into()
    }
}
