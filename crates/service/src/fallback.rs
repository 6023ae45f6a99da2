//! Replies for what no route answers; [`crate::layers()`] puts them in place.

use protocol::Code;

use crate::Problem;

/// 404: no such path.
pub async fn fallback() -> Problem {
    Code::NotFound.into()
}

/// 405: the path exists, the method does not.
pub async fn method_not_allowed() -> Problem {
    Code::MethodNotAllowed.into()
}
