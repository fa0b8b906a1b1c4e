//! Files by their URL: fetched to a temporary file, and asked for again at most as often as the settings say. If that fails, the last
//! complete copy stays.

mod copy;
mod download;
mod settings;

use crate::error::{Error, ErrorKind, Result, cut};
use crate::secret::SecretUrl;
use crate::url_settings::is_web;
pub(crate) use copy::RemoteCopy;
use download::{Validators, agent, download};
pub(crate) use settings::RemoteSettings;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use ureq::Agent;

/// The files of a source that are named by URLs. Each file is fetched when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct RemoteFiles {
    settings: RemoteSettings,
    files: Mutex<Vec<Arc<RemoteFile>>>,
}

/// A file, and its last complete copy.
#[derive(Debug)]
struct RemoteFile {
    url: SecretUrl,
    agent: Agent,
    latest: Mutex<Latest>,
}

/// The last copy, and what became of the last request.
#[derive(Debug)]
struct Latest {
    copy: Arc<RemoteCopy>,
    validators: Validators,
    /// The reason why the last request failed.
    failed: Option<String>,
}

/// Returns the URL, if the path of a file is one.
pub(crate) fn url_of(path: &Path) -> Option<&str> {
    path.to_str().filter(|path| is_web(path))
}

impl RemoteFiles {
    pub(crate) fn new(settings: RemoteSettings) -> Self {
        RemoteFiles { settings, files: Mutex::default() }
    }

    /// Returns the last copy of a file. The file is fetched if there is no copy yet.
    ///
    /// # Errors
    /// If the URL is invalid, or the file cannot be fetched.
    pub(crate) fn copy(&self, url: &str) -> Result<Arc<RemoteCopy>> {
        let known = self.lock().iter().find(|file| file.url.expose() == url).cloned();
        if let Some(file) = known {
            return Ok(file.lock().copy.clone());
        }
        let file = RemoteFile::fetch(url, &self.settings)?;
        let copy = file.lock().copy.clone();
        self.lock().push(Arc::new(file));
        Ok(copy)
    }

    /// Returns whether there are no files.
    pub(crate) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Asks for all files again; returns whether one of them has changed. A failure is logged once.
    pub(crate) fn refresh(&self) -> bool {
        let files = self.lock().clone();
        let mut has_changed = false;
        for file in files {
            has_changed |= file.refresh(&self.settings);
        }
        has_changed
    }

    /// Returns why the first of the files that could not be fetched again was not.
    pub(crate) fn failure(&self) -> Option<String> {
        self.lock().iter().find_map(|file| file.lock().failed.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<RemoteFile>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RemoteFile {
    fn fetch(url: &str, settings: &RemoteSettings) -> Result<Self> {
        let url = SecretUrl::new(url);
        let name = name(&url)?;
        let agent = agent(settings);
        let fetched = download(&agent, &url, &name, settings, &Validators::default())?;
        let Some((copy, validators)) = fetched else {
            return Err(Error::new(ErrorKind::Unavailable, format!("{name} was not sent")));
        };
        let latest = Mutex::new(Latest { copy: Arc::new(copy), validators, failed: None });
        Ok(RemoteFile { url, agent, latest })
    }

    /// Asks for the file again; returns whether it has changed.
    fn refresh(&self, settings: &RemoteSettings) -> bool {
        let (name, validators) = {
            let latest = self.lock();
            (latest.copy.name.clone(), latest.validators.clone())
        };
        let fetched = download(&self.agent, &self.url, &name, settings, &validators);
        let mut latest = self.lock();
        let had_failed = latest.failed.is_some();
        match fetched {
            Err(error) => {
                if !had_failed {
                    log::error!("the last copy of a file stays in use: {error:#}");
                }
                latest.failed = Some(format!("{error:#}"));
                return false;
            }
            Ok(_) if had_failed => log::info!("{name} can be fetched again"),
            Ok(_) => {}
        }
        latest.failed = None;
        let Ok(Some((copy, validators))) = fetched else { return false };
        latest.validators = validators;
        // Some servers send the same file again.
        if (copy.size, copy.hash) == (latest.copy.size, latest.copy.hash) {
            return false;
        }
        latest.copy = Arc::new(copy);
        true
    }

    fn lock(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the URL without user and query, which may be secret.
///
/// # Errors
/// If the URL has no host.
fn name(url: &SecretUrl) -> Result<String> {
    if !url.expose().contains('#')
        && let Ok(uri) = url.expose().parse()
        && let Some(name) = without_secrets(&uri)
    {
        return Ok(name);
    }
    let what =
        format!("{:?} is no URL of a file: it is https://HOST/FILE; a blank is written as %20", cut(&url.to_string()));
    Err(Error::new(ErrorKind::InvalidSetting, what))
}

/// Returns the URL without user, password and query; `None` if it has no host.
fn without_secrets(uri: &ureq::http::Uri) -> Option<String> {
    let authority = uri.authority()?.as_str();
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => host,
        None => authority,
    };
    Some(format!("{}://{host}{}", uri.scheme_str()?, uri.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_neither_user_nor_query() {
        let named = name(&SecretUrl::new("https://me:s3cret@city.example:8443/a%20b/today.csv?key=s3cret"));
        assert_eq!(named.unwrap(), "https://city.example:8443/a%20b/today.csv");
        assert_eq!(name(&SecretUrl::new("http://city.example")).unwrap(), "http://city.example/");
        for bad in
            ["https://", "https:///today.csv", "https://a b/today.csv", "https://city.example/a b.csv", "http://c/#x"]
        {
            let error = name(&SecretUrl::new(bad)).unwrap_err();
            assert!(error.is_invalid_input() && error.to_string().contains("%20"), "{bad}: {error}");
        }
    }
}
