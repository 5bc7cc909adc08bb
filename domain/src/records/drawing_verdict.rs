//! What was found when a report was drawn once, at its upload.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::access::page_loss::PageLoss;

/// A page of which something, or all, is not to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossyPage {
    /// Page number, from 1.
    pub page: u32,
    /// What is not to be seen; never empty.
    pub missing: BTreeSet<PageLoss>,
}

/// The verdict of one engine about a report's pages, before anybody asks for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawingVerdict {
    /// Which engine, and its version: another one may find otherwise.
    pub engine: String,
    /// How many pages the document has; absent where that cannot be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// How many of them were looked at, from the first on; 0: none was.
    pub looked_at: u32,
    /// Those on which something is missing, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lossy: Vec<LossyPage>,
}

impl DrawingVerdict {
    /// Nothing was looked at: it is not known whether the report can be drawn.
    pub fn not_looked_at(engine: &str) -> Self {
        Self { engine: engine.to_owned(), pages: None, looked_at: 0, lossy: Vec::new() }
    }

    /// The document as a whole cannot be drawn.
    pub fn of_nothing(engine: &str, loss: PageLoss) -> Self {
        let lossy = vec![LossyPage { page: 1, missing: [loss].into() }];
        Self { engine: engine.to_owned(), pages: None, looked_at: 1, lossy }
    }

    /// Whether every page was looked at and nothing is missing on any.
    pub fn is_whole(&self) -> bool {
        self.lossy.is_empty() && self.pages.is_some_and(|pages| self.looked_at >= pages)
    }

    /// The verdict in a sentence or two, for whoever uploaded the report.
    pub fn in_words(&self) -> String {
        if self.looked_at == 0 {
            return "Whether it can be shown was not looked at.".to_owned();
        }
        let mut words: Vec<String> = self.lossy.iter().map(LossyPage::in_words).collect();
        let looked_at = self.looked_at;
        match self.pages {
            Some(pages) if looked_at < pages => {
                words.push(format!("Only the first {looked_at} of {pages} pages were looked at."));
            }
            Some(_) | None if words.is_empty() => words.push("Every page can be shown.".to_owned()),
            Some(_) | None => {}
        }
        words.join(" ")
    }
}

impl LossyPage {
    fn in_words(&self) -> String {
        let page = self.page;
        let losses: Vec<&str> = self.missing.iter().map(|loss| loss.in_words()).collect();
        let losses = losses.join("; ");
        if self.missing.iter().any(|loss| loss.is_of_the_whole()) {
            return format!("Page {page} cannot be shown: {losses}.");
        }
        format!("Page {page} can be shown, but not whole. Missing: {losses}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(pages: u32, looked_at: u32, lossy: &[(u32, PageLoss)]) -> DrawingVerdict {
        let lossy =
            lossy.iter().map(|(page, loss)| LossyPage { page: *page, missing: [*loss].into() });
        let engine = "engine 1".to_owned();
        DrawingVerdict { engine, pages: Some(pages), looked_at, lossy: lossy.collect() }
    }

    #[test]
    fn only_what_was_looked_at_to_its_end_is_whole() {
        assert!(verdict(3, 3, &[]).is_whole());
        assert!(!verdict(3, 2, &[]).is_whole());
        assert!(!verdict(3, 3, &[(2, PageLoss::Picture)]).is_whole());
        assert!(!DrawingVerdict::not_looked_at("engine 1").is_whole());
        assert!(!DrawingVerdict::of_nothing("engine 1", PageLoss::Password).is_whole());
    }

    #[test]
    fn the_words_say_what_was_found_and_what_was_not_looked_at() {
        assert_eq!(verdict(3, 3, &[]).in_words(), "Every page can be shown.");
        assert_eq!(
            verdict(30, 20, &[(2, PageLoss::Picture)]).in_words(),
            "Page 2 can be shown, but not whole. Missing: a picture. \
             Only the first 20 of 30 pages were looked at."
        );
        assert_eq!(
            DrawingVerdict::of_nothing("engine 1", PageLoss::Password).in_words(),
            "Page 1 cannot be shown: the file needs a password."
        );
        assert_eq!(
            DrawingVerdict::not_looked_at("engine 1").in_words(),
            "Whether it can be shown was not looked at."
        );
    }
}
