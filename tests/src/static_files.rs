//! A folder served over HTTP as it is, by nothing of ours: a log as somebody else may serve it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Serves a folder until it is dropped.
pub struct StaticFiles {
    /// Where it answers.
    pub address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl StaticFiles {
    /// Serves `folder` on a free port.
    pub fn serve(folder: &Path) -> Self {
        Self::serve_or_say(folder, "404 Not Found")
    }

    /// The same by somebody who says `otherwise` of whatever is not in the folder.
    pub fn serve_or_say(folder: &Path, otherwise: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let folder = folder.to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let folder = folder.clone();
                // A client that hangs up is no trouble of the server.
                std::thread::spawn(move || answer(stream, &folder, otherwise).ok());
            }
        });
        Self { address, over }
    }

    /// The prefix to ask.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for StaticFiles {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the one who waits for a guest.
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(mut stream: TcpStream, folder: &Path, otherwise: &str) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let asked = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = asked.split(' ').nth(1).unwrap_or_default().trim_start_matches('/');
    let (status, body) = match std::fs::read(folder.join(path)) {
        Ok(body) => ("200 OK", body),
        Err(_) => (otherwise, Vec::new()),
    };
    let length = body.len();
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(&body)
}
