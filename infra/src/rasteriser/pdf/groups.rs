//! Groups that are no islands (ISO 32000-1, 11.4): what is blended within one is blended with what lies
//! below it. The engine draws each group by itself and lays it over the page: a tint then hides what it was
//! to tint. A group that is laid down as it is, wholly and plainly, is the same as what is in it; so its name
//! is taken from it before the page is drawn.

use std::collections::{BTreeSet, HashSet};

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::content::TypedIter;
use hayro::hayro_syntax::content::ops::TypedInstruction;
use hayro::hayro_syntax::object::{Dict, Name, Object, ObjectIdentifier, Stream};
use hayro::hayro_syntax::page::Page;

/// Forms within forms are looked into so deep, so many times, and at so many bytes of them in all.
const DEPTH_MAX: u32 = 12;
const FORMS_MAX: usize = 1_000;
const BYTES_MAX: usize = 16 << 20;
/// What makes a form a group.
const GROUP: &[u8] = b"/Group";

/// The document without those groups of a page that are nothing but what is in them; none if there is no such
/// group that matters.
pub(super) fn undone(pdf: &Pdf, page: &Page<'_>) -> Option<Vec<u8>> {
    let resources = page.resources();
    let named = (&resources.ext_g_states, &resources.x_objects);
    if !has_group(named.1, &mut HashSet::new(), DEPTH_MAX) {
        return None;
    }
    let mut look = Look::default();
    look.content(page.page_stream()?, named, Ink::default(), DEPTH_MAX);
    let document: &[u8] = pdf.data().as_ref();
    let mut without = Vec::new();
    for (from, length) in look.needless.difference(&look.needed) {
        let from = from.checked_sub(document.as_ptr().addr())?;
        let end = from.checked_add(*length).filter(|end| *end <= document.len())?;
        if without.is_empty() {
            without.extend_from_slice(document);
        }
        let mut at = from;
        while let Some(found) = without[at..end].windows(GROUP.len()).position(|part| part == GROUP)
        {
            at += found + GROUP.len();
            without[at - 1] = b'_';
        }
    }
    (!without.is_empty()).then_some(without)
}

/// Whether any of these forms is a group that is no island, or any within them that was not seen before.
fn has_group(forms: &Dict<'_>, seen: &mut HashSet<ObjectIdentifier>, depth: u32) -> bool {
    forms.keys().filter_map(|name| forms.get::<Stream<'_>>(&*name)).any(|form| {
        if depth == 0 || seen.len() > FORMS_MAX || !seen.insert(form.obj_id()) {
            return false;
        }
        let within = form.dict().get::<Dict<'_>>(b"Resources");
        let within = within.and_then(|within| within.get::<Dict<'_>>(b"XObject"));
        is_open(&form) || within.is_some_and(|within| has_group(&within, seen, depth - 1))
    })
}

/// Whether a form is a group through which its inside meets what lies below, and each part of it the others.
fn is_open(form: &Stream<'_>) -> bool {
    form.dict().get::<Dict<'_>>(b"Group").is_some_and(|group| {
        let is = |name: &[u8]| group.get::<bool>(name).unwrap_or(false);
        !is(b"I") && !is(b"K")
    })
}

/// How what is drawn is laid down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ink {
    is_whole: bool,
    is_plain: bool,
    is_masked: bool,
}

impl Default for Ink {
    fn default() -> Self {
        Self { is_whole: true, is_plain: true, is_masked: false }
    }
}

impl Ink {
    fn set(&mut self, by: &Dict<'_>) {
        if let Some(opacity) = by.get::<f32>(b"ca") {
            self.is_whole = opacity >= 1.0;
        }
        let mode = match by.get::<Object<'_>>(b"BM") {
            Some(Object::Name(mode)) => Some(mode),
            Some(Object::Array(modes)) => modes.iter::<Name<'_>>().next(),
            Some(_) | None => None,
        };
        if let Some(mode) = mode {
            self.is_plain = matches!(&*mode, b"Normal" | b"Compatible");
        }
        match by.get::<Object<'_>>(b"SMask") {
            Some(Object::Dict(_)) => self.is_masked = true,
            Some(_) => self.is_masked = false,
            None => {}
        }
    }
}

#[derive(Default)]
struct Look {
    looked_into: usize,
    bytes: usize,
    /// Where dictionaries of groups lie and how long they are: of those that are laid down plainly, and of
    /// those that are not.
    needless: BTreeSet<(usize, usize)>,
    needed: BTreeSet<(usize, usize)>,
}

impl Look {
    /// Whether anything in a content is blended with what lies below it.
    fn content(
        &mut self,
        content: &[u8],
        (inks, forms): (&Dict<'_>, &Dict<'_>),
        mut ink: Ink,
        depth: u32,
    ) -> bool {
        let mut saved = Vec::new();
        let mut is_blended = false;
        let mut steps = TypedIter::new(content);
        while let Some(step) = steps.next() {
            if let TypedInstruction::SaveState(_) = step {
                saved.push(ink);
            } else if let TypedInstruction::RestoreState(_) = step {
                ink = saved.pop().unwrap_or(ink);
            } else if let TypedInstruction::SetGraphicsState(name) = step {
                if let Some(by) = inks.get::<Dict<'_>>(name.0) {
                    ink.set(&by);
                }
                is_blended |= !ink.is_plain;
            } else if let TypedInstruction::XObject(name) = step
                && let Some(form) = forms.get::<Stream<'_>>(name.0)
            {
                is_blended |= self.form(&form, (inks, forms), ink, depth);
            }
        }
        is_blended
    }

    /// The same of a form, laid down in this ink.
    fn form(
        &mut self,
        form: &Stream<'_>,
        above: (&Dict<'_>, &Dict<'_>),
        ink: Ink,
        depth: u32,
    ) -> bool {
        self.looked_into += 1;
        let dict = form.dict();
        let is_form = dict.get::<Name<'_>>(b"Subtype").as_deref() == Some(b"Form".as_slice());
        let is_enough = self.looked_into > FORMS_MAX || self.bytes > BYTES_MAX;
        if !is_form || depth == 0 || is_enough {
            return !ink.is_plain;
        }
        let content = form.decoded_data().unwrap_or_default();
        self.bytes += content.len();
        let is_group = dict.contains_key(b"Group");
        let within = if is_group { Ink::default() } else { ink };
        let resources = dict.get::<Dict<'_>>(b"Resources");
        // A form that names nothing has what is named above it.
        let of = |kind: &[u8]| {
            let resources = resources.as_ref()?;
            Some(resources.get::<Dict<'_>>(kind).unwrap_or_default())
        };
        let (inks, forms) = (of(b"ExtGState"), of(b"XObject"));
        let named = (inks.as_ref().unwrap_or(above.0), forms.as_ref().unwrap_or(above.1));
        let is_blended = self.content(&content, named, within, depth - 1);
        if is_group && is_blended && is_open(form) {
            let place = (dict.data().as_ptr().addr(), dict.data().len());
            let is_same = ink == Ink::default();
            if is_same { &mut self.needless } else { &mut self.needed }.insert(place);
        }
        !ink.is_plain || is_blended && (!is_group || is_open(form))
    }
}
