//! The CPU time and the memory of this process, by the names that Prometheus' client libraries use.

use std::fs;

/// Times in `/proc` are in ticks: 100 a second in every Linux program interface, whatever the kernel's own clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// Returns the metrics of this process in the text format of Prometheus, or nothing where there is no `/proc`.
pub(crate) fn metrics() -> String {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    text(&stat, &status).unwrap_or_default()
}

fn text(stat: &str, status: &str) -> Option<String> {
    let cpu = cpu_seconds(stat)?;
    let memory = resident_bytes(status)?;
    Some(format!(
        "# HELP process_cpu_seconds_total CPU time of this process, in user and system mode\n\
         # TYPE process_cpu_seconds_total counter\n\
         process_cpu_seconds_total {cpu}\n\
         # HELP process_resident_memory_bytes Resident memory of this process\n\
         # TYPE process_resident_memory_bytes gauge\n\
         process_resident_memory_bytes {memory}\n"
    ))
}

/// Returns the CPU time. The name of the program, in parentheses, may contain spaces and parentheses.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((f64::from(user) + f64::from(system)) / TICKS_PER_SECOND)
}

fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_and_memory_are_read_as_the_kernel_writes_them() {
        let stat = "7 (a ) (b) S 1 7 7 0 -1 4194304 100 0 0 0 250 75 9 9 20 0 1 0 5 1000 200";
        let status = "Name:\tx\nVmPeak:\t  900 kB\nVmRSS:\t  512 kB\n";
        let text = text(stat, status).unwrap();
        assert!(text.contains("\nprocess_cpu_seconds_total 3.25\n"), "{text}");
        assert!(text.ends_with("\nprocess_resident_memory_bytes 524288\n"), "{text}");
        assert_eq!(super::text("", status), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory() {
        assert!(metrics().contains("process_resident_memory_bytes "));
    }
}
