//! A patient bars a doctor or a practice, for good and over every consent. At once, without a code.

use domain::access::policy::Rule;
use domain::chart::Chart;
use domain::consent::event::BarSet;
use domain::consent::grantee::Grantee;
use domain::identity::doctor::{Doctor, Standing};
use domain::ids::{PatientId, StreamName};
use domain::time::Moment;

use super::grant_consent::GrantConsentRejection;
use super::shut_viewings::ends_of_what_is_shut;
use crate::decide::{Command, Decided, Decision, Rejection, rejections};
use crate::identity::verify_doctor::StandingRejection;

/// Most doctors and practices barred and reports hidden, together.
const BARS_MAX: usize = 1_000;

/// A patient bars somebody, or says anew whether an emergency of theirs passes.
#[derive(Debug, Clone)]
pub struct SetBar {
    /// Whose record.
    pub patient: PatientId,
    /// Who is barred.
    pub barred: Grantee,
    /// Whether an emergency of theirs still passes.
    pub emergency_passes: bool,
}

rejections! {
    /// Why nobody is barred and nothing is hidden.
    SetBarRejection {
        /// Nobody there is.
        NoSuchDoctor => StandingRejection::NoSuchDoctor.rejection();
        /// No practice has been verified: none can register yet.
        NoSuchPractice => GrantConsentRejection::NoSuchPractice.rejection();
        /// A chart is kept in memory whole.
        TooManyBars = Conflict, "too_many_bars", "You bar as many doctors, and hide as many reports, as one record may.", "Close the whole record, or lift a bar that you need no more.", AfterAChange;
    }
}

/// Whether somebody by this id can be shut out, whatever their standing, and one bar more has room.
pub(super) fn can_be_set(
    chart: &Chart,
    grantee: Grantee,
    doctor: &Doctor,
) -> Result<(), Rejection> {
    match grantee {
        Grantee::Doctor(_) if doctor.standing != Standing::Unknown => {}
        Grantee::Doctor(_) => return Err(SetBarRejection::NoSuchDoctor.rejection()),
        Grantee::Practice(_) => return Err(SetBarRejection::NoSuchPractice.rejection()),
    }
    if chart.bars.count() >= BARS_MAX {
        return Err(SetBarRejection::TooManyBars.rejection());
    }
    Ok(())
}

impl Command for SetBar {
    type States = (Chart, Doctor);
    type Done = ();

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.patient), self.barred.stream()]
    }

    fn decide(&self, (chart, doctor): (&Chart, &Doctor), now: Moment) -> Decision<Self::Done> {
        let Self { barred, emergency_passes, .. } = *self;
        match chart.bars.against(barred) {
            Some(bar) if bar.emergency_passes == emergency_passes => {
                return Ok(Decided::Already(()));
            }
            Some(_) => {}
            None => can_be_set(chart, barred, doctor)?,
        }
        let ends = ends_of_what_is_shut(chart, now, Rule::Barred, |reader, _| reader.is(barred));
        Ok(Decided::record_with(BarSet { barred, emergency_passes }, ends))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::issue_view_token::tests::{ASK, granted};
    use crate::access::redeem_view_token::tests::{REDEEM, issued};
    use crate::consent::lift_bar::LiftBar;
    use crate::spec::given;
    use domain::access::event::ViewRefused;
    use domain::actor::Actor;
    use domain::fact::Fact;
    use domain::ids::{DoctorId, PracticeId};
    use domain::samples::{self, ANA, BO, EVE};
    use domain::time::minutes;

    const BAR: SetBar =
        SetBar { patient: ANA, barred: Grantee::Doctor(BO), emergency_passes: true };

    #[test]
    fn a_patient_bars_a_doctor_whatever_their_standing() {
        let bar = [samples::bar_set().into()];
        given().the_cast().when(&BAR).then(&bar);
        given().the_cast().bo_suspended().when(&BAR).then(&bar);
        given().bo_registered().when(&BAR).then(&bar);
    }

    #[test]
    fn doing_it_twice_adds_nothing_but_what_is_new_of_emergencies() {
        let barred = given().the_cast().twice::<SetBar>(Actor::Patient(ANA), &BAR);
        let to_all = SetBar { emergency_passes: false, ..BAR };
        barred.when(&to_all).then_kinds(&["consent.bar_set.v1"]);
    }

    #[test]
    fn nobody_is_barred_who_is_not_there() {
        given().when(&BAR).refused("no_such_doctor");
        let practice = Grantee::Practice(PracticeId::new(uuid::Uuid::from_u128(0x9a)));
        let of_practice = SetBar { barred: practice, ..BAR };
        given().the_cast().when(&of_practice).refused("no_such_practice");
    }

    #[test]
    fn what_the_barred_has_open_ends_and_what_others_have_goes_on() {
        let viewing = issued().done(Actor::Doctor(BO), &REDEEM);
        let ended: Fact = samples::viewing_stopped(Rule::Barred).into();
        viewing.when(&BAR).then(&[samples::bar_set().into(), ended]);
        let other = SetBar { barred: Grantee::Doctor(EVE), ..BAR };
        let eve = StreamName::doctor(EVE);
        let viewing = viewing.fact(&eve, Actor::Doctor(EVE), samples::doctor_registered());
        viewing.when(&other).then_kinds(&["consent.bar_set.v1"]);
        // What is over by itself ends no more.
        viewing.later(minutes(15)).when(&BAR).then_kinds(&["consent.bar_set.v1"]);
    }

    #[test]
    fn the_barred_are_answered_as_one_who_never_had_a_link_until_it_is_lifted() {
        let token = issued().done(Actor::Patient(ANA), &BAR);
        assert_eq!(token.when(&REDEEM).refused("no_such_token"), []);
        let barred = granted(|_| {}).done(Actor::Patient(ANA), &BAR);
        let policy = domain::access::policy::CURRENT;
        let refused = ViewRefused { rule: Rule::Barred, policy, ..samples::view_refused() };
        let record = barred.when(&ASK).refused("not_found");
        assert_eq!(record, [refused.into()]);
        let barred = barred.bo(record[0].clone());
        assert_eq!(barred.when(&ASK).refused("not_found"), []);
        let lift = LiftBar { patient: ANA, barred: Grantee::Doctor(BO) };
        let lifted = barred.done(Actor::Patient(ANA), &lift);
        lifted.when(&ASK).then_kinds(&["access.view_token_issued.v1"]);
    }

    #[test]
    fn a_record_bars_so_many_and_no_more() {
        let bar = |number: u128| {
            let barred = Grantee::Doctor(DoctorId::new(uuid::Uuid::from_u128(number)));
            domain::consent::event::BarSet { barred, emergency_passes: false }
        };
        let many = u128::try_from(BARS_MAX).unwrap();
        let full =
            (0..many).fold(given().the_cast(), |given, number| given.ana(bar(1_000_000 + number)));
        full.when(&BAR).refused("too_many_bars");
    }
}
