//! What a running stack leaves behind: certificates, logs, mails, rows.

use std::{fs, path::PathBuf};

use sqlx::{AssertSqlSafe, PgPool, Row};

use super::Stack;
use crate::{Server, mails::codes_in, until};

impl Stack {
    /// The certificate that clients trust.
    pub fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Where a server writes; of several chat servers, the first. Mails are among what the MFA
    /// service writes.
    pub fn log_file(&self, server: Server) -> PathBuf {
        self.log_path((server, 0))
    }

    /// Everything that a server has written, one node after the other.
    pub fn log(&self, server: Server) -> String {
        let read = |place| fs::read_to_string(self.log_path(place)).unwrap_or_default();
        self.places_of(server).into_iter().map(read).collect()
    }

    /// The newest code that was mailed to an address.
    pub async fn mailed_code(&self, address: &str) -> String {
        self.mailed_codes(address, 1).await.pop().unwrap()
    }

    /// The codes that were mailed to an address, oldest first, once there are `count`.
    pub async fn mailed_codes(&self, address: &str, count: usize) -> Vec<String> {
        until(&format!("mail {count} to {address}"), || async {
            let codes = codes_in(&self.log(Server::Mfa), address);
            (codes.len() >= count).then_some(codes)
        })
        .await
    }

    /// From now on nobody's second factor is fresh.
    pub async fn let_factors_age(&self) {
        sqlx::query("update sessions set factor_at = now() - interval '6 minutes'")
            .execute(&self.chat_database.pool)
            .await
            .unwrap();
    }

    /// Every file that the chat server keeps on its disk, in no order.
    pub fn stored_files(&self) -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().join("files")];
        while let Some(folder) = folders.pop() {
            for found in fs::read_dir(folder).unwrap() {
                let path = found.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => files.push(fs::read(path).unwrap()),
                }
            }
        }
        files
    }

    /// Both databases as text, every row of every table: bytes in hexadecimal.
    pub async fn dump(&self) -> String {
        let chat = dump_of(self.chat_database()).await;
        chat + &dump_of(self.mfa_database()).await
    }
}

/// A database as text, a line for every row of every table: bytes in hexadecimal.
pub async fn dump_of(database: &PgPool) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables
         where schemaname not in ('pg_catalog', 'information_schema')",
    )
    .fetch_all(database)
    .await
    .unwrap();
    assert!(!tables.is_empty());
    let mut text = String::new();
    for table in tables {
        let sql = AssertSqlSafe(format!("select row_to_json(t)::text from {table} t"));
        for row in sqlx::query(sql).fetch_all(database).await.unwrap() {
            text.push_str(row.get(0));
            text.push('\n');
        }
    }
    text
}
