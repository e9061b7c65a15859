//! Settings at rest: AES-256-GCM, as base64 of nonce, ciphertext and tag.

use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::error::{Error, Result};
use crate::base::ids;
use crate::base::secret::Secret;

const NONCE_BYTES: usize = 12;

pub(super) fn encrypt(plain: &[u8], key: &Secret<String>) -> Result<Vec<u8>> {
    let cipher =
        cipher(key).ok_or_else(|| Error::internal("the encryption key has no 32 bytes"))?;
    let nonce: [u8; NONCE_BYTES] = ids::random_bytes();
    let sealed = cipher
        .encrypt(&nonce.into(), plain)
        .map_err(|_| Error::internal("the settings cannot be encrypted"))?;
    Ok(STANDARD
        .encode([nonce.as_slice(), &sealed].concat())
        .into_bytes())
}

/// `None` if the text is damaged or was encrypted with another key.
pub(super) fn decrypt(stored: &[u8], key: &Secret<String>) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(stored.trim_ascii()).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    cipher(key)?.decrypt(&(*nonce).into(), sealed).ok()
}

fn cipher(key: &Secret<String>) -> Option<Aes256Gcm> {
    Aes256Gcm::new_from_slice(key.expose().as_bytes()).ok()
}
