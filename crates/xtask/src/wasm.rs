//! The engine for browsers: crates/web compiled to WebAssembly with its JavaScript and types.

use std::{
    env, fmt, fs,
    io::Write,
    iter,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail, ensure};
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    terminal::{output, run, say, step},
    workspace,
};

const TARGET: &str = "wasm32-unknown-unknown";
/// What browsers of the last years know; wasm-opt refuses what it is not told of.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];
/// Smaller and faster: Chrome knows it since 91, Firefox since 89 and Safari since 16.4, which are
/// older than what the page is built for (frontend/vite.config.ts).
const VECTORS: &str = "-Ctarget-feature=+simd128";

/// How many bytes of the engine a browser may have to fetch at its first visit: by brotli, which
/// the gateway serves to all that this app is built for.
const BAR: usize = 700_000;

/// Names what the engine is built with that is not ready for everybody, with commas between: the
/// page then shows its switches.
const EXPERIMENTS: &str = "SNUG_EXPERIMENTS";
/// What there is; each is a feature of crates/web.
const KNOWN: [&str; 1] = ["post-quantum"];

/// Builds into frontend/src/core/wasm unless nothing changed since the last time.
///
/// # Errors
/// When the target cannot be installed, the build fails, or the engine outgrew its bar.
pub fn build() -> anyhow::Result<()> {
    let folder = workspace::path("frontend/src/core/wasm");
    let optimizer = Some(workspace::path("frontend/node_modules/.bin/wasm-opt"));
    let optimizer = optimizer.filter(|path| path.exists());
    let inputs: Vec<PathBuf> = ["Cargo.toml", "Cargo.lock"]
        .iter()
        .map(|file| workspace::path(file))
        .chain(
            ["protocol", "e2ee", "engine", "web"]
                .iter()
                .flat_map(|name| ["Cargo.toml", "src"].map(|part| format!("crates/{name}/{part}")))
                .map(|part| workspace::path(&part)),
        )
        .collect();
    let rustc = output(Command::new("rustc").arg("-V"))?;
    let flags = flags()?;
    let experiments = experiments(&env::var(EXPERIMENTS).unwrap_or_default())?;
    let besides = format!("{rustc}{}{flags}{experiments:?}", optimizer.is_some());
    let state = workspace::fingerprint(&inputs, &besides)?;
    let stamp = workspace::target().join("wasm/stamp");
    let standing = fs::read_to_string(&stamp).unwrap_or_default();
    if standing == state && folder.join("web_bg.wasm").exists() {
        return Ok(());
    }
    step("Compiling the engine for browsers", || {
        check_target()?;
        compile(&folder, optimizer.as_deref(), &flags, &experiments)
    })?;
    let bytes = fs::read(folder.join("web_bg.wasm"))?;
    let home = workspace::cargo_home();
    if holds(&bytes, home.to_string_lossy().as_bytes()) {
        bail!(
            "the module names {}: no other machine could make the same",
            home.display()
        );
    }
    let served = Served::of(&bytes)?;
    say(&format!("  engine: {} kB, {served}", bytes.len() / 1000));
    if optimizer.is_none() {
        say("  (not optimised: `npm ci` in frontend/ brings wasm-opt)");
    } else if experiments.is_empty() {
        served.check()?;
    } else {
        say(&format!(
            "  (with {}: not held to {} kB)",
            experiments.join(", "),
            BAR / 1000
        ));
    }
    fs::write(&stamp, state).with_context(|| stamp.display().to_string())?;
    Ok(())
}

/// The features that a list of experiments asks for.
fn experiments(list: &str) -> anyhow::Result<Vec<&'static str>> {
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| {
            KNOWN
                .into_iter()
                .find(|known| *known == name)
                .with_context(|| {
                    format!(
                        "{EXPERIMENTS} names `{name}`, which there is none of; known: {}",
                        KNOWN.join(", ")
                    )
                })
        })
        .collect()
}

/// Builds the module with what `cargo xtask bench browser` measures; returns its folder.
///
/// # Errors
/// When the build fails.
pub fn build_for_bench() -> anyhow::Result<PathBuf> {
    let folder = workspace::target().join("wasm/bench");
    let optimizer = workspace::path("frontend/node_modules/.bin/wasm-opt");
    step("Compiling what is measured for browsers", || {
        check_target()?;
        compile(&folder, Some(&optimizer), &flags()?, &["bench"])
    })?;
    Ok(folder)
}

/// Bytes over the wire, packed as the gateway packs them (`gateway/src/frontend/asset.rs`).
struct Served {
    brotli: usize,
    gzip: usize,
}

impl Served {
    fn of(module: &[u8]) -> anyhow::Result<Self> {
        let parameters = BrotliEncoderParams {
            quality: 11,
            ..Default::default()
        };
        let mut brotli = Vec::new();
        brotli::BrotliCompress(&mut &*module, &mut brotli, &parameters)?;
        let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
        gzip.write_all(module)?;
        Ok(Self {
            brotli: brotli.len(),
            gzip: gzip.finish()?.len(),
        })
    }

