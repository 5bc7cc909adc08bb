//! What of a page is not to be seen, and why.

use serde::{Deserialize, Serialize};

/// A kind of loss. The first ones are of the whole page, the others of a part of it. The codes stand in
/// events, in answers and on pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageLoss {
    /// The document has fewer pages.
    NoPage,
    /// The page has no such part.
    NoPart,
    /// The bytes are not what the report's media type says.
    Unreadable,
    /// The document opens only with a password.
    Password,
    /// Drawing it takes more time or memory than is allowed.
    Heavy,
    /// The stored file or the drawing process failed, which is our fault and not the document's.
    Broken,
    /// It was drawn, and a rule no longer held before it was handed out.
    Withheld,
    /// A picture does not decode, or only to a part.
    Picture,
    /// A font is missing or broken: other letters, or none, stand where its letters should.
    Font,
    /// Letters that no font here has, or that are not joined and ordered as their script asks.
    Letters,
    /// A form's field holds a value that is not drawn.
    FormField,
    /// A remark, a highlight or a line that somebody put over the page is not drawn.
    Remark,
    /// A part of the page's own content does not open.
    Content,
    /// What is fine on it is not to be seen, for all of it or a part is drawn more coarsely than it is kept.
    Detail,
}

impl PageLoss {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::NoPage,
        Self::NoPart,
        Self::Unreadable,
        Self::Password,
        Self::Heavy,
        Self::Broken,
        Self::Withheld,
        Self::Picture,
        Self::Font,
        Self::Letters,
        Self::FormField,
        Self::Remark,
        Self::Content,
        Self::Detail,
    ];

    /// Whether nothing of the page is to be seen.
    pub const fn is_of_the_whole(self) -> bool {
        match self {
            Self::NoPage
            | Self::NoPart
            | Self::Unreadable
            | Self::Password
            | Self::Heavy
            | Self::Broken
            | Self::Withheld => true,
            Self::Picture
            | Self::Font
            | Self::Letters
            | Self::FormField
            | Self::Remark
            | Self::Content
            | Self::Detail => false,
        }
    }

    /// The code, as it stands in events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoPage => "no_page",
            Self::NoPart => "no_part",
            Self::Unreadable => "unreadable",
            Self::Password => "password",
            Self::Heavy => "heavy",
            Self::Broken => "broken",
            Self::Withheld => "withheld",
            Self::Picture => "picture",
            Self::Font => "font",
            Self::Letters => "letters",
            Self::FormField => "form_field",
            Self::Remark => "remark",
            Self::Content => "content",
            Self::Detail => "detail",
        }
    }

    /// What it is, as a part of a sentence: "what is missing: …".
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::NoPage => "the document has no such page",
            Self::NoPart => "the page has no such part",
            Self::Unreadable => "the file is not what its type says",
            Self::Password => "the file needs a password",
            Self::Heavy => "drawing it takes too long or too much memory",
            Self::Broken => "the drawing failed",
            Self::Withheld => "it was no longer allowed",
            Self::Picture => "a picture",
            Self::Font => "the letters of a font",
            Self::Letters => "letters of a script",
            Self::FormField => "what was filled into a form",
            Self::Remark => "a remark or mark over the page",
            Self::Content => "a part of the page itself",
            Self::Detail => "what is fine on so large a page",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_what_stands_in_an_event() {
        for loss in PageLoss::ALL {
            assert_eq!(serde_json::to_string(&loss).unwrap(), format!("\"{}\"", loss.code()));
        }
    }

    #[test]
    fn every_kind_stands_once_and_in_order() {
        assert!(PageLoss::ALL.is_sorted_by(|a, b| a < b));
    }
}
