//! Where it listens: on sockets that a supervisor holds open across restarts, or on its own.
//!
//! A supervisor (systemd with a `.socket` unit; sd_listen_fds(3)) hands sockets over by number. Each is used for the listener
//! that has its address, so that their order does not matter. While this process is not there, connections wait in the
//! socket, and none is refused.

use std::net::{SocketAddr, TcpListener};

use listenfd::ListenFd;

use crate::output::{FAILED, Failure};

/// The sockets that were handed over and are not in use yet.
#[derive(Debug)]
pub(crate) struct Sockets(Vec<TcpListener>);

impl Sockets {
    /// Takes what this process was given when it was started.
    pub(crate) fn given() -> Self {
        let mut given = ListenFd::from_env();
        let mut sockets = Vec::new();
        for number in 0..given.len() {
            match given.take_tcp_listener(number) {
                Ok(Some(socket)) => sockets.push(socket),
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
        let at = self.0.iter().position(|socket| socket.local_addr().is_ok_and(|own| own == address));
        let socket = match at {
            Some(at) => self.0.swap_remove(at),
            None => bind(address).map_err(failed)?,
        };
        socket.set_nonblocking(true).map_err(failed)?;
        tokio::net::TcpListener::from_std(socket).map_err(failed)
    }

    /// Says which sockets nobody listens on: whoever connects there would wait for ever.
    pub(crate) fn rest(self) {
        for socket in self.0 {
            if let Ok(address) = socket.local_addr() {
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
        let mut sockets = Sockets(vec![other, given]);
        assert_eq!(sockets.listen(address).unwrap().local_addr().unwrap(), address);
        assert_eq!(sockets.0.len(), 1, "the other is still there");
        let own = sockets.listen("127.0.0.1:0".parse().unwrap()).unwrap();
        assert_ne!(own.local_addr().unwrap().port(), 0);
    }
}
