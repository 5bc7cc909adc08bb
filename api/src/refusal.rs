//! The one table of refusals and errors: whatever a caller can be told, once, with all that is known of it.
//!
//! Nothing is written here that stands elsewhere. A command's reasons stand beside its decision
//! (`rejections!`), the policy's rules in `domain`, what goes wrong before or after a decision in
//! `own.rs`; a row is made of each. Which kind of "no" it is gives the statuses and whether a retry is
//! useful (`kind.rs`); a row may say otherwise. From the table are made `docs/problems.md`, the pages at
//! `/api/problems/`, the answers in the description of the API, and what the command line prints.

pub(crate) mod answers;
mod grpc;
mod kind;
mod metadata;
pub(crate) mod own;
mod row;

use commands::execute::ExecuteError;

pub use self::grpc::GrpcCode;
pub use self::metadata::Metadata;
pub use self::row::RefusalRow;

impl From<&ExecuteError> for RefusalRow {
    fn from(error: &ExecuteError) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => (*rejection).into(),
            ExecuteError::RequestReused => own::KEY_REUSED,
            ExecuteError::Contended => own::CONTENDED,
            ExecuteError::ClockBehind(_) => own::CLOCK_BEHIND,
            ExecuteError::ClockOffWitness(_) => own::CLOCK_OFF_WITNESS,
            ExecuteError::DiskFull => own::DISK_FULL,
            ExecuteError::Line(_) => own::EVENT_TOO_LONG,
            ExecuteError::Fold(_)
            | ExecuteError::Vault(_)
            | ExecuteError::Store(_)
            | ExecuteError::NoAnswer
            | ExecuteError::Defect(_) => own::FAILED,
        }
    }
}

/// Every row there is, by code.
pub fn table() -> Vec<RefusalRow> {
    let mut rows: Vec<RefusalRow> = own::OWN.to_vec();
    rows.extend(commands::rejections().into_iter().map(RefusalRow::from));
    rows.sort_unstable_by_key(|row| row.code);
    rows
}

/// The row of a code.
pub(crate) fn row(code: &str) -> Option<RefusalRow> {
    table().into_iter().find(|row| row.code == code)
}

#[cfg(test)]
mod tests {
    use commands::decide::RetryAdvice;

    use super::{GrpcCode, Metadata, RefusalRow, table};

    #[test]
    fn a_code_stands_in_one_row() {
        let rows = table();
        let twice = rows.windows(2).filter(|pair| pair[0].code == pair[1].code);
        assert_eq!(twice.collect::<Vec<_>>(), Vec::<&[RefusalRow]>::new());
    }

    #[test]
    fn every_row_has_all_it_must_say() {
        for row in table() {
            let snake = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(!row.code.is_empty() && row.code.chars().all(snake), "{row:?}");
            assert!((400..600).contains(&row.status.as_u16()), "{row:?}");
            assert!(row.status.canonical_reason().is_some(), "{row:?}");
            assert_ne!(row.grpc, GrpcCode::Ok, "{row:?}");
            for sentence in [row.rule, row.next] {
                assert!(sentence.ends_with('.') && sentence.trim() == sentence, "{row:?}");
                assert!(sentence.starts_with(char::is_uppercase), "{row:?}");
                assert!(!sentence.contains('|'), "{row:?}");
            }
        }
    }

    /// What only the operator can mend is our fault, and whoever is told to wait is not told to give up.
    #[test]
    fn the_columns_agree_with_each_other() {
        for row in table() {
            let operator = row.retry == RetryAdvice::AfterTheOperator;
            assert!(!operator || row.status.is_server_error(), "{row:?}");
            let refused = row.status.is_client_error();
            assert!(refused || row.retry != RetryAdvice::Never, "{row:?}");
            let told_when = row.metadata.contains(&Metadata::RetryAfter);
            assert!(!told_when || row.retry == RetryAdvice::AfterWaiting, "{row:?}");
        }
    }
}
