//! A temporary Redis cluster: three primaries, each with a replica.

use super::daemon::{free_port, run};
use super::redis::RedisServer;
use crate::error::{Error, ErrorKind, Result};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const NODES: usize = 6;

/// Six `redis-server` processes that form a cluster, which ends on drop.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts the nodes and waits until the cluster is formed and the replicas are synchronized.
    ///
    /// # Errors
    /// If a node does not start, or the cluster is not formed within 30 seconds.
    pub fn start() -> Result<Self> {
        let cluster = RedisCluster { nodes: (0..NODES).map(|_| node()).collect::<Result<_>>()? };
        let addresses = cluster.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port()));
        let mut create = Command::new("redis-cli");
        create.args(["--cluster", "create"]).args(addresses);
        run(create.args(["--cluster-replicas", "1", "--cluster-yes"]))?;
        cluster.wait_until_whole()?;
        Ok(cluster)
    }

    /// Returns the URL for a cache, with all nodes.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.nodes.iter().map(|node| format!("127.0.0.1:{}", node.port())).collect();
        format!("redis-cluster://{}", hosts.join(","))
    }

    /// Returns the nodes.
    pub fn nodes(&mut self) -> &mut [RedisServer] {
        &mut self.nodes
    }

    /// Returns the current primaries, as reported by a running node.
    ///
    /// # Errors
    /// If no node answers.
    pub fn primaries(&self) -> Result<Vec<usize>> {
        let output = self.nodes.iter().find_map(|node| node.command(&["CLUSTER", "NODES"]).ok());
        let output = output.ok_or_else(|| Error::new(ErrorKind::Internal, "no node of the cluster answers"))?;
        let primaries: Vec<&str> =
            output.lines().filter(|line| line.contains("master") && !line.contains("fail")).collect();
        let mut positions = Vec::new();
        for (position, node) in self.nodes.iter().enumerate() {
            let address_end = format!(":{}@", node.port());
            if primaries.iter().any(|line| line.contains(&address_end)) {
                positions.push(position);
            }
        }
        Ok(positions)
    }

    fn wait_until_whole(&self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(30) {
            if self.nodes.iter().all(is_whole) {
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
        // A replica that was never synchronized with its primary cannot replace it.
        .setting("repl-diskless-sync-delay", "0")
        // The default, 10,000 above the port, may be greater than the highest port.
        .setting("cluster-port", &free_port()?.to_string())
        .start()
}

fn is_whole(node: &RedisServer) -> bool {
    let state = node.command(&["CLUSTER", "INFO"]).unwrap_or_default();
    let replication = node.command(&["INFO", "replication"]).unwrap_or_default();
    let in_step = ["master_link_status:up", "connected_slaves:1"].iter().any(|line| replication.contains(line));
    state.contains("cluster_state:ok") && state.contains("cluster_known_nodes:6") && in_step
}
