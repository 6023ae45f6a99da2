//! What a browser is known by: an id, so that owners hear of a new one, and the tokens of accounts
//! that ask no code there.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header, request::Parts};
use protocol::{Secret, Timestamp, UserId, rest::account::Transport};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{cookie, token};

/// The cookie with the browser's id. It opens nothing.
const ID: &str = "__Host-browser";
/// The cookies with tokens of remembered browsers: this and the account, so that people who share
/// a browser do not push each other out.
const REMEMBERED: &str = "__Host-remembered-";
/// Browsers keep no cookie longer than 400 days.
const ID_LIFE: i64 = 400 * 86_400;
/// Longest value that is looked at.
const LONGEST: usize = 256;

/// The browser or program that sends a request, and what it is to keep.
pub struct Browser {
    id: Option<String>,
    remembered: Vec<(Uuid, Remembered)>,
    agent: Option<String>,
    keeps: Vec<HeaderValue>,
}

/// A browser that an account remembers.
#[derive(Clone)]
pub struct Remembered {
    /// Names it in the list.
    pub browser_id: Uuid,
    /// Spares a code, once.
    pub token: Secret,
}

impl<S: Sync> FromRequestParts<S> for Browser {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(parts))
    }
}

impl Browser {
    /// Reads what it sends along.
    pub fn of(parts: &Parts) -> Self {
        let mut browser = Self {
            id: None,
            remembered: Vec::new(),
            agent: crate::caller::Caller::of(parts).user_agent,
            keeps: Vec::new(),
        };
        for (name, value) in cookie::all(&parts.headers) {
            if !is_token(value) {
                continue;
            }
            if name == ID {
                browser.id = Some(value.to_owned());
            } else if let Some(account) = name.strip_prefix(REMEMBERED)
                && let Ok(account) = account.parse()
                && let Some(remembered) = Remembered::parse(value)
            {
                browser.remembered.push((account, remembered));
            }
        }
        browser
    }

    /// What tells it from others: a browser's own id, made at its first sign-in; of a program only
    /// what it says of itself.
    pub fn known_by(&mut self, transport: Transport) -> Option<String> {
        if transport == Transport::Bearer {
            return program(self.agent.as_deref());
        }
        let id = self.id.get_or_insert_with(|| {
            let (fresh, _) = token::fresh();
            self.keeps.extend(cookie::set(ID, fresh.expose(), ID_LIFE));
            fresh.expose().to_owned()
        });
        Some(format!("browser {id}"))
    }

    /// The token by which an account spares this browser a code.
    pub fn remembered_by(&self, account: Uuid) -> Option<Remembered> {
        let found = self.remembered.iter().find(|(owner, _)| *owner == account);
        found.map(|(_, remembered)| remembered.clone())
    }

    /// Keeps a token, in place of any that came before.
    pub fn remember(&mut self, account: UserId, remembered: &Remembered, until: Timestamp) {
        let seconds = (until.0 - OffsetDateTime::now_utc()).whole_seconds();
        let value = format!(
            "{}.{}",
            remembered.browser_id.as_simple(),
            remembered.token.expose()
        );
        self.keeps
            .extend(cookie::set(&name(account.0), &value, seconds));
    }

    /// Drops the token of an account.
    pub fn forget(&mut self, account: Uuid) {
        self.keeps.extend(cookie::set(&name(account), "", 0));
    }

    /// What people see in a list: "Firefox · Linux", or a program's own word for itself.
    pub fn label(&self) -> String {
        let agent = self.agent.as_deref().unwrap_or_default();
        match (program_of(agent), system_of(agent)) {
            (Some(program), Some(system)) => format!("{program} · {system}"),
            (Some(program), None) => program.to_owned(),
            (None, _) => {
                let shown = agent.chars().filter(|c| !c.is_control()).take(60);
                let shown: String = shown.collect();
                let shown = shown.trim();
                if shown.is_empty() { "?" } else { shown }.to_owned()
            }
        }
    }

