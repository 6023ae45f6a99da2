//! When, where and with what something was measured.

use std::{env, fs};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The command that was typed; `cargo xtask bench` sets it.
const COMMAND: &str = "BENCH_COMMAND";
/// Programs and their versions, with `; ` between them; `cargo xtask bench` sets it.
const VERSIONS: &str = "BENCH_VERSIONS";

/// All that a reader needs to measure the same again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Surroundings {
    /// The day, in UTC.
    pub(super) date: String,
    pub(super) machine: String,
    pub(super) versions: Vec<String>,
    pub(super) command: String,
}

impl Surroundings {
    /// Those of this process.
    pub(super) fn here(scenario: &str) -> Self {
        let versions = env::var(VERSIONS).unwrap_or_default();
        let versions = versions.split("; ").filter(|version| !version.is_empty());
        Self {
            date: OffsetDateTime::now_utc().date().to_string(),
            machine: machine(),
            versions: versions.map(str::to_owned).collect(),
            command: env::var(COMMAND).unwrap_or_else(|_| format!("cargo xtask bench {scenario}")),
        }
    }
}

fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    // All of the machine's: this process may keep to one.
    let cores = processors
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count()
        .max(1);
    let processor = value_of(&processors, "model name").unwrap_or("unknown processor".into());
    let memory = value_of(&read("/proc/meminfo"), "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<f64>().ok())
        .map_or(String::new(), |kilobytes| {
            format!(", {:.0} GiB", kilobytes / 1_048_576.0)
        });
    // The version without what a distributor has put behind it.
    let kernel = read("/proc/sys/kernel/osrelease");
    let kernel: Vec<&str> = kernel.trim().split(['.', '-']).take(2).collect();
    let system = format!("{} {}", env::consts::OS, kernel.join("."));
    format!("{cores} cores, {processor}{memory}, {}", system.trim())
}

/// The first value of a name in lines such as `name : value`.
fn value_of(text: &str, name: &str) -> Option<String> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(left, _)| left.trim() == name)
        .map(|(_, right)| right.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_name() {
        let text = "model : 7\nmodel name\t: Some: Processor\nMemTotal:   2048 kB\n";
        assert_eq!(value_of(text, "model name").unwrap(), "Some: Processor");
        assert_eq!(value_of(text, "MemTotal").unwrap(), "2048 kB");
        assert_eq!(value_of(text, "flags"), None);
    }

    #[test]
    fn a_section_says_how_to_repeat_it() {
        let here = Surroundings::here("durable");
        assert_eq!(here.command, "cargo xtask bench durable");
        assert_eq!(here.date.len(), 10);
        assert!(here.machine.contains("cores"));
    }
}
