//! How many files, and so connections, the process may have open.
//!
//! A shell usually gives a small number and allows a large one. Databases and uploads need some whatever clients do.

/// Files that are not for connections.
#[cfg(target_os = "linux")]
const RESERVED: u64 = 256;

/// Connections without a limit of the system.
const MOST: u32 = 16_384;

/// The part of a small limit that is for connections: one of so many files.
#[cfg(target_os = "linux")]
const SHARE: u64 = 4;

/// Takes as many as the system allows, up to what could be used.
#[cfg(target_os = "linux")]
pub fn allow_many_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::from(MOST) * 2;
    let Some(current) = limit.current.filter(|current| *current < wanted) else {
        return;
    };
    let new = limit.maximum.map_or(wanted, |most| most.min(wanted));
    let raised = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(new.max(current)),
            maximum: limit.maximum,
        },
    );
    if let Err(error) = raised {
        tracing::warn!(%error, current, "the number of open files stays small");
    }
}

#[cfg(not(target_os = "linux"))]
pub const fn allow_many_files() {}

/// How many connections there may be at a time.
#[cfg(target_os = "linux")]
pub(super) fn connections() -> u32 {
    use rustix::process::{Resource, getrlimit};
    let Some(files) = getrlimit(Resource::Nofile).current else {
        return MOST;
    };
    let left = files.saturating_sub(RESERVED).max(files / SHARE).max(1);
    let most = u32::try_from(left).map_or(MOST, |left| left.min(MOST));
    if files < 2 * RESERVED {
        tracing::warn!(
            files,
            connections = most,
            "the system allows few open files, and so few connections (ulimit -n, LimitNOFILE=)"
        );
    }
    most
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn connections() -> u32 {
    MOST
}
