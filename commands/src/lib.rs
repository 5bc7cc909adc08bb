//! What may happen: one file per command, the one write loop, and the ports it needs.

pub mod access;
pub mod application;
pub mod audit;
pub mod consent;
pub mod decide;
pub mod entity_tags;
pub mod execute;
pub mod folds;
pub mod fresh;
pub mod hashes;
pub mod identity;
pub mod list_cursors;
pub mod ports;
pub mod react;
pub mod records;
pub mod requests;
pub mod shares;
#[cfg(test)]
mod spec;
pub mod throttles;

/// What the log's own orders say no with: nobody gives them but who runs the installation.
pub fn log_rejections() -> Vec<decide::Rejection> {
    let lists = [
        audit::continue_log::ContinueLogRejection::ALL,
        audit::correct_clock::CorrectClockRejection::ALL,
        audit::record_anchor::RecordAnchorRejection::ALL,
        audit::rotate_log_key::RotateLogKeyRejection::ALL,
    ];
    lists.concat()
}

/// Every "no" there is, each once: the greater part of the table of codes.
pub fn rejections() -> Vec<decide::Rejection> {
    let lists = [
        access::download_report::DownloadReportRejection::ALL,
        access::refusal::RecordRejection::ALL,
        access::issue_view_token::IssueViewTokenRejection::ALL,
        access::redeem_view_token::RedeemViewTokenRejection::ALL,
        access::show_page::ShowPageRejection::ALL,
        access::turns::TurnRejection::ALL,
        consent::grant_consent::GrantConsentRejection::ALL,
        consent::set_bar::SetBarRejection::ALL,
        consent::revoke_consent::RevokeConsentRejection::ALL,
        identity::account_passkeys::PasskeyRejection::ALL,
        identity::add_factor::AddFactorRejection::ALL,
        identity::claim_login::ClaimLoginRejection::ALL,
        identity::end_session::EndSessionRejection::ALL,
        identity::issue_first_admin_link::FirstAdminRejection::ALL,
        identity::log_in::LogInRejection::ALL,
        identity::note_failed_login::LoginRejection::ALL,
        identity::remove_factor::RemoveFactorRejection::ALL,
        identity::second_factors::AppRejection::ALL,
        identity::step_up::StepUpRejection::ALL,
        identity::verify_doctor::StandingRejection::ALL,
        records::upload_report::UploadReportRejection::ALL,
        records::uploading::TicketRejection::ALL,
        shares::ShareRejection::ALL,
    ];
    let rules = domain::access::policy::Rule::ALL.iter().copied();
    let rules = rules.filter(|rule| rule.may_be_named()).map(access::refusal::rejection);
    let all = lists.into_iter().flatten().copied();
    all.chain(rules).chain([throttles::TOO_MANY]).chain(log_rejections()).collect()
}
