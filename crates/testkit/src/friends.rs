//! Two people who know each other.

use crate::{Device, Person, Stack};

/// Ana and Bo, contacts, with a live device each.
pub async fn friends(stack: &Stack) -> (Device, Device) {
    let (ana, bo) = tokio::join!(
        Person::sign_up(stack, "ana"),
        Person::sign_up(stack, "bo.l")
    );
    ana.befriend(&bo).await;
    tokio::join!(Device::set_up(&ana), Device::set_up(&bo))
}
