//! The compose files keep what they promise: few rights, few doors, every variable passed on.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::{Map, Value};

const ALL: &str = "docker-compose.yml";
const ALONE: &str = "crates/mfa/compose.yml";
/// What the servers read and a container has by its image or its place, not by `.env`.
const SETTLED: [&str; 13] = [
    "ADMIN_LISTEN",
    "ALLOWED_CLIENTS",
    "CLIENT_CERT",
    "CLIENT_KEY",
    "DATABASE_URL",
    "DEV_FRONTEND",
    "FRONTEND_DIR",
    "LISTEN",
    "LOG_FILE",
    "MFA_CLIENT_ID",
    "MFA_ISSUER",
    "MFA_NAME",
    "SECRET_KEY",
];

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// A compose file with its anchors and merges resolved.
struct Compose(Map<String, Value>);

impl Compose {
    fn open(path: &str) -> Self {
        Self(serde_saphyr::from_str(&read(path)).unwrap())
    }

    fn services(&self) -> BTreeMap<&str, &Value> {
        let services = self.0["services"].as_object().unwrap();
        services
            .iter()
            .map(|(name, service)| (name.as_str(), service))
            .collect()
    }

    /// The services of a network.
    fn on(&self, network: &str) -> Vec<&str> {
        let all = self.services().into_iter();
        all.filter(|(_, service)| texts(&service["networks"]).contains(&network))
            .map(|(name, _)| name)
            .collect()
    }

    /// Every service with what it mounts: volume, place, whether it may write there.
    fn mounts(&self) -> Vec<(&str, &str, &str, bool)> {
        let mut found = Vec::new();
        for (name, service) in self.services() {
            for mount in texts(&service["volumes"]) {
                let (volume, place) = mount.split_once(':').unwrap();
                let (place, writes) = match place.strip_suffix(":ro") {
                    Some(place) => (place, false),
                    None => (place, true),
                };
                found.push((name, volume, place, writes));
            }
        }
        found
    }
}

/// A list of texts; empty when it is not there.
fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().into_iter().flatten();
    list.map(|text| text.as_str().unwrap()).collect()
}

#[test]
fn containers_have_no_right_too_many() {
    for path in [ALL, ALONE] {
        for (name, service) in Compose::open(path).services() {
            assert_eq!(service["read_only"], true, "{path}: {name}");
            assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{path}: {name}");
            let options = texts(&service["security_opt"]);
            assert_eq!(options, ["no-new-privileges:true"], "{path}: {name}");
            for right in [
                "privileged",
                "cap_add",
                "devices",
                "pid",
                "ipc",
                "userns_mode",
            ] {
                assert!(service.get(right).is_none(), "{path}: {name} has {right}");
            }
            // Our image names its own user; those of others would start as root.
            let ours = service["image"].as_str().unwrap().starts_with("snug:");
            let user = service["user"].as_str();
            assert!(
                ours || user.is_some_and(|user| user != "root"),
                "{path}: {name}"
            );
        }
    }
    assert!(read("Dockerfile").contains("\nUSER snug\n"));
}

#[test]
fn our_image_is_built_once_and_never_pulled() {
    for path in [ALL, ALONE] {
        for (name, service) in Compose::open(path).services() {
            let ours = service["image"].as_str().unwrap().starts_with("snug:");
            assert_eq!(service["pull_policy"] == "never", ours, "{path}: {name}");
            assert_eq!(
                service.get("build").is_some(),
                name == "secrets",
                "{path}: {name}"
            );
        }
    }
}

#[test]
fn what_stays_is_watched_and_starts_again() {
    for path in [ALL, ALONE] {
        for (name, service) in Compose::open(path).services() {
            let once = name == "secrets";
            let restart = if once { "no" } else { "unless-stopped" };
            assert_eq!(service["restart"], restart, "{path}: {name}");
            assert_eq!(service.get("healthcheck").is_none(), once, "{path}: {name}");
            for (other, on) in service["depends_on"].as_object().into_iter().flatten() {
                let wanted = if other == "secrets" {
                    "service_completed_successfully"
                } else {
                    "service_healthy"
                };
                assert_eq!(on["condition"], wanted, "{path}: {name} on {other}");
            }
        }
    }
}

#[test]
fn only_the_gateway_or_the_service_alone_has_doors() {
    for (path, door) in [(ALL, "gateway"), (ALONE, "mfa")] {
        for (name, service) in Compose::open(path).services() {
            assert_eq!(
                !texts(&service["ports"]).is_empty(),
                name == door,
                "{path}: {name}"
            );
        }
    }
    let alone = Compose::open(ALONE);
    let ports = texts(&alone.services()["mfa"]["ports"]);
    assert!(
        ports.iter().all(|port| port.starts_with("127.0.0.1:")),
        "{ports:?}"
    );
}

