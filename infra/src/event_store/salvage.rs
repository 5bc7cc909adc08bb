//! Every event that is whole, out of the files of a damaged log: of the database, and of every page that its
//! write-ahead log still holds, those behind a damaged frame and those of earlier rounds too. SQLite is not
//! asked.

mod images;
mod rows;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use domain::journal::{Leaf, Position};

use self::images::{Image, ImageStanding, Images};
use self::rows::{FoundRow, rows};
use super::hint::{Hint, LeafMark, mark};

/// A row that is kept in mind, but for its bytes.
#[derive(Debug, Clone, Copy)]
struct SavedPlace {
    image: Image,
    row: FoundRow,
    mark: LeafMark,
}

/// An event as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged {
    /// The line's bytes.
    pub line: Vec<u8>,
    /// The leaf beside it.
    pub leaf: Leaf,
    /// Whether the leaf carries the digests of the line.
    pub whole: bool,
}

/// What there is to be saved.
pub struct Salvage {
    images: Images,
    /// By position, the best first. What does not prove itself is kept only where nothing does.
    found: BTreeMap<u64, Vec<SavedPlace>>,
    hint: Option<Hint>,
}

impl Salvage {
    /// Reads the files of the log at `path`, which nobody may have open. Changes nothing.
    ///
    /// # Errors
    /// If they cannot be read; what stands in them is none.
    pub fn read(path: &Path) -> io::Result<Self> {
        let hint = Hint::read(path);
        let images = Images::open(path, hint.as_ref())?;
        let mut salvage = Self { images, found: BTreeMap::new(), hint };
        let mut doubtful = Vec::new();
        for image in salvage.images.all() {
            let page = salvage.images.page(image)?;
            for row in rows(&page) {
                let place = SavedPlace { image, row, mark: LeafMark::default() };
                salvage.take(place, &page, &mut doubtful)?;
            }
        }
        for (position, place) in doubtful {
            salvage.found.entry(position).or_insert_with(|| vec![place]);
        }
        salvage.found.values_mut().for_each(|places| places.sort_by_key(|is| is.image.standing));
        Ok(salvage)
    }

    /// Takes a row in, unless it is at hand already from an image of better standing.
    fn take(
        &mut self,
        place: SavedPlace,
        page: &[u8],
        doubtful: &mut Vec<(u64, SavedPlace)>,
    ) -> io::Result<()> {
        let Some(position) = place.row.id.checked_sub(1) else { return Ok(()) };
        let Some(read) = self.images.event(&place.row, page)? else { return Ok(()) };
        if !read.whole {
            doubtful.push((position, place));
            return Ok(());
        }
        let place = SavedPlace { mark: mark(&read.leaf), ..place };
        let places = self.found.entry(position).or_default();
        match places.iter_mut().find(|known| known.mark == place.mark) {
            Some(known) if known.image.standing <= place.image.standing => {}
            Some(known) => *known = place,
            None => places.push(place),
        }
        Ok(())
    }

    /// How many events there were at the last commit, as far as the files say; more may have been signed.
    pub fn once(&self) -> u64 {
        let known = |(position, places): (&u64, &Vec<SavedPlace>)| {
            let known = places.iter().any(|place| place.image.standing <= ImageStanding::Database);
            known.then_some(position + 1)
        };
        let held = self.hint.map_or(0, |hint| hint.log.held);
        self.found.iter().rev().find_map(known).unwrap_or(0).max(held)
    }

    /// The positions at which something was found, in order.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        self.found.keys().map(|position| Position(*position))
    }

    /// How many events below `length` prove themselves.
    pub fn whole(&self, length: u64) -> u64 {
        let none = LeafMark::default();
        let places = self.found.range(..length).map(|(_, places)| places);
        places.filter(|places| places.iter().any(|place| place.mark != none)).count() as u64
    }

    /// What was found at a position, the best first.
    ///
    /// # Errors
    /// If the files cannot be read any more.
    pub fn at(&self, position: Position) -> io::Result<Vec<Salvaged>> {
        let places = self.found.get(&position.0).map_or(&[][..], Vec::as_slice);
        let read = |place: &SavedPlace| {
            let page = self.images.page(place.image)?;
            self.images.event(&place.row, &page)
        };
        places.iter().filter_map(|place| read(place).transpose()).collect()
    }
}
