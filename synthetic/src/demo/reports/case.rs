//! Whom a set of reports is about, and what they have.

use super::chance::Chance;

/// What every page and picture of the demo says.
pub(super) const SYNTHETIC: &str = "SYNTHETIC - made by the demo";

/// One patient's story, the same in all their documents.
pub(super) struct Case {
    pub(super) patient: String,
    pub(super) doctor: String,
    pub(super) born: String,
    pub(super) number: String,
    pub(super) illness: &'static Illness,
}

impl Case {
    /// Drawn by chance.
    pub(super) fn new(chance: &mut Chance, patient: &str, doctor: &str) -> Self {
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
pub(super) struct Illness {
    pub(super) letter_title: &'static str,
    pub(super) diagnoses: &'static [&'static str],
    pub(super) complaint: &'static str,
    pub(super) history: &'static str,
    pub(super) findings: &'static str,
    pub(super) course: &'static str,
    pub(super) medicines: &'static [(&'static str, &'static str, &'static str)],
    pub(super) follow_up: &'static [&'static str],
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
