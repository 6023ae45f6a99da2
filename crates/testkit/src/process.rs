//! One server process: its environment, its log, its end.

use std::{
    env, fs,
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// A running server. It is killed with this value.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts a built binary; standard output and error are appended to `log`.
    pub(crate) fn start(binary: &str, variables: &[(String, String)], log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let child = Command::new(path_of(binary))
            .env_clear()
            .env("RUST_BACKTRACE", "1")
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stderr(file.try_clone().unwrap())
            .stdout(file)
            .spawn()
            .unwrap();
        Self { child }
    }

    /// SIGKILL: no chance to tidy up.
    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM, then waits for the end.
    pub(crate) fn stop(&mut self) {
        let pid = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(pid, Signal::SIGTERM).unwrap();
        for _ in 0..2_000 {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("the server does not stop");
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Resident memory, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most resident memory since the start or [`Self::forget_peak`], in bytes.
    pub(crate) fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// From now on the peak is what the memory rises to.
    pub(crate) fn forget_peak(&self) {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").unwrap();
    }

    fn status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes: u64 = line
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kilobytes * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The binary beside this test's own: `target/<profile>/<name>`.
fn path_of(binary: &str) -> PathBuf {
    let test = env::current_exe().unwrap();
    let profile = test
        .ancestors()
        .find(|folder| folder.join("deps").is_dir())
        .unwrap();
    let path = profile.join(binary);
    assert!(
        path.exists(),
        "{} is not built; run `cargo build -p chat -p mfa -p gateway` or `cargo xtask test rust`",
        path.display()
    );
    path
}
