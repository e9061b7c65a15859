//! What lies in a data directory, by name: what is data, and what only stays there.

/// Folder of the archives in a data directory.
pub const FOLDER: &str = "backups";

/// Folder of a restore under way. Whatever else a restore leaves in the directory begins with this name.
pub(super) const RESTORE: &str = ".stead_restore";

/// Members of a data directory that are no part of it: neither in archives nor touched by restoring one.
pub(crate) const LEFT_OUT: &[&str] = &[
    FOLDER,
    RESTORE,
    ".pb_temp_to_delete",
    ".notify",
    ".autocert_cache",
    ".stead.lock",
    ".stead_running",
    "lost+found",
];

/// Says whether a member of a data directory is no part of it.
pub(super) fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name) || name.starts_with(RESTORE)
}

/// The databases; they are copied by SQLite rather than as files.
pub(super) const DATABASES: &[&str] = &["data.db", "auxiliary.db"];
