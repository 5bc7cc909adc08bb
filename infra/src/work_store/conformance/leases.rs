//! What whatever keeps leases must do.

use std::sync::Arc;
use std::time::Duration;

use commands::ports::leases::{Lease, Leases, Taking};
use commands::ports::world::Clock as _;
use domain::time::Moment;
use futures::future::join_all;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::work_store::conformance::leases as suite;
        crate::conformance::promises! { $place;
            a_lease_is_its_holders_until_it_runs_out
            of_many_at_once_one_takes_a_lease
            a_holder_takes_its_own_lease_back_at_once
            each_taking_has_a_higher_fence
            a_lease_is_renewed_until_it_is_anothers
            a_lease_that_ran_out_and_nobody_took_is_renewed
            a_lease_that_was_released_is_free_and_cannot_be_renewed
            whoever_lost_a_lease_cannot_release_it
            leases_of_other_names_are_none_of_ours
            leases_and_their_fences_are_there_after_a_restart
        }
    };
}
pub(in crate::work_store) use conformance;

pub(in crate::work_store) type Place = crate::conformance::Place<dyn Leases>;

const MINUTE: Duration = Duration::from_secs(60);

/// Asks for the lease of signing for a minute.
async fn take(leases: &dyn Leases, holder: &str, now: Moment) -> Taking {
    leases.take("signing", holder, now, now.plus(MINUTE)).await.unwrap()
}

async fn taken(leases: &dyn Leases, holder: &str, now: Moment) -> Lease {
    match take(leases, holder, now).await {
        Taking::Taken(lease) => lease,
        Taking::HeldUntil(until) => panic!("held until {until}"),
    }
}

pub(in crate::work_store) async fn a_lease_is_its_holders_until_it_runs_out(place: Place) {
    let (leases, now) = (place.open().await, place.clock.now());
    let lease = taken(&*leases, "ada", now).await;
    assert_eq!((lease.name.as_str(), lease.holder.as_str()), ("signing", "ada"));
    let end = now.plus(MINUTE);
    let just_before = Moment::from_micros(end.micros() - 1);
    for at in [now, just_before] {
        assert_eq!(take(&*leases, "bea", at).await, Taking::HeldUntil(end));
    }
    assert_eq!(taken(&*leases, "bea", end).await.holder, "bea");
    assert_eq!(take(&*leases, "ada", end).await, Taking::HeldUntil(end.plus(MINUTE)));
}

pub(in crate::work_store) async fn of_many_at_once_one_takes_a_lease(place: Place) {
    let (leases, begin) = (place.open().await, place.clock.now());
    for round in 0..5 {
        let now = begin.plus(MINUTE * round);
        let race = (0..16).map(|racer| {
            let leases = Arc::clone(&leases);
            tokio::spawn(async move { take(&*leases, &format!("node {racer}"), now).await })
        });
        let takings: Vec<_> = join_all(race).await.into_iter().map(Result::unwrap).collect();
        let held = Taking::HeldUntil(now.plus(MINUTE));
        assert_eq!(takings.iter().filter(|taking| **taking == held).count(), 15);
    }
}

pub(in crate::work_store) async fn a_holder_takes_its_own_lease_back_at_once(place: Place) {
    let (leases, now) = (place.open().await, place.clock.now());
    let killed = taken(&*leases, "ada", now).await;
    drop(leases);
    let leases = place.open().await;
    let back = taken(&*leases, "ada", now).await;
    assert!(back.fence > killed.fence, "whatever the killed one still had under way is told apart");
    assert!(!leases.renew(&killed, now.plus(MINUTE * 2)).await.unwrap());
    assert!(leases.renew(&back, now.plus(MINUTE * 2)).await.unwrap());
}

pub(in crate::work_store) async fn each_taking_has_a_higher_fence(place: Place) {
    let (leases, begin) = (place.open().await, place.clock.now());
    let mut fences = Vec::new();
    for (minute, holder) in (0..).zip(["ada", "bea", "bea", "ada", "cat"]) {
        let lease = taken(&*leases, holder, begin.plus(MINUTE * minute)).await;
        fences.push(lease.fence);
        if minute == 2 {
            leases.release(&lease).await.unwrap();
        }
    }
    assert!(fences.is_sorted_by(|one, next| one < next), "{fences:?}");
}

