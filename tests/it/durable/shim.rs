//! The library between a server and its files; see `shim.c` for what it does.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use tempfile::TempDir;

use crate::support::{Server, stead};

/// Errors of the system.
pub(super) const EIO: u32 = 5;
pub(super) const ENOSPC: u32 = 28;
pub(super) const EROFS: u32 = 30;

/// What can be made to fail: places in the file both sides map.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Write = 0,
    Sync = 4,
    Read = 8,
    Create = 12,
}

const FAULTS: [Fault; 4] = [Fault::Write, Fault::Sync, Fault::Read, Fault::Create];
const CLOCK: u64 = 16;
const MATCH: u64 = 24;
const MATCH_BYTES: usize = 64;
const SYNC_DELAY: u64 = 88;
const COUNT: u64 = 92;
const CONTROL_BYTES: u64 = 96;

/// The library for the servers of one test.
#[derive(Debug)]
pub(super) struct Shim {
    /// Holds the controls and the log; not below the root.
    own: TempDir,
    root: PathBuf,
    control: File,
}

impl Shim {
    /// For files below a directory.
    pub(super) fn new(root: &Path) -> Self {
        let own = TempDir::new().unwrap();
        let control = File::options()
            .create_new(true)
            .read(true)
            .write(true)
            .open(own.path().join("control"))
            .unwrap();
        control.set_len(CONTROL_BYTES).unwrap();
        Self {
            root: root.canonicalize().unwrap(),
            own,
            control,
        }
    }

    /// The executable with the library.
    pub(super) fn command(&self) -> Command {
        let mut command = stead();
        command
            .env("LD_PRELOAD", library())
            .env("STEAD_SHIM_ROOT", &self.root)
            .env("STEAD_SHIM_CONTROL", self.own.path().join("control"));
        command
    }

    /// The same, with everything written down.
    pub(super) fn recorded(&self) -> Command {
        let mut command = self.command();
        command.env("STEAD_SHIM_LOG", self.log());
        command
    }

    /// The same, but some flushes do nothing.
    pub(super) fn deaf(&self, path: Option<&str>) -> Command {
        let mut command = self.recorded();
        if let Some(path) = path {
            command.env("STEAD_SHIM_DEAF", path);
        }
        command
    }

    pub(super) fn log(&self) -> PathBuf {
        self.own.path().join("log")
    }

    /// Bytes that were written down so far.
    pub(super) fn log_length(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |about| about.len())
    }

    /// Lets something fail from now on for files whose path contains a text; its end counts as `$`.
    pub(super) fn fail(&self, fault: Fault, error: u32, path: &str) {
        self.fail_all(&[fault], error, path);
    }

    pub(super) fn fail_all(&self, faults: &[Fault], error: u32, path: &str) {
        let mut bytes = [0; MATCH_BYTES];
        assert!(path.len() < MATCH_BYTES);
        bytes[..path.len()].copy_from_slice(path.as_bytes());
        self.control.write_all_at(&bytes, MATCH).unwrap();
        for fault in faults {
            let place = *fault as u64;
            self.control
                .write_all_at(&error.to_ne_bytes(), place)
                .unwrap();
        }
    }

    /// Everything is well again.
    pub(super) fn heal(&self) {
        for fault in FAULTS {
            self.control
                .write_all_at(&0_u32.to_ne_bytes(), fault as u64)
                .unwrap();
        }
    }

    /// How often something was made to fail.
    pub(super) fn faults(&self) -> u32 {
        let mut bytes = [0; 4];
        self.control.read_exact_at(&mut bytes, COUNT).unwrap();
        u32::from_ne_bytes(bytes)
    }

    /// Sets the clock of the servers forwards or back.
    pub(super) fn shift_clock(&self, seconds: i64) {
        self.control
            .write_all_at(&seconds.to_ne_bytes(), CLOCK)
            .unwrap();
    }

    /// Lets flushes take up to so long.
    pub(super) fn slow_syncs(&self, microseconds: u32) {
        self.control
            .write_all_at(&microseconds.to_ne_bytes(), SYNC_DELAY)
            .unwrap();
    }

    /// Starts a server with the library in a home.
    pub(super) fn serve(&self, home: &Arc<TempDir>, arguments: &[&str]) -> Server {
        Server::launch(self.command(), Arc::clone(home), arguments)
    }
}

/// Compiles the library, once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/durable/shim.c");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let (built, unfinished) = (
            folder.join("shim.so"),
            folder.join(format!("shim-{}.so", std::process::id())),
        );
        let compiled = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&unfinished)
            .arg(source)
            .args(["-ldl", "-lpthread"])
            .output()
            .unwrap();
        assert!(
            compiled.status.success(),
            "{}",
            String::from_utf8_lossy(&compiled.stderr)
        );
        fs::rename(unfinished, &built).unwrap();
        built
    })
}
