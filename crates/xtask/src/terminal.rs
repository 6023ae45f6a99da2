//! What a person sees: steps with their time, commands that run, one line for what went wrong.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, IsTerminal, Read, Write},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread::{self, sleep},
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
    let child = command.spawn().with_context(|| cannot_start(command))?;
    finish(command, child)
}

/// Like [`run`], for a test: the error ends with what the command printed last, because of a log
/// that was cut only the end is left.
///
/// # Errors
/// When it cannot be started, fails or is interrupted.
pub fn run_test(command: &mut Command) -> anyhow::Result<()> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| cannot_start(command))?;
    let printed = child.stdout.take().map(|it| pass_on(it, std::io::stdout()));
    let said = child.stderr.take().map(|it| pass_on(it, std::io::stderr()));
    let result = finish(command, child);
    let mut last = String::new();
    for lines in [printed, said].into_iter().flatten() {
        last.extend(last_of(&lines));
    }
    result.map_err(|error| anyhow::anyhow!("{error}; the last that it printed:\n{last}"))
}

/// How many lines of each stream of a failed test are repeated.
const LAST_LINES: usize = 50;

/// Copies lines as they come, and gives them on.
fn pass_on(
    from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
) -> mpsc::Receiver<String> {
    let (copy, lines) = mpsc::channel();
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let _ = to.write_all(&line);
            let _ = copy.send(String::from_utf8_lossy(&line).into_owned());
            line.clear();
        }
    });
    lines
}

fn last_of(lines: &mpsc::Receiver<String>) -> VecDeque<String> {
    let mut last = VecDeque::new();
    // What the command started may still hold the pipe: we do not wait for its end.
    while let Ok(line) = lines.recv_timeout(Duration::from_secs(1)) {
        last.push_back(line);
        if last.len() > LAST_LINES {
            last.pop_front();
        }
    }
    last
}

fn finish(command: &Command, mut child: Child) -> anyhow::Result<()> {
    loop {
        if let Some(status) = child.try_wait()? {
            if status.success() {
                return Ok(());
            }
            let name = command.get_program().to_string_lossy();
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

fn cannot_start(command: &Command) -> String {
    format!("cannot start {}", command.get_program().to_string_lossy())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_test_repeats_what_it_printed_last() {
        let script = "for n in $(seq 100); do echo line $n; done; echo 'the reason' >&2; exit 3";
        let error = run_test(Command::new("sh").args(["-c", script])).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("failed (exit status: 3)"), "{error}");
        assert!(error.contains("the reason"), "{error}");
        assert!(error.contains("line 51\n"), "{error}");
        assert!(error.contains("line 100\n"), "{error}");
        assert!(!error.contains("line 50\n"), "{error}");
    }
}
