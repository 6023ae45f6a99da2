//! What a person sees: steps with their time, commands that run, one line for what went wrong.

use std::{
    io::{IsTerminal, Write},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

use crate::signals;

/// Does one step and says so before and, when it took a while, after.
///
/// # Errors
/// Those of the step.
pub fn step<T>(title: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    say(&format!("{} {title}", paint("1;36", "→")));
    let started = Instant::now();
    let result = work()?;
    if started.elapsed() > Duration::from_secs(2) {
        say(&format!(
            "  {}",
            paint("2", &format!("{title}: {}", took(started.elapsed())))
        ));
    }
    Ok(result)
}

/// One line on standard output; a closed pipe is no error.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// The one line at the end when something went wrong.
pub fn fail(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "{} {error:#}", paint("1;31", "error:"));
}

/// Text in a colour (an SGR code) when a person reads it.
pub fn paint(code: &str, text: &str) -> String {
    if std::io::stdout().is_terminal() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A duration for people.
pub fn took(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds >= 60 {
        format!("{} min {} s", seconds / 60, seconds % 60)
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

/// Runs a command to its end; its output goes to the terminal. Ends it when we are told to stop.
///
/// # Errors
/// When it cannot be started, fails or is interrupted.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            let arguments: Vec<_> = command
                .get_args()
                .take(2)
                .map(|text| text.to_string_lossy())
                .collect();
            bail!("{} {} failed ({status})", short(&name), arguments.join(" "));
        }
        if signals::received() {
            let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id())?);
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM);
            child.wait()?;
            bail!("interrupted");
        }
        sleep(Duration::from_millis(20));
    }
}

/// Runs a command and returns what it prints.
///
/// # Errors
/// When it cannot be started or fails; its standard error is in the message.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} failed ({}): {}",
            short(&name),
            output.status,
            error.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn short(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}
