//! Where it listens: on sockets that a supervisor holds open across restarts, or on its own.
//!
//! A supervisor (systemd with a `.socket` unit; sd_listen_fds(3)) hands sockets over by number. Each is used for the listener
//! that has its address, so that their order does not matter. While this process is not there, connections wait in the
//! socket, and none is refused.

use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

use crate::output::{FAILED, Failure};

/// The sockets that were handed over. They are the supervisor's, and stay open here, too: what stops being listened on may be
/// listened on again later.
#[derive(Debug)]
pub(crate) struct Sockets(Vec<Given>);

#[derive(Debug)]
struct Given {
    socket: TcpListener,
    used: bool,
}

impl Sockets {
    /// Takes what this process was given when it was started.
    pub(crate) fn given() -> Self {
        let mut given = ListenFd::from_env();
        let mut sockets = Vec::new();
        for number in 0..given.len() {
            match given.take_tcp_listener(number) {
                Ok(Some(socket)) => sockets.push(Given { socket, used: false }),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(number, %error, "a socket that was handed over is of no use");
                }
            }
        }
        Self(sockets)
    }

    /// The socket of this address: the one that was handed over, or one of our own.
    ///
    /// # Errors
    /// When it cannot be listened on.
    pub(crate) fn listen(&mut self, address: SocketAddr) -> Result<tokio::net::TcpListener, Failure> {
        let failed =
            |error: std::io::Error| Failure::new(FAILED, format!("cannot listen on {address}: {error}"));
        let is_here = |given: &&mut Given| given.socket.local_addr().is_ok_and(|own| own == address);
        let socket = match self.0.iter_mut().find(is_here) {
            Some(given) => {
                given.used = true;
                given.socket.try_clone().map_err(failed)?
            }
            None => bind(address).map_err(failed)?,
        };
        socket.set_nonblocking(true).map_err(failed)?;
        tokio::net::TcpListener::from_std(socket).map_err(failed)
    }

    /// Says which sockets nobody listens on: whoever connects there would wait for ever.
    pub(crate) fn name_unused(&self) {
        for given in self.0.iter().filter(|given| !given.used) {
            if let Ok(address) = given.socket.local_addr() {
                tracing::warn!(%address, "no listener has the address of a socket that was handed over");
            }
        }
    }
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A port whose last connections are still ending is free for the next process.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// Connections that may wait to be accepted; the system may permit fewer.
const BACKLOG: i32 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_was_handed_over_is_used_for_its_address() {
        let given = TcpListener::bind("127.0.0.1:0").unwrap();
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = given.local_addr().unwrap();
        let mut sockets = Sockets([other, given].map(|socket| Given { socket, used: false }).into());
        assert_eq!(sockets.listen(address).unwrap().local_addr().unwrap(), address);
        assert_eq!(sockets.0.iter().map(|given| given.used).collect::<Vec<_>>(), [false, true]);
        assert_eq!(sockets.listen(address).unwrap().local_addr().unwrap(), address, "and again later");
        let own = sockets.listen("127.0.0.1:0".parse().unwrap()).unwrap();
        assert_ne!(own.local_addr().unwrap().port(), 0);
    }
}
