//! Where encrypted files lie: a local folder, or a bucket that speaks S3.

use std::{ops::Range, path::PathBuf, sync::Arc};

use anyhow::{Context, bail};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path, prefix::PrefixStore,
};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The smallest part that S3 takes.
const S3_PART: usize = 5 * 1024 * 1024;
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
    pub async fn begin(&self, id: Uuid) -> anyhow::Result<WriteMultipart> {
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
    ) -> anyhow::Result<impl Stream<Item = anyhow::Result<Bytes>> + Send + 'static> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..GetOptions::default()
        };
        let found = self.store().await?.get_opts(&path(id), options).await?;
        Ok(found.into_stream().map_err(anyhow::Error::from))
    }

    /// Removes a file; one that is gone is gone.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn remove(&self, id: Uuid) -> anyhow::Result<()> {
        match self.store().await?.delete(&path(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn store(&self) -> anyhow::Result<&Arc<dyn ObjectStore>> {
        self.store.get_or_try_init(|| self.open()).await
    }

    async fn open(&self) -> anyhow::Result<Arc<dyn ObjectStore>> {
        match &self.place {
            Place::Folder(folder) => {
                tokio::fs::create_dir_all(folder).await.with_context(|| {
                    format!("ATTACHMENTS_URL: cannot make {}", folder.display())
                })?;
                Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?))
            }
            Place::Bucket(url) => {
                let bucket = AmazonS3Builder::from_env().with_url(url).build()?;
                let place: reqwest::Url = url.parse()?;
                let prefix = Path::from(place.path().trim_matches('/'));
                Ok(Arc::new(PrefixStore::new(bucket, prefix)))
            }
        }
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
