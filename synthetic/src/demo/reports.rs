//! Reports the demo makes up itself: documents that look real, about people who are not.

mod chance;
mod laboratory;
mod letters;
mod notes;
mod paper;
mod pictures;

use chance::Chance;

/// What every page and picture of the demo says.
const SYNTHETIC: &str = "SYNTHETIC - made by the demo";

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

/// One patient's story, the same in all their documents.
struct Case {
    patient: String,
    doctor: String,
    born: String,
    number: String,
    illness: &'static Illness,
}

impl Case {
    fn new(chance: &mut Chance, patient: &str, doctor: &str) -> Self {
        let born = format!(
            "{}-{:02}-{:02}",
            1941 + chance.below(62),
            1 + chance.below(12),
            1 + chance.below(28)
        );
        let number = format!("DEMO-{:06}", chance.below(1_000_000));
        let illness = chance.pick(&ILLNESSES);
        Self { patient: patient.to_owned(), doctor: doctor.to_owned(), born, number, illness }
    }
}

/// What a story is made of. Plain, common conditions; nothing in here is medical advice.
struct Illness {
    letter_title: &'static str,
    diagnoses: &'static [&'static str],
    complaint: &'static str,
    history: &'static str,
    findings: &'static str,
    course: &'static str,
    medicines: &'static [(&'static str, &'static str, &'static str)],
    follow_up: &'static [&'static str],
}

