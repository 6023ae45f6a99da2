//! A copy of the chat database, as an operator makes one, and putting it into the place of what came
//! since.

use super::Stack;
use crate::Server;

const COPY: &str = r"
    do $$
    declare name text;
    begin
      create schema backup;
      for name in select tablename from pg_tables where schemaname = 'public' loop
        execute format('create table backup.%1$I as table public.%1$I', name);
      end loop;
    end $$";

/// Triggers and foreign keys rest meanwhile: what is copied kept to them.
const PUT_BACK: &str = r"
    do $$
    declare
      name text;
      columns text;
    begin
      set local session_replication_role = replica;
      execute (select 'truncate ' || string_agg(format('public.%I', tablename), ', ')
               from pg_tables where schemaname = 'public');
      for name in select tablename from pg_tables where schemaname = 'public' loop
        select string_agg(quote_ident(column_name), ', ') into columns
        from information_schema.columns
        where table_schema = 'public' and table_name = name and is_generated = 'NEVER';
        execute format('insert into public.%1$I (%2$s) overriding system value
                        select %2$s from backup.%1$I', name, columns);
      end loop;
    end $$";

impl Stack {
    /// Copies what the chat server has stored. Once in the life of a stack.
    pub async fn back_up(&self) {
        let pool = self.chat_database();
        sqlx::raw_sql(COPY).execute(pool).await.unwrap();
    }

    /// Stops the chat servers, puts the copy back, and starts them again.
    pub async fn restore(&self) {
        self.stop(Server::Chat);
        let pool = self.chat_database();
        sqlx::raw_sql(PUT_BACK).execute(pool).await.unwrap();
        self.restart(Server::Chat).await;
    }
}
