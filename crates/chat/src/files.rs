//! Where encrypted files lie: a local folder, or a bucket that speaks S3.

use std::{ops::Range, path::PathBuf, sync::Arc, time::Duration};

use anyhow::bail;
use bytes::Bytes;
use futures_util::Stream;
use object_store::{
    ClientOptions, Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt, Result, RetryConfig,
    WriteMultipart, aws::AmazonS3Builder, local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The smallest part that S3 takes.
const S3_PART: usize = 5 * 1024 * 1024;
/// A bucket that answers a request with a fault is asked so many times more.
const S3_RETRIES: usize = 3;
/// After which nobody waits for it any longer: people would rather hear that it is down.
const S3_PATIENCE: Duration = Duration::from_secs(10);
/// For a connection to it.
const S3_CONNECT: Duration = Duration::from_secs(3);
/// For one part of a file, read or written as fast as the person's line is.
const S3_REQUEST: Duration = Duration::from_secs(300);
/// Without a sign of life in between.
const S3_SILENCE: Duration = Duration::from_secs(60);
/// On disk there is no need to hold more.
const FILE_PART: usize = 256 * 1024;

/// The store. It is opened with the first file.
pub struct Files {
    place: Place,
    store: OnceCell<Arc<dyn ObjectStore>>,
}

#[derive(Clone, Debug)]
enum Place {
    Folder(PathBuf),
    Bucket(String),
}

impl Files {
    /// The store behind `ATTACHMENTS_URL`: `file:///srv/files`, `file:folder` or
    /// `s3://bucket/prefix` with the usual `AWS_…` variables.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        let place = match url.split_once(':') {
            Some(("file", path)) => Place::Folder(path.strip_prefix("//").unwrap_or(path).into()),
            Some(("s3", _)) => Place::Bucket(url.to_owned()),
            _ => bail!(
                "ATTACHMENTS_URL: {url:?} is no place for files; write file:///srv/files or \
                 s3://bucket/prefix"
            ),
        };
        Ok(Self {
            place,
            store: OnceCell::new(),
        })
    }

    /// Begins a file. Nothing is seen of it before it is finished.
    ///
    /// # Errors
    /// When the store does not take it.
    pub async fn begin(&self, id: Uuid) -> Result<WriteMultipart> {
        let upload = self.store().await?.put_multipart(&path(id)).await?;
        let part = match self.place {
            Place::Folder(_) => FILE_PART,
            Place::Bucket(_) => S3_PART,
        };
        Ok(WriteMultipart::new_with_chunk_size(upload, part))
    }

    /// A part of a file, as it is read.
    ///
    /// # Errors
    /// When the file is not there or the store does not answer.
    pub async fn read(
        &self,
        id: Uuid,
        range: Range<u64>,
    ) -> Result<impl Stream<Item = Result<Bytes>> + Send + 'static> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.store().await?.get_opts(&path(id), options).await?;
        Ok(found.into_stream())
    }

    /// Removes a file; one that is gone is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove(&self, id: Uuid) -> Result<()> {
        match self.store().await?.delete(&path(id)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn store(&self) -> Result<&Arc<dyn ObjectStore>> {
        self.store.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> Result<Arc<dyn ObjectStore>> {
        match &self.place {
            Place::Folder(folder) => {
                tokio::fs::create_dir_all(folder).await.map_err(wrong)?;
                Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?))
            }
            Place::Bucket(url) => {
                let options = ClientOptions::new()
                    .with_connect_timeout(S3_CONNECT)
                    .with_timeout(S3_REQUEST)
                    .with_read_timeout(S3_SILENCE)
                    // An emulator in the same network; the environment has to say so.
                    .with_allow_http(
                        std::env::var("AWS_ALLOW_HTTP").is_ok_and(|yes| yes == "true"),
                    );
                let bucket = AmazonS3Builder::from_env()
                    .with_url(url)
                    .with_client_options(options)
                    .with_retry(RetryConfig {
                        max_retries: S3_RETRIES,
                        retry_timeout: S3_PATIENCE,
                        ..RetryConfig::default()
                    })
                    .build()?;
                let place: reqwest::Url = url.parse().map_err(wrong)?;
                let prefix = Path::from(place.path().trim_matches('/'));
                Ok(Arc::new(PrefixStore::new(bucket, prefix)))
            }
        }
    }
}

/// `ATTACHMENTS_URL` leads nowhere.
fn wrong(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Generic {
        store: "ATTACHMENTS_URL",
        source: Box::new(error),
    }
}

/// Spread over folders by the id's random end: its beginning is a time.
fn path(id: Uuid) -> Path {
    let name = id.simple().to_string();
    Path::from(format!("{}/{name}", &name[30..]))
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    #[tokio::test]
    async fn files_are_written_in_parts_read_in_ranges_and_removed() {
        let folder = std::env::temp_dir().join(Uuid::now_v7().to_string());
        let files = Files::new(&format!("file://{}", folder.display())).unwrap();
        let id = Uuid::now_v7();
        let mut upload = files.begin(id).await.unwrap();
        for _ in 0..3 {
            upload.write(&[7; FILE_PART]);
        }
        assert!(files.read(id, 0..1).await.is_err(), "not before its end");
        upload.finish().await.unwrap();
        let part = files.read(id, 10..20).await.unwrap();
        let parts: Vec<_> = part.map(Result::unwrap).collect().await;
        assert_eq!(parts.concat(), [7; 10]);
        files.remove(id).await.unwrap();
        files.remove(id).await.unwrap();
        assert!(files.read(id, 0..1).await.is_err());
        tokio::fs::remove_dir_all(folder).await.unwrap();
        for wrong in ["", "/srv/files", "ftp://x"] {
            assert!(Files::new(wrong).is_err(), "{wrong}");
        }
    }
}
