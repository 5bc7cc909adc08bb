//! The built app's files, as they are served: by name, with the hash of what is in them, packed where the
//! browser takes that.

use std::io::Write as _;
use std::sync::OnceLock;

use actix_web::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, ETag, EntityTag,
    HeaderValue, VARY,
};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::rest::lists::cacheable;
use crate::rest::records::has_it;

/// Names stay the same from version to version: a browser keeps a file and asks whether it is still the one.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("public, no-cache");

macro_rules! built {
    ($($name:literal),* $(,)?) => {
        /// What Vite made of `dashboards/`, by address.
        const BUILT: &[(&str, &[u8])] = &[$((
            concat!("/", $name),
            include_bytes!(concat!("../../../../dashboards/dist/", $name)),
        )),*];
    };
}

built![
    "app/admin.js",
    "app/common.js",
    "app/doctor.js",
    "app/everyone.js",
    "app/index.js",
    "app/later.js",
    "app/loading.js",
    "app/log-shown.js",
    "app/many-days.js",
    "app/noto-sans-tamil-tamil-wght-normal.woff2",
    "app/patient-forms.js",
    "app/patient.js",
    "app/problem-texts.js",
    "app/proofs.js",
    "app/rolldown-runtime.js",
    "app/style.css",
    "app/worker.js",
    "icon.svg",
    "index.html",
    "licences.txt",
];

/// A worker has the rights of its own file, not of its page: the one that checks proofs asks the log here.
const POLICY: &str = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; form-action 'none'";

/// A file of the app.
pub(super) struct WebFile {
    path: &'static str,
    plain: Bytes,
    /// None where packing gains nothing.
    packed: Option<Bytes>,
    tag: String,
}

/// The file at this address. The page itself is not one: it is never served as it was built.
pub(super) fn named(path: &str) -> Option<&'static WebFile> {
    all().iter().find(|file| file.path == path && path != "/index.html")
}

/// The page as it was built.
pub(super) fn index() -> &'static str {
    let page = all().iter().find(|file| file.path == "/index.html");
    page.and_then(|file| std::str::from_utf8(&file.plain).ok()).unwrap_or_default()
}

fn all() -> &'static [WebFile] {
    static FILES: OnceLock<Vec<WebFile>> = OnceLock::new();
    FILES.get_or_init(|| BUILT.iter().map(|(path, bytes)| WebFile::of(path, bytes)).collect())
}

impl WebFile {
    fn of(path: &'static str, bytes: &'static [u8]) -> Self {
        let packed = pack(bytes).filter(|packed| packed.len() < bytes.len() * 9 / 10);
        let tag = blake3::hash(bytes).to_hex()[..32].to_owned();
        Self { path, plain: Bytes::from_static(bytes), packed: packed.map(Bytes::from), tag }
    }

    fn media_type(&self) -> &'static str {
        match self.path.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("woff2") => "font/woff2",
            Some("html") => "text/html; charset=utf-8",
            Some(_) | None => "text/plain; charset=utf-8",
        }
    }

    /// The file, or that the browser has it already.
    pub(super) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        cacheable(request);
        let packed = self.packed.as_ref().filter(|_| takes_gzip(request));
        let form = if packed.is_some() { "-gz" } else { "" };
        let tag = ETag(EntityTag::new_strong(format!("{}{form}", self.tag)));
        let known = has_it(request, &tag);
        let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header(tag).insert_header((CACHE_CONTROL, ASK_AGAIN));
        answer.insert_header((VARY, HeaderValue::from_static("Accept-Encoding")));
        answer.insert_header((CONTENT_SECURITY_POLICY, POLICY));
        if known {
            return answer.finish();
        }
        if packed.is_some() {
            answer.insert_header((CONTENT_ENCODING, HeaderValue::from_static("gzip")));
        }
        answer.content_type(self.media_type()).body(packed.unwrap_or(&self.plain).clone())
    }
}

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let mut taken = request.headers().get_all(ACCEPT_ENCODING).filter_map(|v| v.to_str().ok());
    taken.any(|value| {
        let mut codings = value.split(',').map(str::trim);
        codings.any(|coding| coding == "gzip" || coding.starts_with("gzip;q=1"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn walk(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                found.insert(format!("/{}", path.strip_prefix(root).unwrap().display()));
            }
        }
    }

    #[test]
    fn every_file_that_was_built_is_served() {
        let dist = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../dashboards/dist"));
        let mut built = BTreeSet::new();
        walk(dist, dist, &mut built);
        let served: BTreeSet<String> = BUILT.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(served, built);
    }

    #[test]
    fn the_page_names_no_file_that_is_not_there_and_holds_nothing_inline() {
        let page = index();
        let named_in = page.split(['"']).filter(|text| text.starts_with('/'));
        let lost: Vec<_> = named_in.filter(|path| named(path).is_none()).collect();
        assert_eq!(lost, Vec::<&str>::new());
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains(" on"));
        let scripts = page.matches("<script").count();
        assert_eq!(page.matches("<script type=\"module\" crossorigin src=\"/").count(), scripts);
    }
}
