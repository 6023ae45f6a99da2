//! Free ports that stay free: a port that the system hands out could be taken again, by another
//! test or an outgoing connection, before the server listens.

use std::{env, fs, fs::File, net::TcpListener};

/// Below the range that Linux gives to outgoing connections.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

/// A port that is this test's until the value goes: a lock file says so to other processes.
pub struct Port {
    /// The port.
    pub number: u16,
    _lock: File,
}

impl Port {
    /// Takes one.
    ///
    /// # Panics
    /// When none is free.
    pub fn reserve() -> Self {
        let folder = env::temp_dir().join("snug-test-ports");
        fs::create_dir_all(&folder).unwrap();
        let start: u16 = rand::random_range(RANGE);
        for number in (start..RANGE.end).chain(RANGE.start..start) {
            let lock = File::create(folder.join(number.to_string())).unwrap();
            // A restarted server takes the port again, so that the lock must outlive it.
            if lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok() {
                return Self {
                    number,
                    _lock: lock,
                };
            }
        }
        panic!("no free port");
    }
}
