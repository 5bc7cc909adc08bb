//! Reports the demo makes up itself: documents that look real, about people who are not.

mod case;
mod chance;
mod laboratory;
mod letters;
mod notes;
mod paper;
mod pictures;

use case::Case;
use chance::Chance;

/// One report, ready to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoReport {
    /// Its title, as a doctor would write it.
    pub title: String,
    /// One of the categories scopes name.
    pub category: &'static str,
    /// What the bytes are.
    pub media_type: &'static str,
    /// The document.
    pub bytes: Vec<u8>,
}

const PDF: &str = "application/pdf";
const PNG: &str = "image/png";
const JPEG: &str = "image/jpeg";
const TEXT: &str = "text/plain";

/// Six to nine reports of one patient, by one doctor. The same arguments always give the same
/// bytes; another patient gets other findings, values and dates.
pub fn reports(seed: u64, patient_name: &str, doctor_name: &str) -> Vec<DemoReport> {
    let mut chance = Chance::for_person(seed, patient_name);
    let case = Case::new(&mut chance, patient_name, doctor_name);
    let mut made = vec![
        report("Laboratory: blood count and chemistry", "laboratory", PDF, |c, date| {
            laboratory::blood(&case, c, date)
        }),
        report(case.illness.letter_title, "discharge", PDF, |c, date| {
            letters::discharge(&case, c, date)
        }),
        report("Chest X-ray, frontal view", "imaging", PNG, |c, _| pictures::chest(c)),
        report("Photograph: skin lesion, left forearm", "other", JPEG, |c, _| pictures::skin(c)),
        report("Consultation note", "consultation", TEXT, |c, date| {
            notes::consultation(&case, c, date)
        }),
        report("Prescription", "prescription", PDF, |c, date| {
            letters::prescription(&case, c, date)
        }),
        report("Vaccination record", "vaccination", PDF, |c, date| {
            letters::vaccinations(&case, c, date)
        }),
        report("Certificate of incapacity for work", "administrative", TEXT, |c, date| {
            notes::certificate(&case, c, date)
        }),
        report("Laboratory: urine and thyroid", "laboratory", PDF, |c, date| {
            laboratory::urine(&case, c, date)
        }),
    ]
    .into_iter()
    .map(|make| make(&mut chance))
    .collect::<Vec<_>>();
    // The last three are what not everybody has.
    made.truncate(6 + chance.below(4));
    made
}

/// The birth date that a patient's documents give.
pub fn birth_date(seed: u64, patient_name: &str) -> String {
    Case::new(&mut Chance::for_person(seed, patient_name), patient_name, "").born
}

type Make<'a> = Box<dyn FnOnce(&mut Chance) -> DemoReport + 'a>;

fn report<'a>(
    title: &str,
    category: &'static str,
    media_type: &'static str,
    make: impl FnOnce(&mut Chance, &str) -> Vec<u8> + 'a,
) -> Make<'a> {
    let title = title.to_owned();
    Box::new(move |chance| {
        let date = chance.date();
        let bytes = make(&mut Chance::new(chance.next()), &date);
        DemoReport { title: format!("{title}, {date}"), category, media_type, bytes }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::case::SYNTHETIC;
    use super::*;

    const CATEGORIES: [&str; 8] = [
        "laboratory",
        "imaging",
        "prescription",
        "discharge",
        "consultation",
        "vaccination",
        "administrative",
        "other",
    ];

    #[test]
    fn the_same_seed_and_people_give_the_same_bytes() {
        assert_eq!(reports(7, "Ana Example", "Bo Lind"), reports(7, "Ana Example", "Bo Lind"));
    }

    #[test]
    fn another_patient_gets_other_documents() {
        let (ana, dee) = (reports(7, "Ana Example", "Bo Lind"), reports(7, "Dee Other", "Bo Lind"));
        for (one, other) in ana.iter().zip(&dee) {
            assert!(one.bytes != other.bytes, "{}", one.title);
        }
    }

    #[test]
    fn everybody_has_six_to_nine_and_the_clinic_has_every_category_and_type() {
        let all: Vec<_> = (0..4).map(|n| reports(1, &format!("Patient {n}"), "Bo Lind")).collect();
        assert!(all.iter().all(|of_one| (6..=9).contains(&of_one.len())));
        let categories: BTreeSet<_> = all.iter().flatten().map(|report| report.category).collect();
        assert_eq!(categories, BTreeSet::from(CATEGORIES));
        let types: BTreeSet<_> = all.iter().flatten().map(|report| report.media_type).collect();
        assert_eq!(types, BTreeSet::from([PDF, PNG, JPEG, TEXT]));
    }

    #[test]
    fn every_page_says_that_it_is_synthetic() {
        for report in reports(3, "Ana Example", "Bo Lind") {
            let document = String::from_utf8_lossy(&report.bytes).into_owned();
            let says = document.matches(SYNTHETIC).count();
            let pages = document.matches("/Type /Page\n").count();
            match report.media_type {
                PDF => assert!(pages > 0 && says >= pages, "{}: {says} of {pages}", report.title),
                TEXT => assert!(says > 0, "{}", report.title),
                other => assert!([PNG, JPEG].contains(&other)),
            }
        }
    }

    #[test]
    fn the_discharge_letter_has_three_pages() {
        for patient in ["Ana Example", "Dee Other", "Maximiliane Long-Name", "Jo Day"] {
            let made = reports(3, patient, "Bo Lind");
            let letter = made.iter().find(|report| report.category == "discharge").unwrap();
            let document = String::from_utf8_lossy(&letter.bytes).into_owned();
            assert_eq!(document.matches("/Type /Page\n").count(), 3, "{}", letter.title);
        }
    }
}
