//! Where files rest: a local folder, or a bucket that speaks S3. Everything in it is sealed before it leaves this process.
//!
//! What may never happen here: a file in the clear, or a whole large file in memory.

mod seal;

use std::{
    io::{self, Read},
    path::PathBuf,
    sync::Arc,
};

use futures_util::{StreamExt, stream::BoxStream};
use object_store::{
    GetResultPayload, ObjectStore, ObjectStoreExt, PutPayload, WriteMultipart, aws::AmazonS3Builder, local::LocalFileSystem,
    path::Path,
};
use secrecy::ExposeSecret;
use tokio::{runtime::Handle, sync::OnceCell};

use crate::{
    config::FileSettings,
    keys::{KeyError, Keys},
};

/// Why a file cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("the file store is away or full: {0}")]
    Store(#[from] object_store::Error),
    #[error("the folder for files cannot be made: {0}")]
    Folder(#[from] io::Error),
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The file store; cheap to clone. It is opened when the first file comes.
#[derive(Clone)]
pub struct Vault {
    settings: FileSettings,
    folder: PathBuf,
    keys: Arc<Keys>,
    store: Arc<OnceCell<Arc<dyn ObjectStore>>>,
}

/// Parts of a large file that may be on their way at once.
const PARTS_IN_FLIGHT: usize = 2;

impl Vault {
    /// `folder` is used where the settings name no bucket.
    #[must_use]
    pub fn new(settings: FileSettings, folder: PathBuf, keys: Arc<Keys>) -> Self {
        Self { settings, folder, keys, store: Arc::default() }
    }

    async fn store(&self) -> Result<&Arc<dyn ObjectStore>, VaultError> {
        self.store.get_or_try_init(async || self.open()).await
    }

    fn open(&self) -> Result<Arc<dyn ObjectStore>, VaultError> {
        let Some(bucket) = &self.settings.bucket else {
            std::fs::create_dir_all(&self.folder)?;
            return Ok(Arc::new(LocalFileSystem::new_with_prefix(&self.folder)?));
        };
        let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_allow_http(self.settings.allow_http);
        if let Some(region) = &self.settings.region {
            builder = builder.with_region(region);
        }
        if let Some(endpoint) = &self.settings.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(id) = &self.settings.access_key_id {
            builder = builder.with_access_key_id(id);
        }
        if let Some(secret) = &self.settings.secret_access_key {
            builder = builder.with_secret_access_key(secret.expose_secret());
        }
        Ok(Arc::new(builder.build()?))
    }

    /// Keeps a small file under `key`; one that is there is replaced.
    ///
    /// # Errors
    /// The store fails.
    pub async fn put(&self, key: &str, content: &[u8]) -> Result<(), VaultError> {
        let sealed = seal::seal(&self.keys, content)?;
        self.store().await?.put(&Path::from(key), PutPayload::from(sealed)).await?;
        Ok(())
    }

    /// Begins a file that is written piece by piece; it is there when it is finished, not before.
    ///
    /// # Errors
    /// The store fails.
    pub async fn begin(&self, key: &str) -> Result<Writing, VaultError> {
        let upload = self.store().await?.put_multipart(&Path::from(key)).await?;
        Ok(Writing { upload: WriteMultipart::new(upload), sealer: seal::Sealer::new(&self.keys)? })
    }

    /// The whole content of a small file.
    ///
    /// # Errors
    /// The store fails, or the file is not what was kept.
    pub async fn get(&self, key: &str) -> Result<Vec<u8>, VaultError> {
        let sealed = self.store().await?.get(&Path::from(key)).await?.bytes().await?;
        let mut content = Vec::with_capacity(sealed.len());
        seal::Opener::new(sealed.as_ref(), &self.keys)?.read_to_end(&mut content)?;
        Ok(content)
    }

    /// A file to be read piece by piece, on a thread that may block.
    ///
    /// # Errors
    /// There is none, or the store fails.
    pub async fn read(&self, key: &str) -> Result<Box<dyn Read + Send>, VaultError> {
        let found = self.store().await?.get(&Path::from(key)).await?;
        match found.payload {
            GetResultPayload::File(file, _) => {
                Ok(Box::new(seal::Opener::new(io::BufReader::with_capacity(128 * 1024, file), &self.keys)?))
            }
            GetResultPayload::Stream(stream) => {
                let pulled = Pulled { stream, runtime: Handle::current(), piece: Vec::new(), taken: 0 };
                let keys = self.keys.clone();
                // The head is read here already, which blocks.
                let opened = tokio::task::spawn_blocking(move || seal::Opener::new(pulled, &keys)).await;
                Ok(Box::new(opened.map_err(io::Error::other)??))
            }
        }
    }

    /// Removes a file; one that is not there is removed already.
    ///
    /// # Errors
    /// The store fails.
    pub async fn delete(&self, key: &str) -> Result<(), VaultError> {
        match self.store().await?.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A file being written.
pub struct Writing {
    upload: WriteMultipart,
    sealer: seal::Sealer,
}

impl Writing {
    /// # Errors
    /// The store fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), VaultError> {
        self.upload.wait_for_capacity(PARTS_IN_FLIGHT).await?;
        self.upload.write(&self.sealer.write(bytes)?);
        Ok(())
    }

    /// # Errors
    /// The store fails: then there is no file.
    pub async fn finish(mut self) -> Result<(), VaultError> {
        self.upload.write(&self.sealer.finish()?);
        self.upload.finish().await?;
        Ok(())
    }

    /// Gives up: there will be no file.
    ///
    /// # Errors
    /// The store fails.
    pub async fn abandon(self) -> Result<(), VaultError> {
        Ok(self.upload.abort().await?)
    }
}

/// A stream of the network, pulled by a thread that waits for it.
struct Pulled {
    stream: BoxStream<'static, object_store::Result<actix_web::web::Bytes>>,
    runtime: Handle,
    piece: Vec<u8>,
    taken: usize,
}

impl Read for Pulled {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.piece.len() {
            match self.runtime.block_on(self.stream.next()) {
                None => return Ok(0),
                Some(piece) => self.piece = piece.map_err(io::Error::other)?.to_vec(),
            }
            self.taken = 0;
        }
        let mut rest = self.piece.get(self.taken..).unwrap_or_default();
        let count = rest.read(buffer)?;
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn a_file_is_kept_sealed_and_read_in_pieces() {
        let folder = std::env::temp_dir().join(format!("entente-vault-{}", std::process::id()));
        let keys = Arc::new(Keys::load(Some(&"ab".repeat(32).into()), &folder).unwrap());
        let vault = Vault::new(FileSettings::default(), folder.clone(), keys);
        let content: Vec<u8> = b"a secret, ".repeat(100_000);
        let mut writing = vault.begin("uploads/one").await.unwrap();
        for piece in content.chunks(9_999) {
            writing.write(piece).await.unwrap();
        }
        writing.finish().await.unwrap();
        let resting = std::fs::read(folder.join("uploads/one")).unwrap();
        assert!(!resting.windows(8).any(|window| window == b"a secret"));
        let mut read = Vec::new();
        vault.read("uploads/one").await.unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(read, content);
        assert_eq!(vault.get("uploads/one").await.unwrap(), content);
        vault.put("uploads/one", b"other").await.unwrap();
        assert_eq!(vault.get("uploads/one").await.unwrap(), b"other");
        let given_up = vault.begin("uploads/two").await.unwrap();
        given_up.abandon().await.unwrap();
        assert!(vault.get("uploads/two").await.is_err());
        vault.delete("uploads/one").await.unwrap();
        vault.delete("uploads/one").await.unwrap();
        assert!(vault.read("uploads/one").await.is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
