//! Ports that a test may name before anything listens there.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// What Linux chooses from where nobody names a port begins here
/// (`/proc/sys/net/ipv4/ip_local_port_range`).
const CHOSEN_BY_THE_SYSTEM: u16 = 32_768;
const FIRST: u16 = 12_000;

/// A port of loopback that nothing listens at, and that stays so until the caller does.
///
/// One that the system chose (port 0) and that was closed again may be given to any client or server of this
/// machine meanwhile: these are below what the system chooses from, and each is handed out once.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let places = CHOSEN_BY_THE_SYSTEM - FIRST;
    // Processes that run at the same time begin at different places.
    let start = u16::try_from(std::process::id() * 97 % u32::from(places)).unwrap();
    let tried = || NEXT.fetch_add(1, Ordering::Relaxed);
    std::iter::repeat_with(tried)
        .take(usize::from(places))
        .map(|next| FIRST + start.wrapping_add(next) % places)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .unwrap()
}
