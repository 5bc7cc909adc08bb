//! What a page names and what does not open: its own streams, those it draws with, and its fonts.

use std::collections::{BTreeSet, HashSet};

use domain::access::page_loss::PageLoss;
use hayro::hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream};
use hayro::hayro_syntax::page::Page;

use super::content::AskedByContent;
use super::fonts;
use super::streams;

/// Forms within forms are looked into so deep; the engine stops there, too.
const DEPTH_MAX: u32 = 12;
/// So many objects are looked at; a page that names more is a trap or a catalogue.
const OBJECTS_MAX: usize = 20_000;

/// The losses that can be told from what a page names.
pub(super) fn what_does_not_open(page: &Page<'_>) -> BTreeSet<PageLoss> {
    let mut look = Look::default();
    if content_is_cut(page) {
        look.missing.insert(PageLoss::Content);
    }
    let resources = page.resources();
    let asked = AskedByContent::by(page.page_stream().unwrap_or_default());
    look.content(&asked, (&resources.fonts, &resources.x_objects), DEPTH_MAX);
    for annotation in
        page.raw().get::<Array<'_>>(b"Annots").iter().flat_map(Array::iter::<Dict<'_>>)
    {
        let look_of = annotation.get::<Dict<'_>>(b"AP");
        let look_of = look_of.and_then(|look| look.get::<Stream<'_>>(b"N"));
        if let Some(form) = look_of {
            look.form(&form, (&resources.fonts, &resources.x_objects), DEPTH_MAX);
        }
    }
    look.missing
}

/// Whether a stream of the page itself is not there, breaks off or does not unpack.
fn content_is_cut(page: &Page<'_>) -> bool {
    let lost = |stream: &Stream<'_>| streams::is_cut(stream) || stream.decoded_data().is_err();
    if let Some(stream) = page.raw().get::<Stream<'_>>(b"Contents") {
        return lost(&stream);
    }
    let Some(parts) = page.raw().get::<Array<'_>>(b"Contents") else {
        // No content is an empty page; content that is no stream is lost.
        return page.raw().get::<Object<'_>>(b"Contents").is_none()
            && page.raw().contains_key(b"Contents");
    };
    let named = parts.raw_iter().filter(|part| matches!(part, MaybeRef::Ref(_))).count();
    let found: Vec<_> = parts.iter::<Stream<'_>>().collect();
    found.len() < named || found.iter().any(lost)
}

#[derive(Default)]
struct Look {
    missing: BTreeSet<PageLoss>,
    seen: HashSet<ObjectIdentifier>,
    looked_at: usize,
}

impl Look {
    /// Whether this one is still to be looked at.
    fn is_new(&mut self, object: Option<ObjectIdentifier>) -> bool {
        self.looked_at += 1;
        self.looked_at <= OBJECTS_MAX && object.is_none_or(|id| self.seen.insert(id))
    }

    /// What a content asks for, of what it may: what stands there and is not asked for is missed by nobody.
    fn content(&mut self, asked: &AskedByContent, named: (&Dict<'_>, &Dict<'_>), depth: u32) {
        let (fonts, forms) = named;
        if !asked.is_whole {
            self.missing.insert(PageLoss::Content);
        }
        for name in &asked.fonts {
            let Some(font) = fonts.get::<Dict<'_>>(name) else { continue };
            if self.is_new(font.obj_id()) && fonts::is_missing(&font) {
                self.missing.insert(PageLoss::Font);
            }
        }
        for name in &asked.forms {
            match forms.get::<Stream<'_>>(name) {
                Some(form) => self.form(&form, named, depth),
                None => {
                    self.missing.insert(PageLoss::Content);
                }
            }
        }
    }

    /// A form: its own stream, and what it asks for. Pictures are looked at where they are drawn.
    fn form(&mut self, form: &Stream<'_>, above: (&Dict<'_>, &Dict<'_>), depth: u32) {
        let dict = form.dict();
        let subtype = dict.get::<Name<'_>>(b"Subtype");
        let is_picture = subtype.as_deref() == Some(b"Image".as_slice());
        if is_picture || depth == 0 || !self.is_new(dict.obj_id()) {
            return;
        }
        let content = form.decoded_data();
        if streams::is_cut(form) || content.is_err() {
            self.missing.insert(PageLoss::Content);
        }
        let asked = AskedByContent::by(&content.unwrap_or_default());
        // A form that names nothing has what its page names.
        let Some(resources) = dict.get::<Dict<'_>>(b"Resources") else {
            return self.content(&asked, above, depth - 1);
        };
        let of = |kind: &[u8]| resources.get::<Dict<'_>>(kind).unwrap_or_default();
        self.content(&asked, (&of(b"Font"), &of(b"XObject")), depth - 1);
    }
}
