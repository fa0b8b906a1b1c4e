//! nginx with the configuration of `ops/nginx`.

use super::{Reply, process_status};
use airq_core::testing::servers::free_port;
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// nginx with the configuration that is shipped, in a folder and on a port of its own.
pub(crate) struct Proxy {
    child: Child,
    folder: PathBuf,
    pub(crate) address: SocketAddr,
}

impl Proxy {
    pub(crate) fn start(upstreams: &[SocketAddr]) -> Proxy {
        Proxy::start_with(upstreams, |site| site)
    }

    /// Starts nginx with the servers behind a path such as `/aq`, as docs/api.md describes it.
    pub(crate) fn start_at(prefix: &str, upstreams: &[SocketAddr]) -> Proxy {
        Proxy::start_with(upstreams, |site| {
            let id = "proxy_set_header X-Request-Id    $request_id;";
            assert!(site.contains(id));
            site.replace(id, &format!("{id}\n    proxy_set_header X-Forwarded-Prefix {prefix};"))
                .replace("location / {", &format!("location / {{ return 404; }}\n    location {prefix}/ {{"))
                .replacen("proxy_pass http://airq;", "proxy_pass http://airq/;", 1)
        })
    }

    fn start_with(upstreams: &[SocketAddr], edit: impl FnOnce(String) -> String) -> Proxy {
        let address = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
        let folder = std::env::temp_dir().join(format!("airq-proxy-{}-{}", std::process::id(), address.port()));
        fs::create_dir_all(&folder).unwrap();
        let ops = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ops/nginx");
        let servers =
            upstreams.iter().map(|server| format!("server {server} max_fails=0; ")).collect::<Vec<_>>().concat();
        let site = fs::read_to_string(ops.join("templates/airq.conf.template")).unwrap();
        let site =
            site.replace("${AIRQ_UPSTREAM_SERVERS}", &servers).replace("${AIRQ_PROXY_LISTEN}", &address.to_string());
        fs::write(folder.join("airq.conf"), edit(site)).unwrap();
        let here = folder.to_str().unwrap();
        let main = fs::read_to_string(ops.join("nginx.conf")).unwrap();
        let main = main
            .replace("/tmp/", &format!("{here}/"))
            .replace("/etc/nginx/conf.d/*.conf", &format!("{here}/airq.conf"));
        fs::write(folder.join("nginx.conf"), main).unwrap();
        let log = fs::File::create(folder.join("error.log")).unwrap();
        let child = Command::new("setpriv")
            .args([
                "--pdeathsig",
                "KILL",
                "nginx",
                "-p",
                here,
                "-c",
                &format!("{here}/nginx.conf"),
                "-g",
                "daemon off;",
            ])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("nginx and setpriv are installed");
        let proxy = Proxy { child, folder, address };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let log = || fs::read_to_string(proxy.folder.join("error.log")).unwrap();
            assert!(began.elapsed() < Duration::from_secs(10), "nginx does not listen: {}", log());
            thread::sleep(Duration::from_millis(20));
        }
        proxy
    }

    /// Returns the largest resident memory that the processes of nginx have had together, in KiB.
    pub(crate) fn peak_memory(&self) -> u64 {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let processes = children.split_whitespace().map(|child| child.parse().unwrap()).chain([pid]);
        processes.map(|process| process_status(process, "VmHWM:")).sum()
    }

    pub(crate) fn get(&self, target: &str) -> Reply {
        super::get(self.address, target, "")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Told to end, the master takes its workers along.
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        if told.is_err() || self.child.wait().is_err() {
            let _gone_already = self.child.kill();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}