static ILLNESSES: [Illness; 4] = [
    Illness {
        letter_title: "Discharge letter: community-acquired pneumonia",
        diagnoses: &[
            "Community-acquired pneumonia, right lower lobe (J18.1)",
            "Arterial hypertension (I10)",
            "Former smoker, 12 pack-years",
        ],
        complaint: "Cough with yellow sputum for five days, fever up to 39.2 °C, chills, pain on \
                    breathing in on the right.",
        history: "Previously in good health apart from a high blood pressure treated for some \
                  years. No recent travel, no contact with ill persons known. Stopped smoking in \
                  2014. No allergies to medicines known.",
        findings: "Reduced general condition, alert and oriented. Respiratory rate 22 per minute, \
                   oxygen saturation 93 % on room air, pulse 104 per minute, blood pressure \
                   142/84 mmHg. Fine crackles over the right lower field, no wheeze. Heart sounds \
                   normal, no oedema. Abdomen soft.",
        course: "Treatment with ampicillin/sulbactam intravenously was begun on the day of \
                 admission and changed to tablets on day four. Fever was gone after 48 hours, the \
                 markers of inflammation fell steadily. Oxygen was needed for two days only.",
        medicines: &[
            ("Amoxicillin/clavulanic acid 875/125 mg", "1 - 0 - 1", "until day 7"),
            ("Ramipril 5 mg", "1 - 0 - 0", "continued"),
            ("Paracetamol 500 mg", "as needed", "at most 4 a day"),
        ],
        follow_up: &[
            "Visit to the family doctor with blood count and CRP within one week.",
            "Chest X-ray after six weeks, to see that the shadow has gone.",
            "Vaccination against pneumococci and influenza is recommended.",
        ],
    },
    Illness {
        letter_title: "Discharge letter: newly found atrial fibrillation",
        diagnoses: &[
            "Paroxysmal atrial fibrillation, first found (I48.0)",
            "Arterial hypertension (I10)",
            "CHA2DS2-VA score 2",
        ],
        complaint: "Palpitations since the early morning, slight dizziness, no loss of \
                    consciousness, no pain in the chest.",
        history: "Two similar but short episodes in the last half year, for which no doctor was \
                  seen. One glass of wine on most evenings. Mother had a stroke at 74. No surgery, \
                  no allergies known.",
        findings: "Good general condition. Pulse irregular, 128 per minute, blood pressure \
                   136/88 mmHg, saturation 97 %. Lungs clear. No murmur, no oedema. Thyroid not \
                   enlarged. ECG: atrial fibrillation, no signs of ischaemia. Echocardiography: \
                   normal function, left atrium slightly enlarged.",
        course: "The rate was brought down with metoprolol; sinus rhythm returned by itself after \
                 eleven hours. Anticoagulation was begun and explained. Thyroid function and \
                 electrolytes were normal.",
        medicines: &[
            ("Apixaban 5 mg", "1 - 0 - 1", "continued"),
            ("Metoprolol succinate 47.5 mg", "1 - 0 - 0", "continued"),
            ("Candesartan 8 mg", "1 - 0 - 0", "continued"),
        ],
        follow_up: &[
            "Seven-day ECG as an outpatient in four weeks.",
            "Visit to the cardiology clinic in three months; ablation to be discussed.",
            "Kidney function once a year while anticoagulated.",
        ],
    },
    Illness {
        letter_title: "Discharge letter: laparoscopic cholecystectomy",
        diagnoses: &[
            "Symptomatic gallstones without inflammation (K80.2)",
            "State after laparoscopic cholecystectomy",
            "Iron deficiency (E61.1)",
        ],
        complaint: "Colicky pain under the right ribs after meals for about three months, \
                    sometimes with nausea. No fever, no jaundice.",
        history: "Ultrasound at the family doctor showed several stones of up to 11 mm, the wall \
                  of the gall bladder was not thickened. Appendectomy in childhood. Allergy to \
                  penicillin (rash).",
        findings: "Good general condition, weight 74 kg, height 171 cm. Blood pressure \
                   118/76 mmHg, pulse 72 per minute. Abdomen soft, slight tenderness under the \
                   right ribs, no guarding. Scar without irritation.",
        course: "The operation took 48 minutes and went without complications. Drinking was \
                 possible on the same evening, light food on the next day. The wounds were dry \
                 and closed at discharge. Iron was low and is being replaced.",
        medicines: &[
            ("Ibuprofen 400 mg", "1 - 1 - 1", "for 5 days"),
            ("Pantoprazole 20 mg", "1 - 0 - 0", "for 5 days"),
            ("Iron(II) sulfate 100 mg", "1 - 0 - 0", "for 3 months"),
        ],
        follow_up: &[
            "Removal of the stitches by the family doctor after ten days.",
            "No lifting of more than 5 kg for two weeks.",
            "Blood count and ferritin after three months.",
        ],
    },
    Illness {
        letter_title: "Discharge letter: type 2 diabetes, adjustment of treatment",
        diagnoses: &[
            "Type 2 diabetes mellitus without complications (E11.9)",
            "Obesity, body mass index 31 (E66.0)",
            "Raised blood lipids (E78.2)",
        ],
        complaint: "Admitted for adjustment: thirst and tiredness for weeks, fasting sugar at home \
                    between 11 and 15 mmol/l.",
        history: "Diabetes known for six years, treated with metformin alone. No chest pain, no \
                  open wounds. Father and a brother also have diabetes. Works in an office, walks \
                  little. No allergies known.",
        findings: "Good general condition, weight 96 kg, height 176 cm. Blood pressure \
                   138/82 mmHg, pulse 80 per minute. Heart and lungs normal. Feet warm, pulses \
                   present, sense of vibration 7/8 on both sides. Eye background without changes.",
        course: "A second medicine was added to metformin and well tolerated. Sugar was between \
                 6.1 and 8.4 mmol/l at discharge, without low values. Training and advice on food \
                 took place in the group and were well received.",
        medicines: &[
            ("Metformin 1000 mg", "1 - 0 - 1", "continued"),
            ("Empagliflozin 10 mg", "1 - 0 - 0", "new"),
            ("Atorvastatin 20 mg", "0 - 0 - 1", "continued"),
        ],
        follow_up: &[
            "HbA1c, kidney function and lipids in three months.",
            "Examination of eyes and feet once a year.",
            "Blood sugar diary, to be brought along to the family doctor.",
        ],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
