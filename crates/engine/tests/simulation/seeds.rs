//! Stretches of worlds, each world from its seed, as tests.

use std::ops::Range;

/// Says how a world is run again that fails.
struct Told {
    variable: &'static str,
    seed: u64,
}

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("replay with {}={}", self.variable, self.seed);
        }
    }
}

/// Runs one world after another. Those of `variable` are replayed by it: see [`named`].
pub(crate) fn run_each(variable: &'static str, seeds: Range<u64>, run: impl Fn(u64)) {
    for seed in seeds {
        let _told = Told { variable, seed };
        run(seed);
    }
}

/// The seeds that a variable of the environment names, `7` or `7..90`, or else 1000.
pub(crate) fn named(variable: &str) -> Range<u64> {
    let named = std::env::var(variable).unwrap_or_else(|_| "1000".to_owned());
    let (from, to) = named.split_once("..").unwrap_or((&named, ""));
    let from: u64 = from.parse().unwrap();
    from..to.parse().unwrap_or(from + 1)
}

/// A test for each stretch: `run by VARIABLE: name from..to; …`.
macro_rules! seeds {
    ($run:ident by $variable:expr; $($name:ident $range:expr;)*) => {$(
        #[test]
        fn $name() {
            crate::seeds::run_each($variable, $range, $run);
        }
    )*};
}
pub(crate) use seeds;