    fn check(&self) -> anyhow::Result<()> {
        ensure!(
            self.brotli <= BAR,
            "the engine takes {} bytes over the wire, {} more than it may: see `BAR` in {}",
            self.brotli,
            self.brotli - BAR,
            file!(),
        );
        Ok(())
    }
}

impl fmt::Display for Served {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { brotli, gzip } = self;
        write!(
            out,
            "served in {} kB (brotli) or {} kB (gzip)",
            brotli / 1000,
            gzip / 1000
        )
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn check_target() -> anyhow::Result<()> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET);
    if library.exists() {
        return Ok(());
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status();
    if !added.is_ok_and(|status| status.success()) {
        bail!("Rust lacks the target {TARGET}; run `rustup target add {TARGET}` with a network");
    }
    Ok(())
}

/// What the compiler is told besides the profile, separated as Cargo wants it. The module does not
/// tell where this machine keeps its sources, which panics name: the same sources make the same
/// module elsewhere. Of several names that fit a path the last one counts.
fn flags() -> anyhow::Result<String> {
    let home = workspace::cargo_home();
    // The folder of a registry's sources is named by its address, which a mirror changes.
    let mut registries = Vec::new();
    for entry in fs::read_dir(home.join("registry/src"))
        .into_iter()
        .flatten()
    {
        registries.push(entry?.path());
    }
    registries.sort();
    let places = [
        (workspace::root(), "/snug"),
        (workspace::target(), "/target"),
        (home, "/cargo"),
    ];
    let registries = registries.into_iter().map(|folder| (folder, "/crates"));
    let names = places
        .into_iter()
        .chain(registries)
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let flags = iter::once(VECTORS.to_owned()).chain(names);
    Ok(flags.collect::<Vec<_>>().join("\x1f"))
}

fn compile(
    folder: &Path,
    optimizer: Option<&Path>,
    flags: &str,
    features: &[&str],
) -> anyhow::Result<()> {
    // A folder of its own: the locks and the features of other builds do not mix with this one.
    let target = workspace::target().join("wasm");
    run(workspace::cargo()
        .args([
            "build",
            "--package",
            "web",
            "--lib",
            "--profile",
            "wasm",
            "--target",
            TARGET,
        ])
        .args(["--features", &features.join(",")])
        .arg("--target-dir")
        .arg(&target)
        .env("CARGO_ENCODED_RUSTFLAGS", flags))?;
    let module = target.join(TARGET).join("wasm/web.wasm");
    let draft = target.join("bindings");
    let _ = fs::remove_dir_all(&draft);
    Bindgen::new()
        .input_path(&module)
        .web(true)?
        .typescript(true)
        .remove_producers_section(true)
        .generate(&draft)
        .context("wasm-bindgen")?;
    if let Some(optimizer) = optimizer {
        let plain = draft.join("web_bg.wasm");
        let small = draft.join("small.wasm");
        run(Command::new(optimizer)
            .args([
                "-Os",
                "--strip-debug",
                "--strip-producers",
                "--strip-target-features",
            ])
            .args(FEATURES)
            .arg(&plain)
            .arg("-o")
            .arg(&small))?;
        fs::rename(&small, &plain)?;
    }
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(&draft)? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_this_machine_gets_another_name() {
        let flags = flags().unwrap();
        let root = format!("--remap-path-prefix={}=/snug", workspace::root().display());
        let all: Vec<_> = flags.split('\x1f').collect();
        assert_eq!(all[..2], [VECTORS, &root]);
        // The last that fits counts: what lies deeper comes later.
        let home = format!("--remap-path-prefix={}", workspace::cargo_home().display());
        let deeper = all[4..].iter().all(|flag| flag.starts_with(&home));
        assert!(deeper && all[3].starts_with(&home), "{all:?}");
    }

    #[test]
    fn an_engine_over_the_bar_is_refused() {
        let served = |brotli| Served { brotli, gzip: 0 };
        assert!(served(BAR).check().is_ok());
        let fault = served(BAR + 3).check().unwrap_err().to_string();
        assert!(
            fault.contains("700003 bytes") && fault.contains(" 3 more"),
            "{fault}"
        );
    }

    #[test]
    fn experiments_are_known_by_their_names() {
        assert_eq!(experiments("").unwrap(), Vec::<&str>::new());
        assert_eq!(experiments(" post-quantum,").unwrap(), ["post-quantum"]);
        let fault = experiments("post-quantum,faster").unwrap_err().to_string();
        assert!(fault.contains("`faster`"), "{fault}");
    }

    #[test]
    fn what_is_served_is_counted_packed() {
        let served = Served::of(&[7; 100_000]).unwrap();
        assert!(served.brotli < 1000 && served.gzip < 1000);
        assert_eq!(
            Served {
                brotli: 601_999,
                gzip: 702_000
            }
            .to_string(),
            "served in 601 kB (brotli) or 702 kB (gzip)"
        );
    }

    #[test]
    fn a_place_inside_a_module_is_found() {
        assert!(holds(b"\0asm/root/.cargo/registry", b"/root/.cargo"));
        assert!(!holds(b"\0asm/crates/hpke-0.15.1", b"/root/.cargo"));
        assert!(!holds(b"", b"/root/.cargo"));
    }
}
