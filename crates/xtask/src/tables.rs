//! `docs/encryption.md` says of every table what a server learns by it. Held here against the
//! migrations: no table is forgotten there, and none is named that is gone.

use std::{collections::BTreeSet, fs};

use crate::workspace;

#[test]
fn the_page_names_every_table_of_both_databases() {
    let page = fs::read_to_string(workspace::path("docs/encryption.md")).unwrap();
    for (service, heading) in [
        ("chat", "\n### Chat database\n"),
        ("mfa", "\n### MFA database\n"),
    ] {
        let mut files = Vec::new();
        let folder = workspace::path(&format!("migrations/{service}"));
        workspace::collect(&folder, &mut files).unwrap();
        files.sort();
        let mut there = BTreeSet::new();
        for file in files {
            migrate(&fs::read_to_string(file).unwrap(), &mut there);
        }
        assert!(!there.is_empty());
        assert_eq!(named(&page, heading), there, "{service}");
    }
}

/// The names in the first column of the table below a heading.
fn named(page: &str, heading: &str) -> BTreeSet<String> {
    let (_, section) = page.split_once(heading).unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.take_while(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    names.map(str::to_owned).collect()
}

/// What a migration makes of the tables that are there.
fn migrate(sql: &str, tables: &mut BTreeSet<String>) {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap());
    let sql = lines.collect::<Vec<_>>().join("\n").to_lowercase();
    for statement in sql.split(';') {
        // Bodies of functions begin in front of their first statement.
        let words: Vec<_> = statement
            .split(|character: char| character.is_whitespace() || "(),".contains(character))
            .filter(|word| !word.is_empty())
            .filter(|word| !["if", "not", "exists", "only", "unlogged"].contains(word))
            .collect();
        match words.as_slice() {
            ["create", "table", name, ..] => {
                assert!(tables.insert((*name).to_owned()), "{name} is made twice");
            }
            ["drop", "table", names @ ..] => {
                for name in names.iter().filter(|name| **name != "cascade") {
                    assert!(tables.remove(*name), "{name} was not there");
                }
            }
            ["alter", "table", from, "rename", "to", to] => {
                assert!(tables.remove(*from), "{from} was not there");
                assert!(tables.insert((*to).to_owned()), "{to} was there");
            }
            // Whatever else makes a table has to be understood here first.
            words => assert!(
                !words.windows(2).any(|two| two == ["create", "table"]),
                "{statement}"
            ),
        }
    }
}

#[test]
fn tables_come_go_and_are_renamed() {
    let mut tables = BTreeSet::new();
    migrate(
        "-- create table none (id int);\n\
         CREATE TABLE one (id int); create unlogged table if not exists two(id int);\n\
         create table three (id int, rename_to text); create index on three (id);\n\
         alter table three rename column rename_to to note;",
        &mut tables,
    );
    assert_eq!(tables, ["one", "two", "three"].map(str::to_owned).into());
    migrate(
        "alter table one rename to four; drop table if exists two, three cascade;",
        &mut tables,
    );
    assert_eq!(tables, ["four".to_owned()].into());
}
