//! Writes the seeds of all targets under `corpus/`.

use std::{io, path::Path};

fn main() -> io::Result<()> {
    fuzz::write_seeds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus"))
}
