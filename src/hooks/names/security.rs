//! `security`: random values, digests, passwords, encryption and tokens.

use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::Hmac;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use md5::Md5;
use rhai::{Blob, Dynamic, ImmutableString, Map, Module};
use serde_json::Value as Json;
use sha2::{Digest, Sha256, Sha512};

use crate::app::data;
use crate::base::ids;
use crate::base::secret::{Secret, constant_time_eq};
use crate::base::text::hex;
use crate::base::time::Timestamp;
use crate::hooks::define::named;
use crate::hooks::fault::{Failure, misuse, refused};
use crate::hooks::file::ScriptFile;
use crate::hooks::{app, values};

const NONCE_BYTES: usize = 12;
const MAX_RANDOM: i64 = 1 << 20;

fn digest<D: Digest>(bytes: &[u8]) -> String {
    hex(&D::digest(bytes))
}

/// What a text, a blob or a file consists of; texts as they are in UTF-8.
fn bytes_of(value: &Dynamic, what: &str) -> Result<Vec<u8>, Failure> {
    if let Some(bytes) = value.read_lock::<Blob>() {
        return Ok(bytes.clone());
    }
    if let Some(file) = value.read_lock::<ScriptFile>() {
        return Ok(file.bytes.to_vec());
    }
    match value.read_lock::<ImmutableString>() {
        Some(text) => Ok(text.as_bytes().to_vec()),
        None => Err(misuse(format!("The {what} has to be a text or a blob."))),
    }
}

fn from_base64(text: &str) -> Result<Blob, Failure> {
    STANDARD
        .decode(text.trim())
        .map_err(|_| misuse("This is not Base64."))
}

fn from_hex(text: &str) -> Result<Blob, Failure> {
    let bytes: Option<Blob> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| {
            let pair = str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
            u8::from_str_radix(pair, 16).ok()
        })
        .collect();
    bytes.ok_or_else(|| misuse("This is not hexadecimal."))
}

/// Bytes as a text. Replacing what is none would make another secret out of a secret.
fn as_text(bytes: Blob, other: &str) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| {
        misuse(format!(
            "What is behind it is no text; {other} gives the bytes."
        ))
    })
}

fn length(n: i64) -> Result<usize, Failure> {
    usize::try_from(n)
        .ok()
        .filter(|_| n <= MAX_RANDOM)
        .ok_or_else(|| misuse("The length lies between 0 and 1,048,576."))
}

fn cipher(key: &str) -> Result<Aes256Gcm, Failure> {
    Aes256Gcm::new_from_slice(key.as_bytes()).map_err(|_| misuse("The key has to have 32 bytes."))
}

fn encrypt(text: &str, key: &str) -> Result<String, Failure> {
    let nonce: [u8; NONCE_BYTES] = ids::random_bytes();
    let sealed = cipher(key)?
        .encrypt(&nonce.into(), text.as_bytes())
        .map_err(|_| misuse("The text cannot be encrypted."))?;
    Ok(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
}

fn decrypt(text: &str, key: &str) -> Result<String, Failure> {
    let cipher = cipher(key)?;
    let open = || {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        String::from_utf8(cipher.decrypt(&(*nonce).into(), sealed).ok()?).ok()
    };
    open().ok_or_else(|| refused("The text cannot be decrypted with this key."))
}

/// A key that is empty, such as that of a variable that is not set, signs for everybody.
fn check_key(key: &[u8]) -> Result<(), Failure> {
    if key.is_empty() {
        return Err(misuse("The key is empty: anybody could sign with it."));
    }
    Ok(())
}

fn jwt_create(claims: &Map, key: &str, seconds: i64) -> Result<String, Failure> {
    check_key(key.as_bytes())?;
    let mut claims = values::map_to_json(claims);
    let end = Timestamp::now().unix_seconds().saturating_add(seconds);
    claims.insert("exp".to_owned(), Json::from(end));
    EncodingKey::from_secret(key.as_bytes())
        .and_then(|key| {
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &Json::Object(claims), &key)
        })
        .map_err(|error| misuse(format!("The token cannot be signed: {error}.")))
}

