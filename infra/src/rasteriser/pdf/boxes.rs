//! Pages whose paper has no size, or is cut out of where nothing is. Other readers fall back to the sheet, or
//! to a letter's; the engine clips to nothing, so such a page's box is written anew before it is opened.

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::Rect;
use hayro::hayro_syntax::page::Page;

/// What a page without a size is taken for (ISO 32000-1, 14.11.2 leaves it open; others do the same).
const LETTER: Rect = Rect::new(0.0, 0.0, 612.0, 792.0);

/// The document with a box for each page that has none, if there are such pages. What is written comes after
/// all the rest and takes the place of the page; the table that says where everything stands is left to be
/// found out anew, as of a document that lost it.
pub(super) fn mended(pdf: &Pdf) -> Option<Vec<u8>> {
    let mut added = Vec::new();
    let mut has_none = false;
    for page in pdf.pages().iter() {
        let (Some(shown), Some(id)) = (instead(page), page.raw().obj_id()) else { continue };
        let members = without(without(page.raw().data().to_vec(), b"/MediaBox"), b"/CropBox");
        let members = members.strip_prefix(b"<<").unwrap_or(&members);
        let members = members.strip_suffix(b">>").unwrap_or(members);
        has_none = true;
        added.extend(format!("\n{} {} obj\n<<", id.obj_number, id.gen_number).into_bytes());
        added.extend(members);
        let sides = format!("[{} {} {} {}]", shown.x0, shown.y0, shown.x1, shown.y1);
        added.extend(format!(" /MediaBox {sides} /CropBox {sides} >>\nendobj\n").into_bytes());
    }
    added.extend(b"startxref\n0\n%%EOF\n");
    let document: &[u8] = pdf.data().as_ref();
    has_none.then(|| [document, &added[..]].concat())
}

/// Whether a page is shown on paper of a size.
pub(super) fn has_a_size(page: &Page<'_>) -> bool {
    is_some(&page.intersected_crop_box())
}

/// The box that a page without one is shown in.
fn instead(page: &Page<'_>) -> Option<Rect> {
    if has_a_size(page) {
        return None;
    }
    let media = Some(page.media_box()).filter(is_some).unwrap_or(LETTER);
    let cut = page.crop_box().intersect(media);
    Some(if is_some(&cut) { cut } else { media })
}

fn is_some(sides: &Rect) -> bool {
    sides.width() >= 1.0 && sides.height() >= 1.0
}

/// A dictionary whose member of this name is called otherwise and so means nothing.
fn without(mut dict: Vec<u8>, name: &[u8]) -> Vec<u8> {
    let mut from = 0;
    while let Some(at) = dict[from..].windows(name.len()).position(|part| part == name) {
        from += at + name.len();
        dict[from - 1] = b'_';
    }
    dict
}
