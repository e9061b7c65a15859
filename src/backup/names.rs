//! What archives are called.

use crate::base::text;
use crate::base::time::Timestamp;

/// Longest name.
pub const MAX_NAME: usize = 150;

const MAX_APP_NAME: usize = 50;
/// Ending of the sidecars that PocketBase keeps beside its files.
pub(super) const SIDECAR: &str = ".attrs";

const PREFIX: &str = "pb_backup_";

/// What the names of archives made by the schedule begin with.
pub const AUTO_PREFIX: &str = "@auto_pb_backup_";

/// Says whether a name is one that may be chosen: small letters, digits, `_` and `-`, then `.zip`.
pub fn is_chosen(name: &str) -> bool {
    name.strip_suffix(".zip").is_some_and(|stem| {
        !stem.is_empty()
            && stem
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
    })
}

/// A name for an archive made now on demand.
pub fn manual(app_name: &str, now: Timestamp) -> String {
    generated(PREFIX, app_name, now)
}

/// A name for an archive made now by the schedule.
pub fn auto(app_name: &str, now: Timestamp) -> String {
    generated(AUTO_PREFIX, app_name, now)
}

fn generated(prefix: &str, app_name: &str, now: Timestamp) -> String {
    let app: String = text::snake_case(app_name)
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(MAX_APP_NAME)
        .collect();
    let digits: String = now
        .to_string()
        .chars()
        .take(19)
        .filter(char::is_ascii_digit)
        .collect();
    format!("{prefix}{app}_{digits}.zip")
}

/// Says whether a file beside archives is one.
pub fn is_archive(name: &str) -> bool {
    is_plain(name) && !name.ends_with(SIDECAR)
}

/// Says whether a text is the name of a file in a folder, and nothing else.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && !name.starts_with('.')
        && !name.contains(['/', '\\', '\0'])
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::{auto, is_chosen, is_plain, manual};
    use crate::base::time::Timestamp;

    #[test]
    fn chosen_names_are_plain() {
        for name in ["a.zip", "a_b-1.zip", "-.zip"] {
            assert!(is_chosen(name), "{name}");
        }
        for name in [
            "",
            ".zip",
            "A.zip",
            "a",
            "a.zip.zip",
            "../a.zip",
            "a b.zip",
            "ä.zip",
            "a.zip\n",
            "@a.zip",
        ] {
            assert!(!is_chosen(name), "{name:?}");
        }
        for name in [
            "", ".", "..", "../x.zip", "a/b.zip", "a\\b.zip", ".x.zip", "a\0.zip",
        ] {
            assert!(!is_plain(name), "{name:?}");
        }
        assert!(is_plain("Up Load (1).zip"));
    }

    #[test]
    fn generated_names_tell_application_and_time() {
        let now = Timestamp::from_unix_ms(0);
        assert_eq!(
            manual("Acme Test", now),
            "pb_backup_acme_test_19700101000000.zip"
        );
        assert_eq!(auto("../x", now), "@auto_pb_backup_x_19700101000000.zip");
    }
}
