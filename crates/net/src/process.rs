//! What this process costs: time and memory.

use std::time::Duration;

/// CPU time of all threads so far.
pub fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Largest resident memory so far in bytes, where the system tells.
pub fn peak_memory_bytes() -> Option<u64> {
    told("VmHWM:")
}

/// Resident memory in bytes, where the system tells.
pub fn resident_bytes() -> Option<u64> {
    told("VmRSS:")
}

fn told(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}
