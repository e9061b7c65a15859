//! How much memory requests may take where the operator does not say.

use std::fs;
use std::path::Path;

const MIB: u64 = 1 << 20;

/// Most that is taken without being asked for.
const MOST: u64 = 512 * MIB;

/// Fewest with which a picture or a large body can be worked on at all.
const FEWEST: u64 = 16 * MIB;

/// A quarter of what the system allows, in bytes.
pub(super) fn share() -> u64 {
    of(Path::new("/"))
}

/// The same with another root of the file system.
fn of(root: &Path) -> u64 {
    let limits = limits_of_group(root).into_iter().chain(installed(root));
    let allowed = limits.min().unwrap_or(u64::MAX);
    (allowed / 4).clamp(FEWEST, MOST)
}

/// What there is in the machine.
fn installed(root: &Path) -> Option<u64> {
    let text = fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// What the group of the process and those above it may take: that of a container, or of a service. Either version of
/// control groups has them.
fn limits_of_group(root: &Path) -> Vec<u64> {
    let Ok(groups) = fs::read_to_string(root.join("proc/self/cgroup")) else {
        return Vec::new();
    };
    let mut limits = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (mount, file) = match controllers {
            "" => ("sys/fs/cgroup", "memory.max"),
            _ if controllers.split(',').any(|name| name == "memory") => {
                ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        // Within a container the path may be that of the host; the limit is then at the top.
        for group in Path::new(path.trim_start_matches('/')).ancestors() {
            let limit = fs::read_to_string(root.join(mount).join(group).join(file));
            limits.extend(limit.ok().and_then(|text| text.trim().parse::<u64>().ok()));
        }
    }
    limits
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::{FEWEST, MIB, MOST, of};

    fn system(files: &[(&str, &str)]) -> u64 {
        let root = TempDir::new().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
            fs::write(path, text).unwrap();
        }
        of(root.path())
    }

    #[test]
    fn a_quarter_of_the_smallest_limit_is_taken() {
        let machine = ("proc/meminfo", "MemTotal:  1048576 kB\nMemFree: 1 kB\n");
        let group = ("proc/self/cgroup", "0::/system.slice/stead.service\n");
        let service = "sys/fs/cgroup/system.slice/stead.service/memory.max";
        assert_eq!(system(&[]), MOST);
        assert_eq!(system(&[machine]), 256 * MIB);
        assert_eq!(system(&[machine, group, (service, "max\n")]), 256 * MIB);
        let slice = ("sys/fs/cgroup/system.slice/memory.max", "536870912\n");
        assert_eq!(system(&[machine, group, slice]), 128 * MIB);
        assert_eq!(
            system(&[machine, group, slice, (service, "268435456\n")]),
            64 * MIB
        );
        assert_eq!(system(&[machine, group, (service, "1000\n")]), FEWEST);
        let container = ("sys/fs/cgroup/memory.max", "134217728\n");
        assert_eq!(
            system(&[machine, ("proc/self/cgroup", "0::/\n"), container]),
            32 * MIB
        );
        // The first version, in a container that sees the host's path.
        let older = (
            "proc/self/cgroup",
            "9:cpu,memory:/docker/abc\n1:name=systemd:/x\n",
        );
        let limit = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
        assert_eq!(system(&[machine, older, limit]), 32 * MIB);
    }
}
