//! Every image of every page: the database's, and those in its write-ahead log.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use domain::journal::Leaf;

use super::Salvaged;
use super::rows::FoundRow;
use crate::event_store::hint::Hint;
use crate::event_store::inspection::committed_at_least;
use crate::sqlite::file::beside;
use crate::sqlite::wal::{FRAME_HEAD_BYTES, Frame, Salts, Wal, number};
use crate::sqlite::wal_soundness::{PAGE_BYTES, main_page_bytes};

/// How much an image is worth, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ImageStanding {
    /// In a frame that is as it was written, of a transaction that was ended.
    Committed,
    /// In the database itself.
    Database,
    /// In a frame that does not verify.
    Doubtful,
    /// In a frame that the write-ahead log holds from an earlier round.
    Earlier,
    /// In a frame of a transaction that was not ended, as far as is known: nobody was told of it, unless
    /// somebody outside says so.
    Unended,
}

/// Where an image of a page lies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Image {
    pub(super) standing: ImageStanding,
    /// Where it begins, in the database or in the write-ahead log.
    offset: u64,
}

/// The files, open.
pub(super) struct Images {
    main: Option<File>,
    wal: Option<File>,
    page_bytes: usize,
    main_pages: u64,
    /// Images in the write-ahead log, by page, the newest of the best standing first.
    in_wal: HashMap<u32, Vec<Image>>,
}

/// Most images of one page that are tried when a long line is put together.
const IMAGES_TRIED: usize = 4;

impl Images {
    pub(super) fn open(path: &Path, hint: Option<&Hint>) -> io::Result<Self> {
        let main = if_there(path)?;
        let page_bytes = main.as_ref().map_or(Ok(PAGE_BYTES), main_page_bytes)?;
        let wal_path = beside(path, "wal");
        let wal = Wal::read(&wal_path, page_bytes)?;
        let page_bytes = wal.as_ref().map_or(page_bytes, |wal| wal.page_bytes);
        let length = main.as_ref().map_or(Ok(0), |file| file.metadata().map(|file| file.len()))?;
        let main_pages = length.div_ceil(page_bytes as u64);
        let in_wal = wal.as_ref().map_or_else(HashMap::new, |wal| by_page(wal, hint));
        let wal = if_there(&wal_path)?;
        Ok(Self { main, wal, page_bytes, main_pages, in_wal })
    }

    /// Every image there is.
    pub(super) fn all(&self) -> Vec<Image> {
        let mut images: Vec<Image> = (1..=self.main_pages).map(|page| self.in_main(page)).collect();
        images.extend(self.in_wal.values().flatten());
        images
    }

    fn in_main(&self, page: u64) -> Image {
        let offset = page.saturating_sub(1) * self.page_bytes as u64;
        Image { standing: ImageStanding::Database, offset }
    }

    /// The bytes of an image; what a file is too short for is zeros.
    pub(super) fn page(&self, image: Image) -> io::Result<Vec<u8>> {
        let file = match image.standing {
            ImageStanding::Database => &self.main,
            ImageStanding::Committed | ImageStanding::Doubtful => &self.wal,
            ImageStanding::Earlier | ImageStanding::Unended => &self.wal,
        };
        let mut page = vec![0; self.page_bytes];
        let Some(file) = file else { return Ok(page) };
        let mut read = 0;
        while read < page.len() {
            match file.read_at(&mut page[read..], image.offset + read as u64)? {
                0 => break,
                some => read += some,
            }
        }
        Ok(page)
    }

    /// The event in a row that begins in `page`; none if its bytes are not at hand at all.
    pub(super) fn event(&self, row: &FoundRow, page: &[u8]) -> io::Result<Option<Salvaged>> {
        let local = row.local(self.page_bytes);
        let Some(own) = page.get(row.record..row.record + local) else { return Ok(None) };
        if local == row.record_bytes {
            return Ok(event(row, own));
        }
        let Some(next) = page.get(row.record + local..row.record + local + 4) else {
            return Ok(None);
        };
        let next = number(next, 0);
        let links = (row.record_bytes - local).div_ceil(self.page_bytes - 4);
        // Each page as it is newest; or one of them as it was before.
        let other = (0..links).flat_map(|link| (1..IMAGES_TRIED).map(move |image| (link, image)));
        let mut best = None;
        for other in [(0, 0)].into_iter().chain(other) {
            let Some(record) = self.record(row, own, next, other)? else { continue };
            let found = event(row, &record);
            if found.as_ref().is_some_and(|found| found.whole) {
                return Ok(found);
            }
            best = best.or(found);
        }
        Ok(best)
    }

    /// A record that goes on from `own` on the page `next`, by the newest image of each page, but for the one
    /// `link` that is taken from its image number `image`. None if there is no such image.
    fn record(
        &self,
        row: &FoundRow,
        own: &[u8],
        mut next: u32,
        (link, image): (usize, usize),
    ) -> io::Result<Option<Vec<u8>>> {
        let mut record = own.to_vec();
        let mut taken = 0;
        while record.len() < row.record_bytes {
            let wanted = if taken == link { image } else { 0 };
            let Some(image) = self.images_of(next).nth(wanted) else { return Ok(None) };
            let page = self.page(image)?;
            next = number(&page, 0);
            let more = (row.record_bytes - record.len()).min(page.len() - 4);
            record.extend_from_slice(&page[4..4 + more]);
            taken += 1;
        }
        Ok(Some(record))
    }

    /// The images of a page, the newest first: what the write-ahead log holds is newer than the database.
    fn images_of(&self, page: u32) -> impl Iterator<Item = Image> {
        let main = (1..=self.main_pages).contains(&u64::from(page));
        let main = main.then(|| self.in_main(u64::from(page)));
        let in_wal = self.in_wal.get(&page).map_or(&[][..], Vec::as_slice);
        let newer = in_wal.partition_point(|image| image.standing < ImageStanding::Database);
        let (newer, others) = in_wal.split_at(newer);
        newer.iter().copied().chain(main).chain(others.iter().copied())
    }
}

fn event(row: &FoundRow, record: &[u8]) -> Option<Salvaged> {
    let (line, leaf) = row.parts(record)?;
    let leaf = Leaf(leaf);
    let whole = leaf.matches(line);
    Some(Salvaged { line: line.to_vec(), leaf, whole })
}

/// The images in a write-ahead log.
fn by_page(wal: &Wal, hint: Option<&Hint>) -> HashMap<u32, Vec<Image>> {
    let (salts, committed) = committed_at_least(wal, hint);
    let mut images = HashMap::<u32, Vec<Image>>::new();
    let written = |(_, frame): &(usize, &Frame)| frame.page > 0 || frame.salts != Salts::default();
    for (index, frame) in wal.frames.iter().enumerate().filter(written).rev() {
        let own = Some(frame.salts) == salts;
        let standing = match (index < committed, frame.fits) {
            (true, true) if own => ImageStanding::Committed,
            (true, _) => ImageStanding::Doubtful,
            (false, _) if own => ImageStanding::Unended,
            (false, _) => ImageStanding::Earlier,
        };
        let offset = wal.offset(index) + FRAME_HEAD_BYTES as u64;
        images.entry(frame.page).or_default().push(Image { standing, offset });
    }
    images.values_mut().for_each(|images| images.sort_by_key(|image| image.standing));
    images
}

fn if_there(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
