//! TLS at our own door: certificate and key from files, read again when they change.

use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::Context as _;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use crate::config::TlsFiles;

/// The pair that is in use, and where the next one will lie.
pub(super) struct Certificate {
    files: TlsFiles,
    pair: RwLock<Pair>,
}

struct Pair {
    key: Arc<CertifiedKey>,
    /// Of both files, as they were read.
    hash: blake3::Hash,
}

/// What came of looking at the files.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Looked {
    /// They are what is in use.
    Same,
    /// They were new, and are in use now.
    Replaced,
}

impl Certificate {
    /// Reads the files; they must fit each other.
    pub(super) fn open(files: &TlsFiles) -> anyhow::Result<Arc<Self>> {
        let (certificate, key) = read(files)?;
        let pair = RwLock::new(pair(&certificate, &key)?);
        Ok(Arc::new(Self { files: files.clone(), pair }))
    }

    /// Looks at the files again. What does not fit leaves what is in use as it is: half of a pair may be
    /// written, the other half not yet.
    pub(super) fn look(&self) -> anyhow::Result<Looked> {
        let (certificate, key) = read(&self.files)?;
        if self.pair.read().unwrap_or_else(PoisonError::into_inner).hash == hash(&certificate, &key)
        {
            return Ok(Looked::Same);
        }
        let new = pair(&certificate, &key)?;
        *self.pair.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(Looked::Replaced)
    }

    /// Answers handshakes with it.
    pub(super) fn acceptor(self: Arc<Self>) -> anyhow::Result<TlsAcceptor> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions()?.with_no_client_auth();
        let mut config = config.with_cert_resolver(self);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config).into())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.pair.read().unwrap_or_else(PoisonError::into_inner).key))
    }
}

fn read(files: &TlsFiles) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    refuse_key_for_all(&files.key)?;
    let bytes = |path: &PathBuf| std::fs::read(path).with_context(|| format!("{}", path.display()));
    Ok((bytes(&files.certificate)?, bytes(&files.key)?))
}

/// A group that looks after certificates may read it; everybody may not.
fn refuse_key_for_all(path: &Path) -> anyhow::Result<()> {
    let mode = std::fs::metadata(path).with_context(|| format!("{}", path.display()))?.mode();
    anyhow::ensure!(
        mode & 0o027 == 0,
        "{} is open to others (mode {:03o}): chmod 600 it, or 640 for a group that looks after it",
        path.display(),
        mode & 0o777
    );
    Ok(())
}

fn hash(certificate: &[u8], key: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&(certificate.len() as u64).to_be_bytes()).update(certificate).update(key);
    hasher.finalize()
}

fn pair(certificate: &[u8], key: &[u8]) -> anyhow::Result<Pair> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.context("http.tls_certificate is no PEM file")?;
    anyhow::ensure!(!chain.is_empty(), "http.tls_certificate holds no certificate");
    let private =
        PrivateKeyDer::from_pem_slice(key).context("http.tls_key holds no private key")?;
    let certified = CertifiedKey::from_der(chain, private, &aws_lc_rs::default_provider());
    let certified = certified.context("http.tls_certificate and http.tls_key do not fit")?;
    Ok(Pair { key: Arc::new(certified), hash: hash(certificate, key) })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;

    /// A certificate for a name, signed by itself, in `folder`.
    fn make(folder: &Path, name: &str) -> TlsFiles {
        let files = TlsFiles {
            certificate: folder.join(format!("{name}.pem")),
            key: folder.join(format!("{name}.key")),
        };
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
            ])
            .args(["-days", "2", "-subj", &format!("/CN={name}"), "-out"])
            .arg(&files.certificate)
            .arg("-keyout")
            .arg(&files.key)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        files
    }

    #[test]
    fn a_pair_that_does_not_fit_leaves_the_old_one_in_use() {
        let folder = tempfile::tempdir().unwrap();
        let (files, other) = (make(folder.path(), "one"), make(folder.path(), "two"));
        let certificate = Certificate::open(&files).unwrap();
        let chain = || certificate.pair.read().unwrap().key.cert.clone();
        let old = chain();
        assert_eq!(certificate.look().unwrap(), Looked::Same);
        std::fs::copy(&other.certificate, &files.certificate).unwrap();
        let half = certificate.look().unwrap_err();
        assert!(format!("{half:#}").contains("do not fit"), "{half:#}");
        assert_eq!(chain(), old);
        std::fs::copy(&other.key, &files.key).unwrap();
        assert_eq!(certificate.look().unwrap(), Looked::Replaced);
        assert_ne!(chain(), old);
        for rubbish in ["", "-----BEGIN CERTIFICATE-----\nx"] {
            std::fs::write(&files.certificate, rubbish).unwrap();
            assert!(certificate.look().is_err());
        }
        std::fs::remove_file(&files.certificate).unwrap();
        assert!(certificate.look().is_err());
    }

    #[test]
    fn a_key_that_is_open_to_others_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let files = make(folder.path(), "one");
        for (mode, taken) in
            [(0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o660, false)]
        {
            std::fs::set_permissions(&files.key, PermissionsExt::from_mode(mode)).unwrap();
            let opened = Certificate::open(&files);
            assert_eq!(opened.is_ok(), taken, "{mode:o}");
        }
    }
}
