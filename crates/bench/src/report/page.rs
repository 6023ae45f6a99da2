//! The page: first what was asked and what came out, then a section for each scenario.

use std::{
    fmt::{self, Write},
    fs,
    path::Path,
};

use anyhow::Context;

use super::{
    row::{Row, Verdict},
    section::Section,
};

/// Scenarios in the order of the page, with the number of the bar that each of them answers.
const ORDER: [(&str, u8); 16] = [
    ("durable", 1),
    ("scale", 1),
    ("latency", 2),
    ("fanout", 3),
    ("open-loop", 4),
    ("memory", 5),
    ("avalanche", 6),
    ("gateway", 7),
    ("hashes", 8),
    ("codes", 8),
    ("flood", 8),
    ("login-flood", 8),
    ("loss", 9),
    ("slow-reader", 10),
    ("hostile", 11),
    ("encryption", 13),
];

const HEAD: &str = "# Benchmarks

`cargo xtask bench` wrote this page: it measures Snug beside peers that do the same job, in one run \
on one machine. A side's figure is the median of its rounds, with the smallest and the largest in \
brackets; a ratio is that of two medians. Peers and Snug take turns. The servers are the released \
binaries, the database is a PostgreSQL that syncs every commit to disk, servers and what drives \
them run on the same machine over loopback. The peers' programs are in \
[crates/bench/peers](../crates/bench/peers).
";

/// Writes `docs/benchmarks.md` and the plots from what `docs/benchmarks/` holds; `docs` is their
/// folder.
///
/// # Errors
/// When a file cannot be read or written.
pub fn render(docs: &Path) -> anyhow::Result<()> {
    let folder = docs.join("benchmarks");
    let sections = sorted(Section::load_all(&folder)?);
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|end| end == "svg") {
            fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
    }
    for (name, svg) in sections.iter().flat_map(pictures) {
        let path = folder.join(name);
        fs::write(&path, svg).with_context(|| path.display().to_string())?;
    }
    let path = docs.join("benchmarks.md");
    fs::write(&path, page(&sections)).with_context(|| path.display().to_string())
}

fn sorted(mut sections: Vec<Section>) -> Vec<Section> {
    let place = |section: &Section| {
        let place = ORDER.iter().position(|(name, _)| *name == section.scenario);
        place.unwrap_or(ORDER.len())
    };
    sections.sort_by_key(place);
    sections
}

/// Files of plots and what is in them.
fn pictures(section: &Section) -> impl Iterator<Item = (String, String)> {
    let plots = section.plots.iter();
    plots.map(|plot| (file_of(section, &plot.title), plot.svg()))
}

fn file_of(section: &Section, title: &str) -> String {
    format!("{}-{}.svg", section.scenario, anchor(title))
}

fn page(sections: &[Section]) -> String {
    let mut text = HEAD.to_owned();
    // Writing to a string does not fail.
    let _ = summary(&mut text, sections);
    for section in sections {
        let _ = describe(&mut text, section);
    }
    text
}

fn summary(text: &mut String, sections: &[Section]) -> fmt::Result {
    let heads = ["bar", "scenario", "figure", "asked", "measured", ""];
    writeln!(text)?;
    line(text, &heads.map(str::to_owned))?;
    rule(text, heads.len())?;
    for section in sections {
        let bar = ORDER.iter().find(|(name, _)| *name == section.scenario);
        let bar = bar.map_or(String::new(), |(_, number)| number.to_string());
        let link = format!("[{}](#{})", section.scenario, anchor(&section.title));
        for row in &section.rows {
            for verdict in row.verdicts() {
                let mark = mark(&verdict);
                let Verdict {
                    asked, measured, ..
                } = verdict;
                let what = row.what.clone();
                line(
                    text,
                    &[bar.clone(), link.clone(), what, asked, measured, mark],
                )?;
            }
        }
    }
    Ok(())
}

fn describe(text: &mut String, section: &Section) -> fmt::Result {
    writeln!(text, "\n## {}\n\n{}", section.title, section.how)?;
    let mut rows = &section.rows[..];
    while let Some(first) = rows.first() {
        // Rows of the same sides share a table.
        let count = rows.iter().take_while(|row| row.names() == first.names());
        let (together, rest) = rows.split_at(count.count());
        table(text, together)?;
        rows = rest;
    }
    for note in &section.notes {
        writeln!(text, "\n{note}")?;
    }
    for plot in &section.plots {
        let equations = plot.equations().join("; ");
        let file = file_of(section, &plot.title);
        writeln!(text, "\n![{}](benchmarks/{file})", plot.title)?;
        if !equations.is_empty() {
            writeln!(text, "\nFitted: {equations}.")?;
        }
    }
    if !section.changes.is_empty() {
        writeln!(text, "\n### What was changed, and what it gave\n")?;
        line(text, &["change", "before", "after"].map(str::to_owned))?;
        rule(text, 3)?;
        for change in &section.changes {
            let cells = [&change.what, &change.before, &change.after];
            line(text, &cells.map(Clone::clone))?;
        }
    }
    let with = &section.surroundings;
    writeln!(
        text,
        "\nMeasured on {} by `{}`: {}.",
        with.date, with.command, with.machine
    )?;
    if !with.versions.is_empty() {
        writeln!(text, "Versions: {}.", with.versions.join(", "))?;
    }
    Ok(())
}

