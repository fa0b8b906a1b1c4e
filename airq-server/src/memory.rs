//! The memory that this process may use.

use std::fs;
use std::path::PathBuf;

/// Returns the smallest of the memory limits of the process's control groups and the memory of the machine, in bytes. Returns
/// `None` if nothing is known.
pub(crate) fn available() -> Option<usize> {
    machine().into_iter().chain(control_groups()).min()
}

fn machine() -> Option<usize> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    line.trim().strip_suffix(" kB")?.parse::<usize>().ok()?.checked_mul(1024)
}

/// Returns the limits of the group and of the groups that contain it.
fn control_groups() -> Vec<usize> {
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let files = limit_files(&groups);
    files.into_iter().filter_map(|file| fs::read_to_string(file).ok()?.trim().parse().ok()).collect()
}

/// Returns the files that may have a limit. `groups` has the format of `/proc/self/cgroup`: `0::/a/b` for the version 2 of control
/// groups, `9:memory:/a/b` for the version 1. In a container, the paths may be paths of the host, while only the root exists.
fn limit_files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (root, file) = match parts.next() {
            Some("") => ("/sys/fs/cgroup", "memory.max"),
            Some(controllers) if controllers.split(',').any(|controller| controller == "memory") => {
                ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
            }
            _ => continue,
        };
        let path = PathBuf::from(format!("{root}{}", parts.next().unwrap_or_default()));
        files.extend(path.ancestors().take_while(|folder| folder.starts_with(root)).map(|folder| folder.join(file)));
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_this_machine_is_known() {
        assert!(available().unwrap() > 1 << 20);
    }

    #[test]
    fn limits_of_a_group_and_of_all_groups_above_count() {
        let files = limit_files("0::/kubepods/pod1\n9:cpu,memory:/docker/1\n8:cpu:/x\n");
        let names: Vec<_> = files.iter().map(|file| file.to_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "/sys/fs/cgroup/kubepods/pod1/memory.max",
                "/sys/fs/cgroup/kubepods/memory.max",
                "/sys/fs/cgroup/memory.max",
                "/sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/docker/memory.limit_in_bytes",
                "/sys/fs/cgroup/memory/memory.limit_in_bytes",
            ]
        );
    }
}
