//! The public types of the crate, read from its source.

use std::{collections::BTreeSet, fs, path::Path};

/// The names of all public structures and enumerations.
pub fn public_types() -> BTreeSet<String> {
    let mut types = BTreeSet::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut types,
    );
    types
}

fn collect(folder: &Path, types: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, types);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.lines().filter_map(|line| {
                let rest = line.strip_prefix("pub ")?;
                let rest = rest
                    .strip_prefix("struct ")
                    .or(rest.strip_prefix("enum "))?;
                rest.split(|character: char| !character.is_alphanumeric())
                    .next()
            });
            types.extend(names.map(str::to_owned));
        }
    }
}