#[test]
fn a_database_is_reached_by_its_server_alone() {
    for (path, pairs) in [
        (
            ALL,
            vec![("chat-db", vec!["chat", "chat-2"]), ("mfa-db", vec!["mfa"])],
        ),
        (ALONE, vec![("mfa-db", vec!["mfa"])]),
    ] {
        let compose = Compose::open(path);
        for (database, servers) in pairs {
            let networks = texts(&compose.services()[database]["networks"]).to_owned();
            let [network] = networks[..] else {
                panic!("{path}: {database} is on {networks:?}");
            };
            assert_eq!(
                compose.0["networks"][network]["internal"], true,
                "{network}"
            );
            let mut expected = servers;
            expected.push(database);
            expected.sort_unstable();
            assert_eq!(compose.on(network), expected, "{path}: {network}");
        }
    }
}

#[test]
fn a_secret_is_read_by_its_service_and_written_at_the_start() {
    for path in [ALL, ALONE] {
        let compose = Compose::open(path);
        let mounts = compose.mounts();
        let secret = |place: &str| place.starts_with("/secrets/");
        let made: BTreeMap<_, _> = mounts
            .iter()
            .filter(|(name, ..)| *name == "secrets")
            .map(|(_, volume, place, writes)| (*volume, (*place, *writes)))
            .collect();
        for (name, volume, place, writes) in &mounts {
            if *name == "secrets" {
                assert!(secret(place) && *writes, "{path}: {volume}");
            } else if secret(place) {
                assert!(!writes, "{path}: {name} writes to {volume}");
                assert_eq!(made[volume].0, *place, "{path}: {name}");
                let owner = place.rsplit('/').next().unwrap();
                assert!(
                    *name == owner || *name == format!("{owner}-2"),
                    "{path}: {name}"
                );
            }
        }
        let kept: BTreeSet<_> = mounts.iter().map(|(_, volume, ..)| *volume).collect();
        let listed = compose.0["volumes"].as_object().unwrap();
        let listed: BTreeSet<_> = listed.keys().map(String::as_str).collect();
        assert_eq!(kept, listed, "{path}");
    }
}

/// The names in `env = "NAME"` of clap's attributes below a folder.
fn declared(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            declared(&path, names);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let after = text.split("env = \"").skip(1);
            let found = after.map(|rest| rest.split('"').next().unwrap().to_owned());
            names.extend(found.filter(|name| !name.contains(|one: char| one.is_lowercase())));
        }
    }
}

#[test]
fn every_variable_reaches_its_server() {
    for (path, servers) in [(ALL, vec!["gateway", "chat", "mfa"]), (ALONE, vec!["mfa"])] {
        let compose = Compose::open(path);
        for server in servers {
            let mut names = BTreeSet::new();
            for part in ["service", server] {
                declared(&root().join("crates").join(part).join("src"), &mut names);
            }
            let given = compose.services()[server]["environment"]
                .as_object()
                .unwrap();
            let missing: Vec<_> = names
                .iter()
                .filter(|name| !given.contains_key(*name) && !SETTLED.contains(&name.as_str()))
                // A file with a secret has to be mounted too: those that we make are.
                .filter(|name| *name != "REDIS_URL_FILE")
                .collect();
            assert!(
                missing.is_empty(),
                "{path}: {server} does not get {missing:?}"
            );
            // Those of S3 are read by its own client.
            let known = |name: &str| names.contains(name) || name.starts_with("AWS_");
            let unread: Vec<_> = given.keys().filter(|name| !known(name)).collect();
            assert!(
                unread.is_empty(),
                "{path}: {server} does not read {unread:?}"
            );
        }
    }
}

/// `${NAME:-default}` of a text.
fn interpolated(text: &str) -> Vec<(&str, &str)> {
    let after = text.split("${").skip(1);
    let inside = after.map(|rest| rest.split('}').next().unwrap());
    inside
        .map(|inside| inside.split_once(":-").unwrap_or((inside, "")))
        .collect()
}

#[test]
fn a_copied_example_changes_nothing() {
    let example = read(".env.example");
    let lines = example.lines().filter_map(|line| line.split_once('='));
    let set: BTreeMap<_, _> = lines.filter(|(name, _)| !name.starts_with('#')).collect();
    for path in [ALL, ALONE] {
        for (name, default) in interpolated(&read(path)) {
            assert!(
                example
                    .lines()
                    .any(|line| { line.trim_start_matches('#').split('=').next() == Some(name) }),
                "{path}: .env.example does not know {name}"
            );
            // Our address follows the port.
            if default.is_empty() || name == "PUBLIC_URL" {
                continue;
            }
            let value = set.get(name).copied().unwrap_or(default);
            assert_eq!(value, default, "{path}: {name}");
        }
    }
}

#[test]
fn the_image_is_built_from_files_that_are_there() {
    let ignore = read(".dockerignore");
    let let_in: Vec<_> = ignore
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    for name in &let_in {
        assert!(
            root().join(name).exists(),
            ".dockerignore lets {name} in, which is not there"
        );
    }
    for line in read("Dockerfile").lines() {
        let Some(paths) = line
            .strip_prefix("COPY ")
            .filter(|rest| !rest.starts_with("--"))
        else {
            continue;
        };
        let (sources, _) = paths.rsplit_once(' ').unwrap();
        for source in sources.split(' ') {
            assert!(root().join(source).exists(), "{line}");
            let top = source.split('/').next().unwrap();
            assert!(let_in.contains(&top), "{line}: .dockerignore keeps it out");
        }
    }
}
