//! Parts of a page: how one is asked for, and what of the page a picture shows.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// So many parts of a per cent are told apart.
const PARTS: u32 = 1_000_000;
/// Decimals that are as many.
const DECIMALS: usize = 6;

/// How large a page is at its full scale, in pixels. A picture's are its own, turned upright; paper has 300
/// to the inch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSize {
    /// From the left to the right; at least 1.
    pub width: u32,
    /// From the top to the bottom; at least 1.
    pub height: u32,
}

/// A rectangle on a page, in pixels of its full size from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PageArea {
    /// Where it begins, from the left.
    pub left: u32,
    /// Where it begins, from the top.
    pub top: u32,
    /// How wide it is.
    pub width: u32,
    /// How high it is.
    pub height: u32,
}

/// What a drawn picture shows of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageFrame {
    /// The whole page at its full scale: what regions are measured by.
    pub full: PageSize,
    /// What of it is shown, all of it included.
    pub area: PageArea,
    /// In how many pixels, paper around it not counted.
    pub drawn: PageSize,
}

/// The part of a page that somebody asks for: `x,y,w,h` in pixels of its full size, or `pct:x,y,w,h` in per
/// cent of it with at most six decimals, as `region` in the IIIF Image API 3. `full` and `square` are not
/// taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PageRegion {
    /// In pixels.
    Pixels(PageArea),
    /// In millionths of a per cent.
    Percent(PageArea),
}

/// What is no region: other words, no width, or no height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a region is x,y,w,h or pct:x,y,w,h")]
pub struct NoRegion;

impl FromStr for PageRegion {
    type Err = NoRegion;

    fn from_str(text: &str) -> Result<Self, NoRegion> {
        let region = match text.strip_prefix("pct:") {
            Some(text) => Self::Percent(area(text, millionths)?),
            None => Self::Pixels(area(text, digits)?),
        };
        let (Self::Pixels(area) | Self::Percent(area)) = region;
        if area.width == 0 || area.height == 0 { Err(NoRegion) } else { Ok(region) }
    }
}

fn area(text: &str, number: fn(&str) -> Option<u32>) -> Result<PageArea, NoRegion> {
    let mut numbers = text.split(',').map(number);
    let mut next = || numbers.next().flatten().ok_or(NoRegion);
    let area = PageArea { left: next()?, top: next()?, width: next()?, height: next()? };
    if numbers.next().is_some() { Err(NoRegion) } else { Ok(area) }
}

/// Digits and nothing else: no sign, no blank.
fn digits(text: &str) -> Option<u32> {
    let only_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    only_digits.then(|| text.parse().ok()).flatten()
}

fn millionths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    if decimals.len() > DECIMALS {
        return None;
    }
    let parts = digits(&format!("{decimals:0<DECIMALS$}")).filter(|_| !decimals.is_empty())?;
    digits(whole)?.checked_mul(PARTS)?.checked_add(parts)
}

impl PageRegion {
    /// What of a page of this size it is: what reaches over an edge is cut, of per cents every pixel that is
    /// touched counts. None where it lies beside the page.
    pub fn within(self, full: PageSize) -> Option<PageArea> {
        let (area, whole) = match self {
            Self::Pixels(area) => (area, None),
            Self::Percent(area) => (area, Some(u64::from(PARTS) * 100)),
        };
        let (left, right) = span((area.left, area.width), whole, full.width)?;
        let (top, bottom) = span((area.top, area.height), whole, full.height)?;
        Some(PageArea { left, top, width: right - left, height: bottom - top })
    }
}

/// From where to where along one side; `whole` says how many parts the side has, where it is not pixels.
fn span((begin, length): (u32, u32), whole: Option<u64>, side: u32) -> Option<(u32, u32)> {
    let (begin, end) = (u64::from(begin), u64::from(begin) + u64::from(length));
    let side = u64::from(side);
    let (begin, end) = match whole {
        None => (begin, end),
        // Both fit: 32 bits times 32 bits.
        Some(whole) => (begin * side / whole, (end * side).div_ceil(whole)),
    };
    let end = end.min(side);
    (begin < end).then(|| Some((u32::try_from(begin).ok()?, u32::try_from(end).ok()?)))?
}

impl PageSize {
    /// All of a page of this size.
    pub const fn all(self) -> PageArea {
        PageArea { left: 0, top: 0, width: self.width, height: self.height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRIP: PageSize = PageSize { width: 30_000, height: 400 };

    fn of(text: &str) -> Option<[u32; 4]> {
        let region: PageRegion = text.parse().unwrap();
        let area = region.within(STRIP)?;
        Some([area.left, area.top, area.width, area.height])
    }

    #[test]
    fn a_region_is_said_in_pixels_or_in_per_cent() {
        assert_eq!(of("1240,0,1240,400"), Some([1_240, 0, 1_240, 400]));
        assert_eq!(of("pct:50,25,10,50"), Some([15_000, 100, 3_000, 200]));
        assert_eq!(of("pct:33.333333,0,0.000001,100"), Some([9_999, 0, 2, 400]));
        assert_eq!(of("pct:0,0,100,100.0"), Some([0, 0, 30_000, 400]));
    }

    #[test]
    fn what_reaches_over_an_edge_is_cut_and_what_lies_beside_the_page_is_nothing() {
        assert_eq!(of("29999,399,4294967295,4294967295"), Some([29_999, 399, 1, 1]));
        assert_eq!(of("30000,0,1,1"), None);
        assert_eq!(of("0,400,1,1"), None);
        assert_eq!(of("pct:100,0,1,1"), None);
        assert_eq!(of("pct:99.9999,0,50,1"), Some([29_999, 0, 1, 4]));
    }

    #[test]
    fn other_words_are_no_region() {
        const OTHERS: &str = "full|square|max|1,2,3|1,2,3,4,5|0,0,0,4|0,0,4,0|-1,0,4,4|+1,0,4,4|\
             1.5,0,4,4|0,0,4294967296,4|pct:|pct:0,0,0,1|pct:0,0,1.,1|pct:0,0,.5,1|PCT:0,0,1,1|\
             pct:0,0,1.0000001,1|pct:5000,0,1,1|0,0,1,1,|٣,0,1,1| 1,0,4,4||1, 2,3,4";
        for text in OTHERS.split('|') {
            assert_eq!(text.parse::<PageRegion>(), Err(NoRegion), "{text:?}");
        }
    }
}
