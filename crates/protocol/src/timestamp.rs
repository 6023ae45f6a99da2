//! Points in time: RFC 3339 in UTC on the wire, milliseconds since 1970 inside clients.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A point in time, written as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(
    feature = "openapi",
    derive(utoipa::ToSchema),
    schema(value_type = String, format = DateTime)
)]
pub struct Timestamp(#[serde(with = "time::serde::rfc3339")] pub OffsetDateTime);

impl Timestamp {
    /// From milliseconds since 1970; out of range (after the year 9999) counts as 1970.
    pub fn from_unix_millis(millis: i64) -> Self {
        Self(
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000)
                .unwrap_or(OffsetDateTime::UNIX_EPOCH),
        )
    }

    /// Milliseconds since 1970, rounded down.
    pub fn unix_millis(self) -> i64 {
        (self.0.unix_timestamp_nanos() / 1_000_000) as i64
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(time: OffsetDateTime) -> Self {
        Self(time.to_offset(time::UtcOffset::UTC))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_rfc_3339_in_utc() {
        let time = Timestamp::from_unix_millis(1_700_000_000_123);
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(json, "\"2023-11-14T22:13:20.123Z\"");
        assert_eq!(
            serde_json::from_str::<Timestamp>(&json)
                .unwrap()
                .unix_millis(),
            time.unix_millis()
        );
    }
}
