//! Packs the admin UI for the executable that embeds it, and sees to one that is small and lies well. Runs no tool but
//! the compiler.

use std::env;
use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};

const DIST: &str = "admin-ui/dist";

const LAYOUT: &str = "layout.txt";

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
    if is("CARGO_CFG_TARGET_OS", "linux") && is("PROFILE", "release") {
        arrange()?;
    }
    if env::var_os("CARGO_FEATURE_UI").is_some() {
        pack(
            &Path::new(&env::var("CARGO_MANIFEST_DIR")?).join(DIST),
            Path::new(&env::var("OUT_DIR")?),
        )?;
    }
    Ok(())
}

/// Has the linker put what a server runs side by side, so that little of the executable is in memory while it rests
/// (`scripts/profile`). A linker that can't does without.
fn arrange() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={LAYOUT}");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let names = fs::read_to_string(LAYOUT)?;
    let mut script = String::from("SECTIONS { .text.first : {\n");
    for name in names.lines().filter(|line| !line.starts_with('#')) {
        // What is often or rarely called is in sections whose names begin otherwise.
        writeln!(
            script,
            "*(.text.hot.{name} .text.{name} .text.unlikely.{name})"
        )?;
    }
    script.push_str("} }\nINSERT BEFORE .text;\n");
    let path = out.join("layout.ld");
    fs::write(&path, script)?;
    let path = path.to_str().ok_or("a path of the build is not UTF-8")?;
    let arg = format!("-Wl,-T,{path}");
    let source = out.join("empty.rs");
    fs::write(&source, "fn main() {}")?;
    let mut compiler = Command::new(env::var("RUSTC")?);
    compiler.args(["--target", &env::var("TARGET")?, "--out-dir"]);
    compiler
        .arg(&out)
        .arg(&source)
        .args(["-C", &format!("link-arg={arg}")]);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut option = OsString::from("linker=");
        option.push(linker);
        compiler.arg("-C").arg(option);
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    compiler.args(flags.split('\u{1f}').filter(|flag| !flag.is_empty()));
    if compiler.output()?.status.success() {
        println!("cargo::rustc-link-arg-bins={arg}");
    } else {
        println!(
            "cargo::warning=the linker can't arrange functions; the executable needs more memory"
        );
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
