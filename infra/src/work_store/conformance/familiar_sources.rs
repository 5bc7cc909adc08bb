//! What whatever remembers from where people logged in must do.

use commands::ports::credentials::FamiliarSources;
use commands::ports::world::Clock as _;
use domain::ids::{LoginHash, SourceHash};
use domain::time::minutes;

use crate::work_store::familiar_sources::FAMILIAR_FOR;

/// One test for each promise, over the place that `$place` makes.
macro_rules! conformance {
    ($place:expr) => {
        use crate::work_store::conformance::familiar_sources as suite;
        crate::conformance::promises! { $place;
            a_source_is_familiar_at_the_address_where_it_was_let_in
            what_is_familiar_is_so_after_a_restart
            a_source_is_familiar_for_ninety_days_after_the_last_time
        }
    };
}
pub(in crate::work_store) use conformance;

pub(in crate::work_store) type Place = crate::conformance::Place<dyn FamiliarSources>;

const BO: LoginHash = LoginHash([1; 32]);
const HERE: SourceHash = SourceHash([1; 16]);

pub(in crate::work_store) async fn a_source_is_familiar_at_the_address_where_it_was_let_in(
    place: Place,
) {
    let (sources, now) = (place.open().await, place.clock.now());
    assert!(!sources.is_familiar(BO, HERE, now).await.unwrap());
    sources.let_in(BO, HERE, now).await.unwrap();
    sources.let_in(BO, HERE, now).await.unwrap();
    assert!(sources.is_familiar(BO, HERE, now).await.unwrap());
    assert!(!sources.is_familiar(LoginHash([2; 32]), HERE, now).await.unwrap());
    assert!(!sources.is_familiar(BO, SourceHash([2; 16]), now).await.unwrap());
}

pub(in crate::work_store) async fn what_is_familiar_is_so_after_a_restart(place: Place) {
    let (sources, now) = (place.open().await, place.clock.now());
    sources.let_in(BO, HERE, now).await.unwrap();
    drop(sources);
    assert!(place.open().await.is_familiar(BO, HERE, now).await.unwrap());
}

pub(in crate::work_store) async fn a_source_is_familiar_for_ninety_days_after_the_last_time(
    place: Place,
) {
    let (sources, now) = (place.open().await, place.clock.now());
    sources.let_in(BO, HERE, now).await.unwrap();
    let (last, end) = (now.plus(FAMILIAR_FOR - minutes(1)), now.plus(FAMILIAR_FOR));
    assert!(sources.is_familiar(BO, HERE, last).await.unwrap());
    assert!(!sources.is_familiar(BO, HERE, end).await.unwrap());
    sources.let_in(BO, HERE, last).await.unwrap();
    assert!(sources.is_familiar(BO, HERE, end).await.unwrap());
}
