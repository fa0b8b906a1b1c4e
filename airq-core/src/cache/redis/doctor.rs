//! Checks a Redis: its version, its memory limit and eviction policy, and its clock.

use super::RedisCache;
use crate::cache::round_trip::round_trip;
use crate::error::Result;
use crate::finding::{ClockReading, Finding, Health};
use crate::model::Timestamp;
use ::redis::{Value, cmd};

/// The oldest supported version.
const OLDEST: (u32, u32) = (6, 2);

/// Returns the findings of all checks.
pub(super) fn examine(cache: &RedisCache) -> Vec<Finding> {
    let stored = round_trip(cache);
    if stored.health == Health::Failed {
        return vec![stored];
    }
    let mut findings = vec![stored];
    match nodes(cache) {
        Ok(nodes) => {
            findings.extend(worst(&nodes, version));
            findings.extend(worst(&nodes, memory));
        }
        Err(error) => {
            let fix = "let this user run INFO, to see how much memory it may use";
            findings.push(Finding::warning("memory", format!("{error:#}"), fix));
        }
    }
    let clock = ClockReading::now();
    // The clock is not checked if the user may not run TIME.
    if let Ok((seconds, microseconds)) = cache.pool.query::<(i64, i64)>(&cmd("TIME")) {
        let time = Timestamp::from_microseconds(seconds * 1_000_000 + microseconds);
        findings.extend(time.map(|time| clock.compare("Redis'", time)));
    }
    findings
}

/// Returns the INFO of each node.
fn nodes(cache: &RedisCache) -> Result<Vec<String>> {
    Ok(match cache.pool.query(&cmd("INFO"))? {
        Value::Map(nodes) => nodes.into_iter().filter_map(|(_, info)| text(info)).collect(),
        info => text(info).into_iter().collect(),
    })
}

/// Returns the most severe finding among the nodes.
fn worst(nodes: &[String], find: fn(&str) -> Finding) -> Option<Finding> {
    nodes.iter().map(|node| find(node)).max_by_key(|finding| finding.health)
}

fn text(value: Value) -> Option<String> {
    ::redis::from_redis_value(value).ok()
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

fn version(info: &str) -> Finding {
    let version = field(info, "redis_version").unwrap_or("0");
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let number = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if number < OLDEST {
        let fix = format!("use Redis {}.{} or later", OLDEST.0, OLDEST.1);
        return Finding::failed("cache", format!("Redis {version}"), fix);
    }
    Finding::ok("cache", format!("Redis {version}"))
}

/// Checks that the memory has a limit and that Redis evicts entries when the memory is full.
fn memory(info: &str) -> Finding {
    let policy = field(info, "maxmemory_policy").unwrap_or("unknown");
    let used = field(info, "used_memory_human").unwrap_or("unknown");
    let limit = field(info, "maxmemory_human");
    match field(info, "maxmemory") {
        None | Some("0") => {
            let fix = "set maxmemory, and maxmemory-policy allkeys-lru";
            Finding::warning("memory", format!("{used} used, no limit, policy {policy}"), fix)
        }
        Some(bytes) => {
            let found = format!("{used} used of {}, policy {policy}", limit.unwrap_or(bytes));
            if policy == "noeviction" {
                let fix = "a full Redis refuses new answers: set maxmemory-policy allkeys-lru";
                return Finding::warning("memory", found, fix);
            }
            Finding::ok("memory", found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_and_memory_are_checked() {
        for (info, health, part) in [
            ("# Server\r\nredis_version:6.2.14\r\n", Health::Ok, "Redis 6.2.14"),
            ("redis_version:10.0.1", Health::Ok, "10.0.1"),
            ("redis_version:6.0.16", Health::Failed, "6.0.16"),
        ] {
            let finding = version(info);
            assert!(finding.health == health && finding.found.contains(part), "{finding:?}");
        }
        for (info, health, part) in [
            ("maxmemory:0\r\nused_memory_human:1.00M\r\nmaxmemory_policy:noeviction", Health::Warning, "no limit"),
            ("maxmemory:9\r\nmaxmemory_human:9B\r\nmaxmemory_policy:noeviction", Health::Warning, "of 9B"),
            ("maxmemory:9\r\nmaxmemory_human:9B\r\nmaxmemory_policy:allkeys-lru", Health::Ok, "allkeys-lru"),
        ] {
            let finding = memory(info);
            assert!(finding.health == health && finding.found.contains(part), "{finding:?}");
        }
    }
}
