//! What is right and what is wrong with a Redis: what it is, what it does when it is full, its clock.

use super::RedisCache;
use crate::doctor::Finding;
use crate::doctor::cache::round_trip;
use crate::doctor::clock::Clock;
use crate::error::Result;
use crate::model::Timestamp;
use ::redis::{Value, cmd};

/// The oldest that is tested.
const OLDEST: (u32, u32) = (6, 2);

/// All there is to find out about the Redis.
pub(super) fn examine(cache: &RedisCache) -> Vec<Finding> {
    let kept = round_trip(cache);
    let clock = Clock::now();
    let Ok((seconds, microseconds)) = cache.pool.ask::<(i64, i64)>(&cmd("TIME")) else { return vec![kept] };
    let time = Timestamp::from_microseconds(seconds * 1_000_000 + microseconds);
    let clock = time.map(|time| clock.compare("Redis'", time));
    let version = nodes(cache, "server").map(|nodes| nodes.iter().map(|node| version(node)).max_by_key(rank));
    let memory = nodes(cache, "memory").map(|nodes| nodes.iter().map(|node| memory(node)).max_by_key(rank));
    let asked = [version, memory].into_iter().map(|found| found.unwrap_or_else(|error| Some(refused(&error))));
    [kept].into_iter().chain(asked.flatten()).chain(clock).collect()
}

/// The worst node is told.
fn rank(finding: &Finding) -> crate::doctor::Health {
    finding.health
}

fn refused(error: &crate::error::Error) -> Finding {
    Finding::warning("memory", error.to_string(), "let this user run INFO, to see how much memory it may use")
}

/// What each node tells of itself.
fn nodes(cache: &RedisCache, section: &str) -> Result<Vec<String>> {
    let told: Value = cache.pool.ask(cmd("INFO").arg(section))?;
    Ok(match told {
        Value::Map(nodes) => nodes.into_iter().filter_map(|(_, told)| text(told)).collect(),
        one => text(one).into_iter().collect(),
    })
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
        let mend = format!("use Redis {}.{} or later", OLDEST.0, OLDEST.1);
        return Finding::failed("cache", format!("Redis {version}"), mend);
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
            let mend = "set maxmemory, and maxmemory-policy allkeys-lru";
            Finding::warning("memory", format!("{used} used, no limit, policy {policy}"), mend)
        }
        Some(bytes) => {
            let found = format!("{used} used of {}, policy {policy}", most.unwrap_or(bytes));
            if policy == "noeviction" {
                let mend = "full, it refuses what is new: set maxmemory-policy allkeys-lru";
                return Finding::warning("memory", found, mend);
            }
            Finding::ok("memory", found)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Health;

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
