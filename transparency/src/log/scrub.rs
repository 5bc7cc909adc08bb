//! The scrub: everything is read again in the background, from the lines up, and said when it was done last.

use std::time::Duration;

use domain::journal::Position;
use domain::journal::chain::ChainCheck;
use domain::journal::tile::Tile;
use domain::journal::tiling::Tiling;

use super::TransparencyLog;
use super::status::Scrub;
use crate::ports::LogPortError;
use crate::proofs::read;

/// Lines read at once.
const LINES: usize = 1_024;
/// A rest after each, so that nobody has to wait for the scrub.
const REST: Duration = Duration::from_millis(5);

impl TransparencyLog {
    /// Reads every line, leaf, bundle and tile up to the newest signed checkpoint.
    pub async fn scrub(&self) -> Result<(), LogPortError> {
        let Some(signed) = self.lock().signed.clone() else { return Ok(()) };
        let size = signed.checkpoint.size;
        if size == 0 {
            return Ok(());
        }
        let reread = match self.reread(size).await {
            Ok(reread) => reread,
            // What cannot be read is damage like any other; the last full reading stays the last.
            Err(error) => {
                self.lock().scrub.finding = Some(error.to_string());
                return Err(error);
            }
        };
        let finding = match reread {
            Ok(tiling) if tiling.root() == signed.checkpoint.root => None,
            Ok(_) => Some(format!("the leaves have another root than the checkpoint of {size}")),
            Err(finding) => Some(finding),
        };
        match &finding {
            Some(finding) => tracing::error!(finding, "the scrub found damage"),
            None => tracing::info!(events = size, "the scrub read everything again"),
        }
        let finished = Some((self.places.signer.now(), size));
        self.lock().scrub = Scrub { finished, finding };
        Ok(())
    }

    async fn reread(&self, size: u64) -> Result<Result<Tiling, String>, LogPortError> {
        let mut tiling = Tiling::default();
        let mut chain = ChainCheck::default();
        while tiling.size() < size {
            let left = usize::try_from(size - tiling.size()).unwrap_or(LINES);
            let from = Position(tiling.size());
            let lines = self.places.reader.lines(from, left.min(LINES)).await?;
            if lines.is_empty() {
                return Ok(Err(format!("position {from} is missing")));
            }
            let hashing = tokio::task::spawn_blocking(move || {
                let mut tiles = Vec::new();
                for line in &lines {
                    let at = line.position;
                    chain.take(line).map_err(|broken| format!("position {at}: {broken}"))?;
                    tiling.push(line.leaf, &mut tiles);
                }
                Ok::<_, String>((tiling, chain, tiles))
            });
            let checked = hashing
                .await
                .map_err(|error| LogPortError { what: "hashing", source: error.into() })?;
            let tiles;
            (tiling, chain, tiles) = match checked {
                Ok(checked) => checked,
                Err(finding) => return Ok(Err(finding)),
            };
            if let Some(finding) = self.differing(tiles).await? {
                return Ok(Err(finding));
            }
            tokio::time::sleep(REST).await;
        }
        Ok(match self.differing(tiling.partial()).await? {
            Some(finding) => Err(finding),
            None => Ok(tiling),
        })
    }

    /// The first tile that is not on the disk as it must be.
    async fn differing(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<Option<String>, LogPortError> {
        for (tile, bytes) in tiles {
            match read(&*self.places.tiles, tile).await {
                Ok(found) if found == bytes => {}
                Ok(_) => return Ok(Some(format!("{tile} is not what the leaves give"))),
                Err(error) => return Ok(Some(error.to_string())),
            }
        }
        Ok(None)
    }
}