    /// Sends along what is to be kept, whatever came of the request.
    pub fn keep(self, reply: impl IntoResponse) -> Response {
        let mut response = reply.into_response();
        for cookie in self.keeps {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}

/// What a program is known by.
pub fn program(agent: Option<&str>) -> Option<String> {
    agent.map(|agent| format!("program {agent}"))
}

impl Remembered {
    fn parse(value: &str) -> Option<Self> {
        let (browser_id, token) = value.split_once('.')?;
        Some(Self {
            browser_id: browser_id.parse().ok()?,
            token: token.into(),
        })
    }
}

fn name(account: Uuid) -> String {
    format!("{REMEMBERED}{}", account.as_simple())
}

fn is_token(value: &str) -> bool {
    value.len() <= LONGEST
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

/// The browser by its `User-Agent`: those that carry another's name come before it.
fn program_of(agent: &str) -> Option<&'static str> {
    if !agent.starts_with("Mozilla/") {
        return None;
    }
    let known = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let found = known.iter().find(|(mark, _)| agent.contains(mark));
    Some(found.map_or("Browser", |(_, name)| name))
}

fn system_of(agent: &str) -> Option<&'static str> {
    let known = [
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let found = known.iter().find(|(mark, _)| agent.contains(mark));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(headers: &[(&'static str, &str)]) -> Browser {
        let mut request = http::Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Browser::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn an_id_is_made_once_and_known_again() {
        let mut new = browser(&[]);
        let known = new.known_by(Transport::Cookie).unwrap();
        assert_eq!(new.known_by(Transport::Cookie).as_ref(), Some(&known));
        let response = new.keep(());
        let kept = response.headers().get_all("set-cookie").iter();
        let kept: Vec<_> = kept.map(|value| value.to_str().unwrap()).collect();
        assert_eq!(kept.len(), 1);
        let (cookie, _) = kept[0].split_once(';').unwrap();
        let mut again = browser(&[("cookie", cookie)]);
        assert_eq!(again.known_by(Transport::Cookie), Some(known));
        assert!(again.keep(()).headers().is_empty());
    }

    #[test]
    fn a_program_is_known_by_its_name_and_keeps_nothing() {
        let mut program = browser(&[("user-agent", "snug/0.1.0")]);
        assert_eq!(
            program.known_by(Transport::Bearer).as_deref(),
            Some("program snug/0.1.0")
        );
        assert_eq!(program.label(), "snug/0.1.0");
        assert!(program.keep(()).headers().is_empty());
        assert_eq!(browser(&[]).known_by(Transport::Bearer), None);
    }

    #[test]
    fn tokens_are_kept_apart_by_account() {
        let [ann, bo] = [Uuid::from_u128(1), Uuid::from_u128(2)];
        let remembered = Remembered {
            browser_id: Uuid::from_u128(3),
            token: "abc_-1".into(),
        };
        let mut first = browser(&[]);
        let until = OffsetDateTime::now_utc() + time::Duration::days(30);
        first.remember(ann.into(), &remembered, until.into());
        let response = first.keep(());
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.contains("HttpOnly"), "{cookie}");
        let (cookie, _) = cookie.split_once(';').unwrap();
        let next = browser(&[("cookie", cookie)]);
        let found = next.remembered_by(ann).unwrap();
        assert_eq!(found.browser_id, remembered.browser_id);
        assert_eq!(found.token, remembered.token);
        assert!(next.remembered_by(bo).is_none());
    }

    #[test]
    fn broken_cookies_are_as_none() {
        for cookie in [
            "__Host-remembered-x=1",
            "__Host-remembered-00000000000000000000000000000001=nothing",
            "__Host-browser=\"quoted\"",
        ] {
            let found = browser(&[("cookie", cookie)]);
            assert!(
                found.id.is_none() && found.remembered.is_empty(),
                "{cookie}"
            );
        }
    }

    #[test]
    fn labels_are_short_words() {
        for (agent, label) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox · Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
                "Chrome · Android",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge · Windows",
            ),
            ("Mozilla/5.0", "Browser"),
            ("", "?"),
        ] {
            assert_eq!(browser(&[("user-agent", agent)]).label(), label);
        }
    }
}