pub(in crate::work_store) async fn a_lease_is_renewed_until_it_is_anothers(place: Place) {
    let (leases, now) = (place.open().await, place.clock.now());
    let lease = taken(&*leases, "ada", now).await;
    let later = now.plus(MINUTE * 3);
    assert!(leases.renew(&lease, later).await.unwrap());
    assert_eq!(take(&*leases, "bea", now.plus(MINUTE)).await, Taking::HeldUntil(later));
    taken(&*leases, "bea", later).await;
    assert!(!leases.renew(&lease, later.plus(MINUTE)).await.unwrap());
    let held = Taking::HeldUntil(later.plus(MINUTE));
    assert_eq!(take(&*leases, "ada", later).await, held, "the refusal changed nothing");
}

pub(in crate::work_store) async fn a_lease_that_ran_out_and_nobody_took_is_renewed(place: Place) {
    let (leases, now) = (place.open().await, place.clock.now());
    let lease = taken(&*leases, "ada", now).await;
    let (late, later) = (now.plus(MINUTE * 2), now.plus(MINUTE * 3));
    assert!(leases.renew(&lease, later).await.unwrap());
    assert_eq!(take(&*leases, "bea", late).await, Taking::HeldUntil(later));
}

pub(in crate::work_store) async fn a_lease_that_was_released_is_free_and_cannot_be_renewed(
    place: Place,
) {
    let (leases, now) = (place.open().await, place.clock.now());
    let released = taken(&*leases, "ada", now).await;
    leases.release(&released).await.unwrap();
    leases.release(&released).await.unwrap();
    assert!(!leases.renew(&released, now.plus(MINUTE)).await.unwrap());
    let next = taken(&*leases, "bea", now).await;
    assert!(next.fence > released.fence);
}

pub(in crate::work_store) async fn whoever_lost_a_lease_cannot_release_it(place: Place) {
    let (leases, now) = (place.open().await, place.clock.now());
    let lost = taken(&*leases, "ada", now).await;
    let end = now.plus(MINUTE);
    let next = taken(&*leases, "bea", end).await;
    leases.release(&lost).await.unwrap();
    assert_eq!(take(&*leases, "ada", end).await, Taking::HeldUntil(end.plus(MINUTE)));
    assert!(leases.renew(&next, end.plus(MINUTE)).await.unwrap());
}

pub(in crate::work_store) async fn leases_of_other_names_are_none_of_ours(place: Place) {
    let (leases, now) = (place.open().await, place.clock.now());
    let ours = taken(&*leases, "ada", now).await;
    let until = now.plus(MINUTE);
    let Taking::Taken(others) = leases.take("anchoring", "bea", now, until).await.unwrap() else {
        panic!("a lease of another name was in the way");
    };
    leases.release(&others).await.unwrap();
    assert!(leases.renew(&ours, until).await.unwrap());
    let nobodys = Lease { name: "reacting".to_owned(), ..ours };
    assert!(!leases.renew(&nobodys, until).await.unwrap());
    leases.release(&nobodys).await.unwrap();
    assert_eq!(take(&*leases, "bea", now).await, Taking::HeldUntil(until));
}

pub(in crate::work_store) async fn leases_and_their_fences_are_there_after_a_restart(place: Place) {
    let (leases, now) = (place.open().await, place.clock.now());
    let released = taken(&*leases, "ada", now).await;
    leases.release(&released).await.unwrap();
    let held = taken(&*leases, "bea", now).await;
    drop(leases);
    let leases = place.open().await;
    let end = now.plus(MINUTE);
    assert_eq!(take(&*leases, "ada", now).await, Taking::HeldUntil(end));
    assert!(leases.renew(&held, end).await.unwrap());
    assert!(taken(&*leases, "ada", end).await.fence > held.fence);
}
