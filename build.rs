//! Makes a changed admin UI rebuild the executable that embeds it, and sees to a small one. Runs no tools.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=admin-ui/dist");
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
}
