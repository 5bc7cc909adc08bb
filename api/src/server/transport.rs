//! What a connection's bytes go through: nothing, or TLS.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::conversation::Conversation;
use super::watched::WatchedStream;

/// A connection as the framework reads and writes it.
pub(crate) enum Transport {
    /// As it comes.
    Plain(WatchedStream<TcpStream>),
    /// Encrypted.
    Tls(Box<TlsStream<WatchedStream<TcpStream>>>),
}

/// What a request can learn of its connection.
pub(crate) struct ConnectionFacts {
    /// What both know of each other.
    pub(crate) conversation: Conversation,
    /// Whether it is encrypted, up to us.
    pub(crate) by_tls: bool,
}

impl Transport {
    /// For the requests that come on it.
    pub(crate) fn facts(&self) -> ConnectionFacts {
        let (watched, by_tls) = match self {
            Self::Plain(watched) => (watched, false),
            Self::Tls(stream) => (stream.get_ref().0, true),
        };
        ConnectionFacts { conversation: watched.conversation().clone(), by_tls }
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_read(cx, buffer),
            Self::Tls(io) => Pin::new(io).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_write(cx, bytes),
            Self::Tls(io) => Pin::new(io).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_flush(cx),
            Self::Tls(io) => Pin::new(io).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_shutdown(cx),
            Self::Tls(io) => Pin::new(io).poll_shutdown(cx),
        }
    }
}
