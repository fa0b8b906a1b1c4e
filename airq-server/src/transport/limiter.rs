//! The limit of the number of connections, in total and for each client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The permits of a limited number of connections.
#[derive(Debug)]
pub(super) struct Limiter(Mutex<Permits>);

#[derive(Debug)]
struct Permits {
    free: Vec<usize>,
    by_client: HashMap<IpAddr, usize>,
}

/// The permit of a connection, which is free again when it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    pub(super) index: usize,
    pub(super) client: IpAddr,
}

impl Limiter {
    pub(super) fn new(number: usize) -> Arc<Limiter> {
        let free = (0..number).rev().collect();
        Arc::new(Limiter(Mutex::new(Permits { free, by_client: HashMap::new() })))
    }

    /// Returns a permit for a connection from this address, or `None` if no permit is free.
    pub(super) fn acquire(self: &Arc<Self>, address: IpAddr) -> Option<Permit> {
        let client = client_of(address);
        let mut permits = self.permits();
        let index = permits.free.pop()?;
        *permits.by_client.entry(client).or_default() += 1;
        Some(Permit { limiter: self.clone(), index, client })
    }

    pub(super) fn has_room(&self) -> bool {
        !self.permits().free.is_empty()
    }

    /// Returns the number of permits of a [client](Permit::client).
    pub(super) fn held_by(&self, client: IpAddr) -> usize {
        self.permits().by_client.get(&client).copied().unwrap_or(0)
    }

    fn permits(&self) -> MutexGuard<'_, Permits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut permits = self.limiter.permits();
        permits.free.push(self.index);
        if let Some(number) = permits.by_client.get_mut(&self.client) {
            *number -= 1;
            if *number == 0 {
                permits.by_client.remove(&self.client);
            }
        }
    }
}

/// Returns the address that identifies a client. A client with IPv6 has a network of 64 bits for itself.
fn client_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_are_counted_for_each_client_and_are_free_again() {
        let limiter = Limiter::new(3);
        let v4 = "192.0.2.1".parse().unwrap();
        let first = limiter.acquire(v4).unwrap();
        let mapped = limiter.acquire("::ffff:192.0.2.1".parse().unwrap()).unwrap();
        let v6 = limiter.acquire("2001:db8::1".parse().unwrap()).unwrap();
        assert_eq!((first.client, limiter.held_by(v4), limiter.held_by(v6.client)), (mapped.client, 2, 1));
        assert!(limiter.acquire(v4).is_none() && !limiter.has_room());
        drop(v6);
        let other = limiter.acquire("2001:db8::2".parse().unwrap()).unwrap();
        assert_eq!(limiter.held_by(other.client), 1);
        drop((first, mapped));
        assert_eq!(limiter.held_by(v4), 0);
        assert!(limiter.acquire(v4).is_some());
    }

    #[test]
    fn a_network_of_64_bits_is_one_client() {
        assert_eq!(client_of("2001:db8::1".parse().unwrap()), client_of("2001:db8::2:1".parse().unwrap()));
        assert_ne!(client_of("2001:db8::1".parse().unwrap()), client_of("2001:db8:0:1::1".parse().unwrap()));
    }
}
