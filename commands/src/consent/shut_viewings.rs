//! What a patient shuts ends what is open of it, in the same append: no page is shown after they were told.

use domain::access::event::{RecordViewed, ViewingEnd, ViewingEnded};
use domain::access::policy::Rule;
use domain::chart::Chart;
use domain::consent::grantee::Reader;
use domain::fact::Fact;
use domain::ids::ReportId;
use domain::time::Moment;

/// The ends of the open viewings that are shut from now on, by this rule.
pub(super) fn ends_of_what_is_shut(
    chart: &Chart,
    now: Moment,
    rule: Rule,
    shut: impl Fn(Reader, ReportId) -> bool,
) -> Vec<Fact> {
    let open = chart.access.open_viewings(now).into_iter();
    let is_shut = |opened: &&RecordViewed| shut(opened.ground.reader(opened.doctor), opened.report);
    let end = |opened: &RecordViewed| ViewingEnded {
        viewing: opened.viewing,
        reason: ViewingEnd::RuleFailed,
        rule: Some(rule),
    };
    open.filter(is_shut).map(|opened| end(opened).into()).collect()
}
