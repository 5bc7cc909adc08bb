//! See one page of a viewing, or a part of it.

use std::ops::RangeInclusive;

use actix_web::http::header::{Accept, Quality};
use actix_web::web::{Header, Path};
use actix_web::{HttpResponse, get, web};
use commands::access::viewing::PageWish;
use commands::ports::page_region::{PageArea, PageFrame};
use commands::ports::rasteriser::PageEncoding;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::actor::Requester;
use crate::problem::{BAD_QUERY, Problem};
use crate::rest::HandlerResult;
use crate::rest::paths::PagePath;
use crate::wiring::App;

/// Which part of a page, and how wide it is drawn: a strict part of the IIIF Image API 3.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PartQuery {
    /// The part: `x,y,w,h` in pixels of the page's full size (`Medlock-Page-Size`), or `pct:x,y,w,h` in per
    /// cent of it with at most six decimals. What reaches over an edge is cut. Left out: the whole page.
    #[param(
        pattern = r"^(pct:\d{1,3}(\.\d{1,6})?(,\d{1,3}(\.\d{1,6})?){3}|\d{1,10}(,\d{1,10}){3})$",
        example = "12000,0,1240,400"
    )]
    region: Option<String>,
    /// `w,`: drawn so many pixels wide, from 320 to 2480, and 1240 where it is left out; the height follows.
    /// A picture is never blown up.
    #[param(pattern = r"^\d{1,4},$", example = "2480,")]
    size: Option<String>,
}

impl PartQuery {
    fn wish(&self, number: u32, encoding: PageEncoding) -> Result<PageWish, Problem> {
        let region = self.region.as_deref().map(str::parse).transpose();
        let region = region.map_err(|_| Problem::from(BAD_QUERY))?;
        let width_px = self.size.as_deref().map(|size| width(size).ok_or(BAD_QUERY)).transpose()?;
        Ok(PageWish { page: number, region, width_px, encoding })
    }
}

/// The width of a `size`.
fn width(size: &str) -> Option<u32> {
    let digits = size.strip_suffix(',')?;
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|width| only_digits && WIDTHS_PX.contains(width))
}

/// How wide a page may be asked for; the drawing process holds itself to the same.
const WIDTHS_PX: RangeInclusive<u32> = 320..=2_480;

/// See one page, or a part of it: drawn on the server, watermarked, never stored by the browser. Each page is
/// an event; a part of a page that was shown in this viewing within the last minute adds none, and is asked
/// every rule all the same.
///
/// The picture is without loss: WebP for whoever names `image/webp` in `Accept`, PNG for everybody else.
#[utoipa::path(
    tag = "access",
    params(PagePath, PartQuery),
    responses(
        (
            status = 200,
            description = "The page. A part of it that could not be drawn is said on it, and in Medlock-Missing",
            headers(
                ("Medlock-Pages" = u32, description = "How many pages the report has"),
                ("Medlock-Event" = String, description = "The event that recorded this page"),
                ("Medlock-Position" = u64, description = "The event's place in the log"),
                ("Medlock-Page-Size" = String, description = "The page's full size, as widthxheight in pixels: what a region is measured by. Paper has 300 pixels to the inch"),
                ("Medlock-Region" = String, description = "What of the page this is, as x,y,w,h in pixels of its full size"),
                ("Medlock-Drawn-Size" = String, description = "In how many pixels it is drawn, as widthxheight; the paper around it, the notice above it and the line below it come on top"),
                (
                    "Medlock-Missing" = String,
                    description = "Only of a page that is not whole: what is missing, as codes with commas between: picture, font, letters, form_field, remark, content, detail"
                ),
            ),
            content(
                ("image/png"),
                ("image/webp"),
            ),
        ),
    ),
)]
#[get("/api/v1/patients/{patient}/viewings/{viewing}/pages/{page}")]
pub(super) async fn page(
    app: web::Data<App>,
    caller: Requester,
    path: Path<PagePath>,
    query: web::Query<PartQuery>,
    accept: Option<Header<Accept>>,
) -> HandlerResult {
    let (patient, viewing, page) = (path.patient.0, path.viewing.0, path.page);
    let encoding = accept.map_or(PageEncoding::Png, |accept| encoding(&accept));
    let (doctor, wish) = (caller.doctor()?, query.wish(page, encoding)?);
    let shown = app.viewing.show_page(doctor, (patient, viewing), wish).await?;
    let PageFrame { full, area: PageArea { left, top, width, height }, drawn } = shown.page.frame;
    let mut answer = HttpResponse::Ok();
    if !shown.page.missing.is_empty() {
        let codes: Vec<&str> = shown.page.missing.iter().map(|loss| loss.code()).collect();
        answer.insert_header(("Medlock-Missing", codes.join(", ")));
    }
    Ok(answer
        .content_type(encoding.media_type())
        .insert_header(("Vary", "Accept"))
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("Medlock-Pages", shown.page.pages.to_string()))
        .insert_header(("Medlock-Event", shown.event.to_string()))
        .insert_header(("Medlock-Position", shown.position.to_string()))
        .insert_header(("Medlock-Page-Size", format!("{}x{}", full.width, full.height)))
        .insert_header(("Medlock-Region", format!("{left},{top},{width},{height}")))
        .insert_header(("Medlock-Drawn-Size", format!("{}x{}", drawn.width, drawn.height)))
        .body(shown.page.picture))
}

/// WebP for whoever names it and does not like PNG better. Whoever takes anything, or neither, gets what
/// everybody can read.
fn encoding(accept: &Accept) -> PageEncoding {
    let quality = |names: &[&str]| {
        let named = |name: &&str| accept.iter().find(|item| item.item.essence_str() == *name);
        names.iter().find_map(named).map_or(Quality::ZERO, |item| item.quality)
    };
    let (webp, png) = (quality(&["image/webp"]), quality(&["image/png", "image/*", "*/*"]));
    if webp > Quality::ZERO && webp >= png { PageEncoding::WebP } else { PageEncoding::Png }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::Header as _;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn webp_is_for_whoever_names_it_and_does_not_like_png_better() {
        let chosen = |accept: &str| {
            let request =
                TestRequest::default().insert_header(("Accept", accept)).to_http_request();
            Accept::parse(&request).map_or(PageEncoding::Png, |accept| encoding(&accept))
        };
        let browsers = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
        for webp in ["image/webp", "image/webp;q=0.5", browsers, "image/png, IMAGE/WEBP"] {
            assert_eq!(chosen(webp), PageEncoding::WebP, "{webp}");
        }
        let none = "image/webp;q=0, */*";
        let less = "image/webp;q=0.5, image/png;q=0.9";
        for png in ["", "*/*", "image/*", "image/png", "application/json", none, less, "rubbish"] {
            assert_eq!(chosen(png), PageEncoding::Png, "{png}");
        }
    }
}
