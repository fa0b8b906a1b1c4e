//! A Redis cluster of a test's own: three primaries, each with a replica.

use super::daemon::{free_port, run};
use super::redis::RedisServer;
use crate::error::{Error, ErrorKind, Result};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const NODES: usize = 6;

/// Six `redis-server` processes that form a cluster; gone when dropped.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts the nodes and waits until they agree and the replicas are in step.
    ///
    /// # Errors
    /// If a node does not start, or they do not agree within half a minute.
    pub fn start() -> Result<Self> {
        let cluster = RedisCluster { nodes: (0..NODES).map(|_| node()).collect::<Result<_>>()? };
        let addresses = cluster.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port()));
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(addresses);
        run(create.args(["--cluster-replicas", "1", "--cluster-yes"]))?;
        cluster.wait_until_whole()?;
        Ok(cluster)
    }

    /// The URL a cache is opened by, naming every node.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis-cluster://{}", hosts.join(","))
    }

    /// The nodes.
    pub fn nodes(&mut self) -> &mut [RedisServer] {
        &mut self.nodes
    }

    /// Which of the nodes are primaries now, by asking one that runs.
    ///
    /// # Errors
    /// If none answers.
    pub fn primaries(&self) -> Result<Vec<usize>> {
        let seen = self.nodes.iter().find_map(|node| node.command(&["CLUSTER", "NODES"]).ok());
        let seen = seen.ok_or_else(|| Error::new(ErrorKind::Internal, "no node of the cluster answers"))?;
        let is_primary = |port: u16| {
            seen.lines()
                .any(|line| line.contains(&format!(":{port}@")) && line.contains("master") && !line.contains("fail"))
        };
        Ok((0..self.nodes.len()).filter(|place| is_primary(self.nodes[*place].port())).collect())
    }

    fn wait_until_whole(&self) -> Result<()> {
        let whole = |node: &RedisServer| {
            let state = node.command(&["CLUSTER", "INFO"]).unwrap_or_default();
            let replication = node.command(&["INFO", "replication"]).unwrap_or_default();
            let in_step = ["master_link_status:up", "connected_slaves:1"].iter().any(|line| replication.contains(line));
            state.contains("cluster_state:ok") && state.contains("cluster_known_nodes:6") && in_step
        };
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(30) {
            if self.nodes.iter().all(whole) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(100));
        }
        Err(Error::new(ErrorKind::Internal, "the nodes of the cluster do not agree after 30 s"))
    }
}

fn node() -> Result<RedisServer> {
    RedisServer::options()
        .setting("cluster-enabled", "yes")
        .setting("cluster-config-file", "nodes.conf")
        .setting("cluster-node-timeout", "2000")
        // A replica that has never been in step with its primary does not follow it.
        .setting("repl-diskless-sync-delay", "0")
        // The usual one, 10,000 above the port, may lie beyond the last port.
        .setting("cluster-port", &free_port()?.to_string())
        .start()
}