fn jwt_parse(token: &str, key: &str) -> Result<Dynamic, Failure> {
    check_key(key.as_bytes())?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_aud = false;
    DecodingKey::from_secret(key.as_bytes())
        .and_then(|key| jsonwebtoken::decode::<Json>(token, &key, &validation))
        .map(|token| values::from_json(&token.claims))
        .map_err(|_| refused("The token is invalid or expired."))
}

fn jwt_unverified(token: &str) -> Result<Dynamic, Failure> {
    let claims = || {
        let payload = token.split('.').nth(1)?;
        serde_json::from_slice::<Json>(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    };
    claims()
        .map(|claims| values::from_json(&claims))
        .ok_or_else(|| refused("This is no token."))
}

fn hmac<M: hmac::Mac + aes_gcm::KeyInit>(
    content: &Dynamic,
    key: &Dynamic,
) -> Result<String, Failure> {
    let (content, key) = (bytes_of(content, "content")?, bytes_of(key, "key")?);
    check_key(&key)?;
    let mut mac = <M as aes_gcm::KeyInit>::new_from_slice(&key)
        .map_err(|_| misuse("The key does not fit."))?;
    mac.update(&content);
    Ok(hex(&mac.finalize().into_bytes()))
}

fn uuid() -> String {
    let mut bytes: [u8; 16] = ids::random_bytes();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = hex(&bytes);
    format!(
        "{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    )
}

/// The namespace `security`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "random_string(length: int) -> string",
        "Random letters and digits.",
        |n: i64| -> Result<String, Failure> { Ok(ids::random_string(length(n)?, ids::ALNUM)) }
    );
    named!(
        module,
        "random_string(length: int, alphabet: string) -> string",
        "Random characters of an alphabet.",
        |n: i64, alphabet: ImmutableString| -> Result<String, Failure> {
            if alphabet.is_empty() || !alphabet.is_ascii() {
                return Err(misuse("The alphabet has to consist of ASCII characters."));
            }
            Ok(ids::random_string(length(n)?, alphabet.as_bytes()))
        }
    );
    named!(
        module,
        "random_bytes(length: int) -> blob",
        "Random bytes.",
        |n: i64| -> Result<Blob, Failure> {
            Ok((0..length(n)?)
                .map(|_| ids::random_bytes::<1>()[0])
                .collect())
        }
    );
    named!(module, "uuid() -> string", "A random UUID.", uuid);
    named!(
        module,
        "sha256(text: string) -> string",
        "The digest in hexadecimal.",
        |text: ImmutableString| digest::<Sha256>(text.as_bytes())
    );
    named!(
        module,
        "sha256(bytes: blob) -> string",
        "The digest of bytes in hexadecimal.",
        |bytes: Blob| digest::<Sha256>(&bytes)
    );
    named!(
        module,
        "sha256(file: File) -> string",
        "The digest of a file in hexadecimal.",
        |file: ScriptFile| digest::<Sha256>(&file.bytes)
    );
    named!(
        module,
        "sha512(text: string) -> string",
        "The digest in hexadecimal.",
        |text: ImmutableString| digest::<Sha512>(text.as_bytes())
    );
    named!(
        module,
        "sha512(bytes: blob) -> string",
        "The digest of bytes in hexadecimal.",
        |bytes: Blob| digest::<Sha512>(&bytes)
    );
    named!(
        module,
        "md5(text: string) -> string",
        "The digest in hexadecimal; not for secrets.",
        |text: ImmutableString| digest::<Md5>(text.as_bytes())
    );
    named!(
        module,
        "md5(bytes: blob) -> string",
        "The digest of bytes in hexadecimal; not for secrets.",
        |bytes: Blob| digest::<Md5>(&bytes)
    );
    named!(
        module,
        "hmac_sha256(content, key) -> string",
        "A signature in hexadecimal; the content and the key are texts or blobs.",
        |content: Dynamic, key: Dynamic| hmac::<Hmac<Sha256>>(&content, &key)
    );
    named!(
        module,
        "hmac_sha512(content, key) -> string",
        "A longer signature in hexadecimal; the content and the key are texts or blobs.",
        |content: Dynamic, key: Dynamic| hmac::<Hmac<Sha512>>(&content, &key)
    );
    named!(
        module,
        "equal(a: string, b: string) -> bool",
        "Compares secrets without telling by its time where they differ.",
        |a: ImmutableString, b: ImmutableString| constant_time_eq(&a, &b)
    );
    named!(
        module,
        "hash_password(password: string) -> string",
        "A bcrypt hash.",
        |password: ImmutableString| -> Result<String, Failure> {
            let password = password.to_string();
            app::run(|app| async move { data::hash_password(&app, &password).await })
        }
    );
    named!(
        module,
        "verify_password(password: string, hash: string) -> bool",
        "Says whether a bcrypt hash is of this password.",
        |password: ImmutableString, hash: ImmutableString| -> Result<bool, Failure> {
            let (password, hash) = (password.to_string(), Secret::new(hash.to_string()));
            app::run(|app| async move { data::verify_password(&app, &password, hash).await })
        }
    );
    named!(
        module,
        "encrypt(text: string, key: string) -> string",
        "Encrypts with AES-256-GCM; the key has 32 bytes.",
        |text: ImmutableString, key: ImmutableString| encrypt(&text, &key)
    );
    named!(
        module,
        "decrypt(text: string, key: string) -> string",
        "What `encrypt` was given; throws when the key is another.",
        |text: ImmutableString, key: ImmutableString| decrypt(&text, &key)
    );
    named!(
        module,
        "jwt_create(claims: map, key: string, seconds: int) -> string",
        "A token that is valid for so many seconds. The key must not be empty.",
        |claims: Map, key: ImmutableString, seconds: i64| jwt_create(&claims, &key, seconds)
    );
    named!(
        module,
        "jwt_parse(token: string, key: string) -> map",
        "The claims of a valid token; throws otherwise.",
        |token: ImmutableString, key: ImmutableString| jwt_parse(&token, &key)
    );
    named!(
        module,
        "jwt_unverified(token: string) -> map",
        "The claims of a token, true or not.",
        |token: ImmutableString| jwt_unverified(&token)
    );
    named!(
        module,
        "base64_encode(text: string) -> string",
        "Base64.",
        |text: ImmutableString| STANDARD.encode(text.as_bytes())
    );
    named!(
        module,
        "base64_encode(bytes: blob) -> string",
        "Base64 of bytes.",
        |bytes: Blob| STANDARD.encode(bytes)
    );
    named!(
        module,
        "base64_encode(file: File) -> string",
        "Base64 of a file.",
        |file: ScriptFile| STANDARD.encode(&file.bytes)
    );
    named!(
        module,
        "base64_decode(text: string) -> string",
        "The text behind Base64; throws when it is none.",
        |text: ImmutableString| as_text(from_base64(&text)?, "base64_bytes")
    );
    named!(
        module,
        "base64_bytes(text: string) -> blob",
        "The bytes behind Base64, such as a key or a picture.",
        |text: ImmutableString| from_base64(&text)
    );
    named!(
        module,
        "hex_encode(text: string) -> string",
        "Hexadecimal.",
        |text: ImmutableString| hex(text.as_bytes())
    );
    named!(
        module,
        "hex_encode(bytes: blob) -> string",
        "Bytes in hexadecimal.",
        |bytes: Blob| hex(&bytes)
    );
    named!(
        module,
        "hex_decode(text: string) -> string",
        "The text behind hexadecimal; throws when it is none.",
        |text: ImmutableString| as_text(from_hex(&text)?, "hex_bytes")
    );
    named!(
        module,
        "hex_bytes(text: string) -> blob",
        "The bytes behind hexadecimal, such as those of a signature.",
        |text: ImmutableString| from_hex(&text)
    );
    module
}
