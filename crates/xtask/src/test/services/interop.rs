//! Another implementation of MLS as a client of the real servers: ts-mls, in Node.

use super::node_packages;
use crate::{
    postgres::{Cluster, Durability},
    terminal::run_test as run,
    workspace,
};

/// Runs `crates/testkit/tests/interop`, which starts servers and clients by itself.
pub(super) fn test() -> anyhow::Result<()> {
    node_packages(&workspace::path("crates/testkit/interop"))?;
    let cluster = Cluster::scratch(Durability::None)?;
    run(workspace::cargo()
        .args(["test", "--quiet", "-p", "testkit", "--test", "interop"])
        .env("TEST_DATABASE_URL", cluster.scratch_url("postgres")))
}
