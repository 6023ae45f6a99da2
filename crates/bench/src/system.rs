//! What the operating system knows of processes: cores, time, memory.

use std::{
    fs,
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use nix::{
    sched::{CpuSet, sched_setaffinity},
    unistd::{Pid, SysconfVar, sysconf},
};
use sqlx::{Connection, PgConnection};

/// One of the machine's cores, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Core(pub usize);

/// Where servers and the database run.
pub const SERVER: Core = Core(0);
/// Where what drives them runs.
pub const GENERATOR: Core = Core(1);

/// A server that is measured. It is killed with this value.
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a command on a core, its output appended to `log`. Nothing of our own environment
    /// reaches it but `PATH` and what the command sets.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(core: Option<Core>, command: &Command, log: &Path) -> anyhow::Result<Self> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| log.display().to_string())?;
        let mut pinned = match core {
            Some(Core(number)) => {
                let mut taskset = Command::new("taskset");
                taskset.args(["-c", &number.to_string()]);
                taskset.arg(command.get_program());
                taskset
            }
            None => Command::new(command.get_program()),
        };
        pinned.args(command.get_args()).env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            pinned.env("PATH", path);
        }
        let variables = command.get_envs();
        pinned.envs(variables.filter_map(|(name, value)| Some((name, value?))));
        if let Some(folder) = command.get_current_dir() {
            pinned.current_dir(folder);
        }
        let child = pinned
            .stdin(Stdio::null())
            .stderr(file.try_clone()?)
            .stdout(file)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self { child })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// CPU time of it and of its children that live, user and system; in steps of 10 ms.
    ///
    /// # Errors
    /// When it has ended.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        cpu_of(self.id())
    }

    /// Memory of it and of its children: their proportional set size, in bytes. Pages that several
    /// processes share count once.
    ///
    /// # Errors
    /// When it has ended.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let mut sum = 0;
        for id in tree(self.id()) {
            let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
            sum += kilobytes(&text, "Pss:")? * 1024;
        }
        Ok(sum)
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Ends it by SIGKILL.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Keeps this process, threads to come included, on one core.
///
/// # Errors
/// When the machine has no such core.
pub fn pin_self(core: Core) -> anyhow::Result<()> {
    pin(Pid::from_raw(0), core)
}

fn pin(pid: Pid, Core(number): Core) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    set.set(number)?;
    sched_setaffinity(pid, &set).with_context(|| format!("cannot pin a process to core {number}"))
}

/// CPU time that this process has used, without the servers that it has started.
pub fn cpu_of_self() -> Duration {
    cpu_of_each(&[std::process::id()]).unwrap_or_default()
}

/// Runs work on the calling thread and a core, so that [`cpu_of_thread`] is what it costs.
///
/// # Errors
/// Those of the work, and when the machine has no such core.
pub fn on_one_thread<T>(
    core: Core,
    work: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    pin_self(core)?;
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build()?.block_on(work)
}

/// CPU time that the calling thread has used, in nanoseconds and not in steps.
///
/// # Errors
/// When the system does not say.
pub fn cpu_of_thread() -> anyhow::Result<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let used = text.split(' ').next().context("an empty schedstat")?;
    Ok(Duration::from_nanos(used.parse()?))
}

/// CPU time of a process and of its children that live.
///
/// # Errors
/// When it has ended.
pub fn cpu_of(id: u32) -> anyhow::Result<Duration> {
    cpu_of_each(&tree(id))
}

fn cpu_of_each(processes: &[u32]) -> anyhow::Result<Duration> {
    let ticks_a_second = sysconf(SysconfVar::CLK_TCK)?.unwrap_or(100) as f64;
    let mut ticks = 0;
    for id in processes {
        let text = fs::read_to_string(format!("/proc/{id}/stat"))?;
        ticks += ticks_of(&text).context("/proc/…/stat")?;
    }
    Ok(Duration::from_secs_f64(ticks as f64 / ticks_a_second))
}

/// User and system time of a line of `/proc/…/stat` (proc_pid_stat(5)), in ticks. The name in
/// brackets may hold spaces.
fn ticks_of(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}

/// A process and its children, theirs included.
fn tree(id: u32) -> Vec<u32> {
    let mut all = vec![id];
    let mut next = 0;
    while let Some(id) = all.get(next).copied() {
        next += 1;
        let Ok(tasks) = fs::read_dir(format!("/proc/{id}/task")) else {
            continue;
        };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            all.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
        }
    }
    all
}

fn kilobytes(text: &str, name: &str) -> anyhow::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(number.with_context(|| name.to_owned())?.parse()?)
}

/// A database server that runs on the core of the servers.
pub struct Postgres {
    postmaster: u32,
    /// Its version and what it promises of a commit.
    pub description: String,
}

impl Postgres {
    /// Pins the server that `url` leads to, and what it starts from now on.
    ///
    /// # Errors
    /// When a commit would not be on disk, unless `careless`: such figures would mean nothing.
    pub async fn pinned(url: &str, core: Core, careless: bool) -> anyhow::Result<Self> {
        let mut db = PgConnection::connect(url).await?;
        let mut setting = async |name: &str| -> anyhow::Result<String> {
            let sql = sqlx::AssertSqlSafe(format!("show {name}"));
            Ok(sqlx::query_scalar(sql).fetch_one(&mut db).await?)
        };
        let [fsync, commit] = [
            setting("fsync").await?,
            setting("synchronous_commit").await?,
        ];
        ensure!(
            careless || fsync == "on" && commit == "on",
            "fsync is {fsync}, synchronous_commit {commit}"
        );
        let version = setting("server_version").await?;
        let folder = setting("data_directory").await?;
        let file = fs::read_to_string(Path::new(&folder).join("postmaster.pid"))?;
        let postmaster = file.lines().next().context("postmaster.pid")?.parse()?;
        for id in tree(postmaster) {
            // One that ends meanwhile needs no core.
            let _ = pin(Pid::from_raw(i32::try_from(id)?), core);
        }
        Ok(Self {
            postmaster,
            description: format!(
                "PostgreSQL {version}, fsync {fsync}, synchronous_commit {commit}"
            ),
        })
    }

    /// CPU time of the server and of the connections that are open.
    ///
    /// # Errors
    /// When it has ended.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        cpu_of(self.postmaster)
    }
}

/// How much of a core something used over a time.
pub struct Usage {
    started: Instant,
    before: Duration,
}

impl Usage {
    /// From now on, given what was used before.
    pub fn since(before: Duration) -> Self {
        Self {
            started: Instant::now(),
            before,
        }
    }

    /// The share of one core, 1.0 for all of it, given what is used by now.
    pub fn share(&self, now: Duration) -> f64 {
        now.saturating_sub(self.before).as_secs_f64() / self.started.elapsed().as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::{Signal, kill};

    use super::*;

    #[test]
    fn times_are_read_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 31 11 0 0 20 0 1 0 5 6 7";
        assert_eq!(ticks_of(stat), Some(42));
        assert_eq!(ticks_of("7 (a) S 1"), None);
    }

    #[test]
    fn a_process_is_seen_with_its_children() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 100 & exec sleep 100"]);
        let mut process = Process::start(Some(SERVER), &shell, log.path()).unwrap();
        while tree(process.id()).len() < 2 {
            std::thread::yield_now();
        }
        assert!(process.memory().unwrap() > 0);
        assert!(process.cpu().unwrap() < Duration::from_secs(10));
        let child = tree(process.id())[1];
        process.kill();
        assert!(process.cpu().is_err());
        kill(Pid::from_raw(child.try_into().unwrap()), Signal::SIGKILL).unwrap();
    }
}
