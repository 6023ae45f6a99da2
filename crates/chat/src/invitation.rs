//! Invitations: their codes, and how a sign-up uses one.

use protocol::{
    Code, Problem, Secret, limits,
    rest::admin::{CreatedInvitation, NewInvitation},
};
use rand::RngExt;
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{
    error::Result,
    store::invitations::{self, New},
    token::Hash,
};

/// RFC 4648, section 6: no letter that is taken for a digit.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// 80 random bits: nobody guesses them at the rate of sign-ups, and people can type them.
const LENGTH: usize = 16;

/// Makes an invitation; its code is shown this once.
///
/// # Errors
/// 422 `invalid-body` for what is out of bounds; when the database fails.
pub async fn create(
    pool: &PgPool,
    public_url: &str,
    wanted: NewInvitation,
    by: Option<Uuid>,
) -> Result<CreatedInvitation> {
    let uses = within("uses", wanted.uses, limits::INVITATION_USES)?;
    let days = within("days", wanted.days, limits::INVITATION_DAYS)?;
    let note = wanted.note.trim();
    if note.chars().count() > limits::INVITATION_NOTE || note.contains(char::is_control) {
        return Err(Problem::new(Code::InvalidBody)
            .field("note", "format", "At most 80 characters, on one line.")
            .into());
    }
    let code = fresh();
    let new = New {
        id: Uuid::now_v7(),
        code: Hash::of(&code),
        note,
        by,
        expires_at: OffsetDateTime::now_utc() + Duration::days(days.into()),
        uses,
    };
    let invitation = invitations::add(pool, new).await?;
    let code: String = code
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join("-");
    let url = format!("{}/sign-up?invite={code}", public_url.trim_end_matches('/'));
    Ok(CreatedInvitation {
        invitation,
        code: code.into(),
        url: url.into(),
    })
}

/// Takes one use of an invitation.
///
/// # Errors
/// 403 `invitation-required` unless it is one that is good; when the database fails.
pub async fn take(pool: &PgPool, code: Option<&Secret>) -> Result<Uuid> {
    let Some(code) = code else {
        return Err(Problem::new(Code::InvitationRequired)
            .field("invite", "required", "This server asks for an invitation.")
            .into());
    };
    let taken = invitations::take(pool, Hash::of(&plain(code.expose()))).await?;
    taken.ok_or_else(|| {
        Problem::new(Code::InvitationRequired)
            .detail("This invitation is unknown, used up or over. Ask for another one.")
            .field("invite", "unknown", "Unknown, used up or over.")
            .into()
    })
}

fn within(field: &str, number: u32, most: u32) -> Result<i32> {
    i32::try_from(number)
        .ok()
        .filter(|_| (1..=most).contains(&number))
        .ok_or_else(|| {
            Problem::new(Code::InvalidBody)
                .field(field, "format", format!("Between 1 and {most}."))
                .into()
        })
}

fn fresh() -> String {
    let bytes: [u8; LENGTH] = rand::rng().random();
    bytes
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .iter()
        .collect()
}

/// As it was made, however it was typed.
fn plain(typed: &str) -> String {
    typed
        .chars()
        .filter(|letter| !letter.is_whitespace() && *letter != '-')
        .map(|letter| letter.to_ascii_uppercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_survive_being_typed() {
        let code = fresh();
        assert_eq!(code.len(), LENGTH);
        assert_ne!(code, fresh());
        let typed = format!(" {}-{} ", code[..4].to_lowercase(), &code[4..]);
        assert_eq!(plain(&typed), code);
    }
}
