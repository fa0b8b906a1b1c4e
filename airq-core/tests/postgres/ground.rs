//! What the tests stand on: one server for those that leave it as it is, with a database for each.

use airq_core::import::{Database, ImportOptions, Imported};
use airq_core::testing::servers::PostgresServer;
use airq_core::testing::{repository_contract_csv, repository_contract_stations};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak, mpsc};
use std::thread;

/// A server that several tests use at once; gone with the last of them.
pub(crate) struct Shared {
    server: PostgresServer,
    /// The thread that started it, whose end would be the server's, waits for this to go.
    _keeper: mpsc::Sender<()>,
}

impl Deref for Shared {
    type Target = PostgresServer;

    fn deref(&self) -> &PostgresServer {
        &self.server
    }
}

/// The server of the tests that run now.
pub(crate) fn shared() -> Arc<Shared> {
    static SERVER: Mutex<Weak<Shared>> = Mutex::new(Weak::new());
    let mut slot = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(server) = slot.upgrade() {
        return server;
    }
    let (tell, told) = mpsc::channel();
    let (keeper, kept) = mpsc::channel::<()>();
    thread::spawn(move || {
        tell.send(plain().start().unwrap()).unwrap();
        let _gone = kept.recv();
    });
    let server = Arc::new(Shared { server: told.recv().unwrap(), _keeper: keeper });
    *slot = Arc::downgrade(&server);
    server
}

/// A server that logs the plan of every statement.
pub(crate) fn plain() -> airq_core::testing::servers::PostgresOptions {
    PostgresServer::options()
        .setting("session_preload_libraries", "auto_explain")
        .setting("auto_explain.log_min_duration", "0")
        .setting("auto_explain.log_analyze", "on")
}

/// An empty database of this test's own, migrated.
pub(crate) fn database(server: &PostgresServer, name: &str) -> String {
    let url = server.create_database(name).unwrap();
    Database::at(&url).unwrap().migrate().unwrap();
    url
}

/// A folder of this test's own, removed when dropped.
pub(crate) struct Files(PathBuf);

impl Files {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("postgres-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Files(folder)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Imports one file's content.
pub(crate) fn import(url: &str, csv: impl AsRef<[u8]>, options: &ImportOptions) -> airq_core::Result<Imported> {
    let files = Files::new();
    Database::at(url).unwrap().import([files.write("data.csv", csv)], options, &mut ())
}

/// The data that the contract suite expects.
pub(crate) fn import_contract_data(url: &str) {
    let files = Files::new();
    files.write("stations.csv", repository_contract_stations());
    let data = files.write("data.csv", repository_contract_csv());
    Database::at(url).unwrap().import([data], &ImportOptions::default(), &mut ()).unwrap();
}
