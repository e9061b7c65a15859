//! Makes a changed admin UI rebuild the executable that embeds it. Runs no tools.

fn main() {
    println!("cargo::rerun-if-changed=admin-ui/dist");
}