fn table(text: &mut String, rows: &[Row]) -> fmt::Result {
    let Some(first) = rows.first() else {
        return Ok(());
    };
    let peers = first.names().len() > 1;
    let asked = rows.iter().any(|row| !row.verdicts().is_empty());
    let mut heads = vec!["figure"];
    heads.extend(first.names());
    heads.extend(peers.then_some("ratio"));
    heads.extend(asked.then_some("asked"));
    writeln!(text)?;
    line(text, &heads)?;
    rule(text, heads.len())?;
    for row in rows {
        let mut cells = vec![row.what.clone()];
        cells.extend(row.figures());
        cells.extend(peers.then(|| row.ratios().join(", ")));
        cells.extend(asked.then(|| {
            let verdicts = row.verdicts();
            let verdicts = verdicts.iter();
            let texts = verdicts.map(|verdict| format!("{}: {}", verdict.asked, mark(verdict)));
            texts.collect::<Vec<_>>().join(", ")
        }));
        line(text, &cells)?;
    }
    Ok(())
}

fn mark(verdict: &Verdict) -> String {
    if verdict.met { "met" } else { "**not met**" }.to_owned()
}

fn line(text: &mut String, cells: &[impl AsRef<str>]) -> fmt::Result {
    for cell in cells {
        write!(text, "| {} ", cell.as_ref().replace('|', "\\|"))?;
    }
    writeln!(text, "|")
}

fn rule(text: &mut String, columns: usize) -> fmt::Result {
    writeln!(text, "{}|", "|---".repeat(columns))
}

/// What the forges make of a heading: small letters, digits and hyphens.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' => Some('-'),
        letter if letter.is_alphanumeric() => Some(letter.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Axis, Bar, Fit, Limit, Plot};

    fn docs() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
    }

    fn section() -> Section {
        let mut section = Section::new("durable", "Durable, at 64 senders", "By counting.");
        section.surroundings.date = "2026-11-20".to_owned();
        section.surroundings.machine = "2 cores".to_owned();
        section.surroundings.versions = vec!["Node 20".to_owned(), "PostgreSQL 15".to_owned()];
        section
    }

    #[test]
    fn a_page_is_tables_plots_and_how() {
        let mut section = section();
        let bars = [
            Bar::AtLeast {
                times: 2.0,
                of: "Node",
            },
            Bar::AtLeast {
                times: 9.0,
                of: "Flask",
            },
        ];
        let sides: [(&str, &[f64]); 3] = [
            ("Snug", &[4.0, 2.0, 3.0]),
            ("Node", &[1.0]),
            ("Flask", &[0.5]),
        ];
        section.compare("messages", "/s", &sides, &bars);
        section.figure("lost", "messages", &[0.0], Some(Limit::AtMost(0.0)));
        section.figure("rooms | members", "", &[10.0], None);
        section.note("A note.");
        let plot = Plot::new("Cost by rows", Axis::linear("x"), Axis::linear("y"));
        section.plot(plot.series("Snug", &[(0.0, 1.0), (2.0, 5.0)], Fit::Linear));
        section.change("batches", "1 /s", "3 /s");
        let text = page(&[section]);
        assert_eq!(
            text.strip_prefix(HEAD).unwrap(),
            "
| bar | scenario | figure | asked | measured |  |
|---|---|---|---|---|---|
| 1 | [durable](#durable-at-64-senders) | messages | at least 2 × Node | 3 × Node | met |
| 1 | [durable](#durable-at-64-senders) | messages | at least 9 × Flask | 6 × Flask | **not met** |
| 1 | [durable](#durable-at-64-senders) | lost | at most 0 messages | 0 messages | met |

## Durable, at 64 senders

By counting.

| figure | Snug | Node | Flask | ratio | asked |
|---|---|---|---|---|---|
| messages | 3 /s (2 to 4) | 1 /s | 0.5 /s | 3 × Node, 6 × Flask | at least 2 × Node: met, at least 9 × Flask: **not met** |

| figure | Snug | asked |
|---|---|---|
| lost | 0 messages | at most 0 messages: met |
| rooms \\| members | 10 |  |

A note.

![Cost by rows](benchmarks/durable-cost-by-rows.svg)

Fitted: Snug: y = 1 + 2 x, R² = 1.000.

### What was changed, and what it gave

| change | before | after |
|---|---|---|
| batches | 1 /s | 3 /s |

Measured on 2026-11-20 by `cargo xtask bench durable`: 2 cores.
Versions: Node 20, PostgreSQL 15.
"
        );
    }

    #[test]
    fn what_is_rendered_again_leaves_nothing_behind() {
        let docs = tempfile::tempdir().unwrap();
        let folder = docs.path().join("benchmarks");
        let mut one = section();
        one.plot(Plot::new("old", Axis::linear("x"), Axis::linear("y")));
        one.save(&folder).unwrap();
        render(docs.path()).unwrap();
        assert!(folder.join("durable-old.svg").exists());
        section().save(&folder).unwrap();
        render(docs.path()).unwrap();
        assert!(!folder.join("durable-old.svg").exists());
        assert!(docs.path().join("benchmarks.md").exists());
    }

    #[test]
    fn the_page_of_this_repository_is_not_stale() {
        let sections = sorted(Section::load_all(&docs().join("benchmarks")).unwrap());
        let advice = "stale: run `cargo xtask bench render`";
        let written = fs::read_to_string(docs().join("benchmarks.md")).unwrap();
        assert!(written == page(&sections), "docs/benchmarks.md is {advice}");
        for (name, svg) in sections.iter().flat_map(pictures) {
            let path = docs().join("benchmarks").join(&name);
            let drawn = fs::read_to_string(path).unwrap_or_default();
            assert!(drawn == svg, "docs/benchmarks/{name} is {advice}");
        }
    }

    #[test]
    fn headings_are_linked_to() {
        assert_eq!(
            anchor("TOTP codes: 64 in flight"),
            "totp-codes-64-in-flight"
        );
        assert_eq!(anchor("Slow-reader & co."), "slow-reader--co");
    }
}
