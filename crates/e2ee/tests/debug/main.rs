//! What is printed of every public type: never a secret.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod marker;
mod story;
mod types;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{Debug, Display},
};

use e2ee::{
    PublicRoom,
    file::{Opener, SealedEnd, SealedFile, Sealer},
};

use marker::{MARK, holds};

/// What was printed, by the name of the type.
#[derive(Default)]
struct Printed(BTreeMap<String, String>);

impl Printed {
    /// Prints a value in all ways that a log may.
    fn see<T: Debug>(&mut self, value: &T) {
        let path = std::any::type_name::<T>().split('<').next().unwrap();
        let name = path.rsplit("::").next().unwrap();
        let lines = self.0.entry(name.to_owned()).or_default();
        lines.push_str(&format!("{value:?} {value:#?} {value:x?}\n"));
    }

    fn see_error<T: Debug + Display>(&mut self, error: &T) {
        self.see(&error.to_string());
        self.see(error);
    }
}

#[test]
fn no_type_prints_a_secret() {
    let story = story::tell();
    for (name, lines) in &story.printed.0 {
        assert!(!holds(lines, MARK), "{name}: {lines}");
        for secret in &story.secrets {
            assert!(!holds(lines, secret), "{name}: {lines}");
        }
    }
}

#[test]
fn every_public_type_is_printed() {
    let mut walked: BTreeSet<_> = story::tell().printed.0.into_keys().collect();
    walked.remove("String");
    let silent = ["Opener", "PublicRoom", "SealedEnd", "SealedFile", "Sealer"];
    walked.extend(silent.map(str::to_owned));
    assert_eq!(walked, types::public_types());
}

/// Types that have no `Debug` at all. With one this would not compile: two implementations would
/// fit.
#[test]
fn some_cannot_be_printed() {
    trait Ambiguous<A> {
        fn prints() -> bool {
            false
        }
    }
    struct ByDebug;
    impl<T: ?Sized> Ambiguous<()> for T {}
    impl<T: ?Sized + Debug> Ambiguous<ByDebug> for T {}
    assert!(!<SealedFile as Ambiguous<_>>::prints());
    assert!(!<SealedEnd as Ambiguous<_>>::prints());
    assert!(!<Sealer as Ambiguous<_>>::prints());
    assert!(!<Opener<Vec<u8>> as Ambiguous<_>>::prints());
    assert!(!<PublicRoom as Ambiguous<_>>::prints());
}

#[test]
fn keys_print_their_names() {
    let printed = story::tell().printed;
    for name in [
        "AccountKey",
        "ArchiveKey",
        "ArchiveKeys",
        "AwaitingAnswer",
        "AwaitingDigits",
        "AwaitingReveal",
        "BundleKey",
        "RecoveryKey",
        "ScannedCode",
        "ShowingDigits",
        "ShownCode",
        "Unconfirmed",
    ] {
        let blank = format!("{name}(…)");
        assert_eq!(
            printed.0[name].lines().next().unwrap(),
            format!("{blank} {blank} {blank}")
        );
    }
    for (name, start) in [
        (
            "Client",
            "Client(DeviceKeys(00000000-0000-0000-0000-000000000002, …), …) ",
        ),
        (
            "DeviceKeys",
            "DeviceKeys(00000000-0000-0000-0000-000000000002, …) ",
        ),
        (
            "Handover",
            "Handover { keyring: Keyring { account_key: AccountKey(…), list_version: 7, \
             archive_keys: ArchiveKeys(…) }, vault_version: 9, bundle_key: Some(BundleKey(…)) } ",
        ),
        ("Opened", "Application(…) "),
        ("Vault", "Vault { pins: {"),
    ] {
        assert!(printed.0[name].starts_with(start), "{}", printed.0[name]);
    }
}
