//! What is right and what is wrong with a Redis: what it is, what it does when it is full, its clock.

use super::RedisCache;
use crate::cache::round_trip::round_trip;
use crate::error::Result;
use crate::finding::{ClockReading, Finding, Health};
use crate::model::Timestamp;
use ::redis::{Value, cmd};

/// The oldest that is tested.
const OLDEST: (u32, u32) = (6, 2);

/// All there is to find out about the Redis.
pub(super) fn examine(cache: &RedisCache) -> Vec<Finding> {
    let kept = round_trip(cache);
    if kept.health == Health::Failed {
        return vec![kept];
    }
    let mut findings = vec![kept];
    match nodes(cache) {
        Ok(nodes) => findings.extend([worst(&nodes, version), worst(&nodes, memory)].into_iter().flatten()),
        Err(error) => {
            let fix = "let this user run INFO, to see how much memory it may use";
            findings.push(Finding::warning("memory", error.to_string(), fix));
        }
    }
    let clock = ClockReading::now();
    // Who may not ask for the time is not told of it.
    if let Ok((seconds, microseconds)) = cache.pool.ask::<(i64, i64)>(&cmd("TIME")) {
        let time = Timestamp::from_microseconds(seconds * 1_000_000 + microseconds);
        findings.extend(time.map(|time| clock.compare("Redis'", time)));
    }
    findings
}

/// What each node tells of itself.
fn nodes(cache: &RedisCache) -> Result<Vec<String>> {
    Ok(match cache.pool.ask(&cmd("INFO"))? {
        Value::Map(nodes) => nodes.into_iter().filter_map(|(_, told)| text(told)).collect(),
        one => text(one).into_iter().collect(),
    })
}

/// What is found of the node that is worst off.
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

/// Without a limit it takes all there is; full, it has to forget rather than refuse.
fn memory(info: &str) -> Finding {
    let policy = field(info, "maxmemory_policy").unwrap_or("unknown");
    let (used, most) = (field(info, "used_memory_human"), field(info, "maxmemory_human"));
    let used = used.unwrap_or("unknown");
    match field(info, "maxmemory") {
        None | Some("0") => {
            let fix = "set maxmemory, and maxmemory-policy allkeys-lru";
            Finding::warning("memory", format!("{used} used, no limit, policy {policy}"), fix)
        }
        Some(bytes) => {
            let found = format!("{used} used of {}, policy {policy}", most.unwrap_or(bytes));
            if policy == "noeviction" {
                let fix = "full, it refuses what is new: set maxmemory-policy allkeys-lru";
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
    fn a_redis_tells_what_it_is_and_what_it_does_when_full() {
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
