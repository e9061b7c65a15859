//! Packs the admin UI for the executable that embeds it, and sees to a small one. Runs no tools.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};

const DIST: &str = "admin-ui/dist";

/// What is packed already gains nothing.
const PACKED: [&str; 3] = ["woff2", "png", "webp"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={DIST}");
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| {
        let all = env::var(name).unwrap_or_default();
        all.split(',').any(|one| one == value)
    };
    // Relocations of an executable that has no loader are packed by whom they are for: it knows how to unpack them.
    if is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("CARGO_CFG_TARGET_FEATURE", "crt-static")
    {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    if env::var_os("CARGO_FEATURE_UI").is_some() {
        pack(
            &Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(DIST),
            Path::new(&env::var("OUT_DIR")?),
        )?;
    }
    Ok(())
}

/// Writes `ui.rs`, the table of the UI's files by name, and beside it their compressed forms; see `src/ui.rs`.
fn pack(dist: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let level = match env::var("OPT_LEVEL").as_deref() {
        Ok("0") => Compression::fast(),
        _ => Compression::best(),
    };
    let mut paths = Vec::new();
    collect(dist, &mut paths)?;
    let mut files = Vec::new();
    for path in paths {
        let name = path
            .strip_prefix(dist)?
            .to_str()
            .ok_or("a name of the UI is not UTF-8")?
            .replace('\\', "/");
        files.push((name, path));
    }
    files.sort();
    let mut table = String::from("&[\n");
    for (number, (name, path)) in files.iter().enumerate() {
        let data = fs::read(path)?;
        let mut crc = Crc::new();
        crc.update(&data);
        let tag = format!("{:08x}{:x}", crc.sum(), data.len());
        let gzip = !PACKED
            .iter()
            .any(|end| path.extension() == Some(OsStr::new(end)));
        let stored = if gzip {
            let stored = out.join(format!("ui-{number}.gz"));
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(&data)?;
            fs::write(&stored, encoder.finish()?)?;
            stored
        } else {
            path.clone()
        };
        let stored = stored.to_str().ok_or("a path of the build is not UTF-8")?;
        writeln!(
            table,
            "    File {{ name: {name:?}, tag: {tag:?}, gzip: {gzip}, data: include_bytes!({stored:?}) }},"
        )?;
    }
    table.push(']');
    fs::write(out.join("ui.rs"), table)?;
    Ok(())
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), paths)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}
