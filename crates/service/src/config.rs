//! Pieces of configuration that clap does not know: empty variables, secrets from files, rates.

use std::{env, ffi::OsStr, fs, net::SocketAddr, path::Path, str::FromStr, time::Duration};

use anyhow::{Context, bail};
use clap::{Command, Parser, builder::Resettable};
use secrecy::{ExposeSecret, SecretString};

/// Reads a program's flags and variables; an empty variable counts as one that is not set, since
/// compose files pass those on. Ends the process when something is wrong.
pub fn arguments<T: Parser>() -> T {
    let is_empty = |name: &OsStr| env::var_os(name).is_some_and(|text| text.is_empty());
    let matches = without(T::command(), is_empty).get_matches();
    T::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The command as if some variables did not exist.
fn without(command: Command, absent: impl Fn(&OsStr) -> bool) -> Command {
    command.mut_args(|argument| match argument.get_env() {
        Some(name) if absent(name) => argument.env(Resettable::Reset),
        _ => argument,
    })
}

/// A secret given as `NAME` or as a file named by `NAME_FILE`. Empty counts as not given; one line
/// end at the file's end is cut off.
///
/// ```
/// # use service::config::secret;
/// let key = secret("SECRET_KEY", Some(&"s3cret".into()), None).unwrap();
/// assert!(key.is_some());
/// ```
///
/// # Errors
/// When both are given, or the file cannot be read.
pub fn secret(
    name: &str,
    inline: Option<&SecretString>,
    file: Option<&Path>,
) -> anyhow::Result<Option<SecretString>> {
    let inline = inline.filter(|value| !value.expose_secret().is_empty());
    let file = file.filter(|path| !path.as_os_str().is_empty());
    match (inline, file) {
        (Some(_), Some(_)) => bail!("{name} and {name}_FILE are both set; keep one of them"),
        (Some(value), None) => Ok(Some(value.clone())),
        (None, None) => Ok(None),
        (None, Some(path)) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("{name}_FILE: cannot read {}", path.display()))?;
            let text = text.strip_suffix('\n').unwrap_or(&text);
            let text = text.strip_suffix('\r').unwrap_or(text);
            if text.is_empty() {
                bail!("{name}_FILE: {} is empty", path.display());
            }
            Ok(Some(text.into()))
        }
    }
}

/// As [`secret`], for a secret that a server cannot do without.
///
/// # Errors
/// Also when neither is given.
pub fn required_secret(
    name: &str,
    inline: Option<&SecretString>,
    file: Option<&Path>,
) -> anyhow::Result<SecretString> {
    secret(name, inline, file)?
        .with_context(|| format!("{name} is not set (nor {name}_FILE, the path of a file with it)"))
}

/// The address that `LISTEN` (an address, with or without a port) and `PORT` stand for; every
/// address of the machine without `LISTEN`.
///
/// # Errors
/// When `LISTEN` is no address.
pub fn listen_address(listen: Option<&str>, port: u16) -> anyhow::Result<SocketAddr> {
    let Some(listen) = filled(listen) else {
        return Ok(([0, 0, 0, 0], port).into());
    };
    let with_port = listen.parse::<SocketAddr>();
    let without = || listen.parse().map(|ip| SocketAddr::new(ip, port));
    with_port.or_else(|_| without()).with_context(|| {
        format!("LISTEN: {listen:?} is no address; write 127.0.0.1 or 127.0.0.1:{port}")
    })
}

/// An empty variable counts as not set: compose files pass empty ones on.
pub fn filled(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| !value.is_empty())
}

/// So many events in so long: `200 per day`, `10 per minute`, `100/hour`, `5 per 10 minutes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many, at least one.
    pub count: u32,
    /// In how long, at least a second.
    pub period: Duration,
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let wrong = || RateError(text.to_owned());
        let lower = text.to_ascii_lowercase();
        let (count, period) = lower
            .split_once('/')
            .or_else(|| lower.split_once(" per "))
            .ok_or_else(wrong)?;
        let count: u32 = count.trim().parse().map_err(|_| wrong())?;
        let period = period.trim();
        let (factor, unit) = match period.split_once(' ') {
            Some((factor, unit)) => (factor.parse().map_err(|_| wrong())?, unit.trim()),
            None => (1_u64, period),
        };
        let seconds = match unit.strip_suffix('s').unwrap_or(unit) {
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => return Err(wrong()),
        };
        let seconds = factor.checked_mul(seconds).ok_or_else(wrong)?;
        if count == 0 || seconds == 0 {
            return Err(wrong());
        }
        Ok(Self {
            count,
            period: Duration::from_secs(seconds),
        })
    }
}

impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} per {} seconds", self.count, self.period.as_secs())
    }
}

/// A rate in no form that we know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no rate; write it like \"200 per day\", \"10 per minute\" or \"100/hour\"")]
pub struct RateError(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_one_that_is_not_set() {
        let argument = clap::Arg::new("path").env("PATH").default_value("none");
        let command = Command::new("snug").arg(argument);
        let read = |absent: bool| {
            let command = without(command.clone(), |name| absent && name == "PATH");
            let matches = command.get_matches_from(["snug"]);
            matches.get_one::<String>("path").cloned()
        };
        assert_eq!(read(true).as_deref(), Some("none"));
        assert_ne!(read(false).as_deref(), Some("none"));
    }

    #[test]
    fn rates_in_their_usual_forms() {
        for (text, count, seconds) in [
            ("200 per day", 200, 86_400),
            ("10 per minute", 10, 60),
            ("100/hour", 100, 3_600),
            ("5 per 10 minutes", 5, 600),
            ("1 per 1 second", 1, 1),
            ("7 Per Hour", 7, 3_600),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(
                rate,
                Rate {
                    count,
                    period: Duration::from_secs(seconds)
                },
                "{text}"
            );
        }
        for text in [
            "",
            "200",
            "per day",
            "0 per day",
            "-1 per day",
            "5 per 0 hours",
            "1/year",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        assert!(
            "x".parse::<Rate>()
                .unwrap_err()
                .to_string()
                .contains("200 per day")
        );
    }

    #[test]
    fn secrets_come_from_the_variable_or_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "from file\n").unwrap();
        let inline: SecretString = "inline".into();
        let empty: SecretString = "".into();
        let text = |value: Option<SecretString>| value.map(|v| v.expose_secret().to_owned());

        assert_eq!(
            text(secret("K", Some(&inline), None).unwrap()).as_deref(),
            Some("inline")
        );
        assert_eq!(
            text(secret("K", Some(&empty), Some(&path)).unwrap()).as_deref(),
            Some("from file")
        );
        assert!(secret("K", None, None).unwrap().is_none());
        assert!(secret("K", None, Some(Path::new(""))).unwrap().is_none());
        assert!(secret("K", Some(&inline), Some(&path)).is_err());
        let missing = secret("K", None, Some(Path::new("/nowhere")))
            .unwrap_err()
            .to_string();
        assert!(
            missing.starts_with("K_FILE: cannot read /nowhere"),
            "{missing}"
        );
        let neither = required_secret("K", None, None).unwrap_err().to_string();
        assert!(neither.contains("K is not set"), "{neither}");
    }
}
