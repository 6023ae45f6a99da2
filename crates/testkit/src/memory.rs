//! How much memory the servers take.

use crate::{Server, Stack, process::Process};

impl Stack {
    /// Resident memory of all servers, in bytes.
    pub fn memory(&self) -> u64 {
        self.processes
            .lock()
            .unwrap()
            .values()
            .map(Process::memory)
            .sum()
    }

    /// How far the resident memory of these servers rises while something happens, in bytes: the
    /// sum of what each of them had at its worst above what it had before.
    pub async fn growth(&self, servers: &[Server], work: impl Future<Output = ()>) -> u64 {
        let of_all = |figure: fn(&Process) -> u64| -> u64 {
            let processes = self.processes.lock().unwrap();
            let wanted = processes
                .iter()
                .filter(|(place, _)| servers.contains(&place.0));
            wanted.map(|(_, process)| figure(process)).sum()
        };
        let before = of_all(|process| {
            process.forget_peak();
            process.memory()
        });
        work.await;
        of_all(Process::peak).saturating_sub(before)
    }
}
