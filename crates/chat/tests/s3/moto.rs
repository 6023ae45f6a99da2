//! `moto` as a process: an S3 server that keeps its buckets in memory.

use std::{
    env,
    process::{Child, Command, Stdio},
    time::Duration,
};

use reqwest::{StatusCode, Url};

/// The running server. It is killed with this value.
pub struct Moto {
    url: Url,
    child: Option<Child>,
    http: reqwest::Client,
}

impl Moto {
    /// Starts it where AWS_ENDPOINT_URL leads and waits until it answers.
    pub async fn start() -> Self {
        let mut moto = Self {
            url: variable("AWS_ENDPOINT_URL").parse().unwrap(),
            child: None,
            http: reqwest::Client::new(),
        };
        moto.restart().await;
        moto
    }

    /// Starts it again; it has forgotten everything.
    pub async fn restart(&mut self) {
        let child = Command::new(variable("SNUG_MOTO"))
            .args(["-H", self.url.host_str().unwrap(), "-p"])
            .arg(self.url.port().unwrap().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        for _ in 0..600 {
            if self.http.get(self.url.clone()).send().await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("moto does not answer within a minute");
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Makes a bucket.
    pub async fn make_bucket(&self, name: &str) {
        let made = self.http.put(self.at(name)).send().await.unwrap();
        assert_eq!(made.status(), StatusCode::OK);
    }

    /// How many objects a bucket holds.
    pub async fn objects(&self, bucket: &str) -> usize {
        let listed = self.http.get(self.at(bucket)).send().await.unwrap();
        let text = listed.text().await.unwrap();
        text.matches("<Key>").count()
    }

    fn at(&self, path: &str) -> Url {
        self.url.join(path).unwrap()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.kill();
    }
}

fn variable(name: &str) -> String {
    env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set; `cargo xtask test services` runs this test"))
}
