//! Access: a view token, its one use, the pages it opens, and everything that stops them.

pub mod download_report;
pub mod downloading;
pub mod end_viewing;
pub mod expire_viewing;
pub mod issue_view_token;
pub mod lists_shown;
pub mod note_page_not_drawn;
pub mod reactions;
pub mod redeem_view_token;
pub mod refusal;
pub mod reveal;
pub mod show_clinical_list;
pub mod show_page;
pub mod signed_log_rule;
pub mod turns;
pub mod viewing;
