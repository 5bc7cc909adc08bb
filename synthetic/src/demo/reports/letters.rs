//! Letters and forms of the demo's clinic: discharge, prescription, vaccinations.

use super::case::Case;
use super::chance::Chance;
use super::paper::{BLACK, Font, GREY, LEFT, Letterhead, Paper};

static HOSPITAL: Letterhead = Letterhead {
    name: "Example Valley Hospital",
    lines: ["Department of internal medicine", "20 Demo Road, Exampleton"],
    colour: (0.1, 0.25, 0.5),
};

static PRACTICE: Letterhead = Letterhead {
    name: "Practice at the Old Mill",
    lines: ["Family medicine", "7 Mill Lane, Exampleton"],
    colour: (0.33, 0.4, 0.12),
};

/// A letter of three pages: what was found, what was done, what comes next.
pub(super) fn discharge(case: &Case, chance: &mut Chance, date: &str) -> Vec<u8> {
    let illness = case.illness;
    let days = 3 + chance.below(6);
    let mut paper = Paper::new(&HOSPITAL);
    paper.about(case, "Discharge letter", date);
    paper.paragraph("Dear colleague,");
    paper.paragraph(&format!(
        "thank you for referring {}, born {}, who was in our care for {days} days until {date}.",
        case.patient, case.born
    ));
    paper.heading("Diagnoses");
    paper.list(illness.diagnoses);
    paper.heading("Reason for admission");
    paper.paragraph(illness.complaint);
    paper.heading("History");
    paper.paragraph(illness.history);
    paper.heading("Findings at admission");
    paper.paragraph(illness.findings);

    paper.page();
    paper.heading("Course of the days");
    paper.paragraph(illness.course);
    daily_values(&mut paper, days, chance);

    paper.page();
    paper.heading("Medicines at discharge");
    medicines(&mut paper, illness.medicines);
    paper.heading("What comes next");
    paper.list(illness.follow_up);
    paper.heading("Condition at discharge");
    paper.paragraph(
        "The patient left us in good general condition, knows about the medicines and has been \
         given this plan in writing. Please do not hesitate to call us with questions.",
    );
    paper.paragraph("With kind regards");
    paper.signature(&case.doctor, chance);
    paper.finish()
}

fn daily_values(paper: &mut Paper, days: usize, chance: &mut Chance) {
    paper.heading("Daily values");
    paper.columns(&[
        (LEFT + 6.0, "Day"),
        (LEFT + 70.0, "Temperature, °C"),
        (LEFT + 180.0, "Pulse, 1/min"),
        (LEFT + 280.0, "Blood pressure, mmHg"),
        (LEFT + 405.0, "SpO2, %"),
    ]);
    for day in 0..=days {
        // Everybody gets better in the demo.
        let ill = 1.0 - day as f64 / days as f64;
        let cells = [
            (day + 1).to_string(),
            format!("{:.1}", 36.6 + 2.0 * ill + chance.between(-0.2, 0.3)),
            format!("{:.0}", 70.0 + 30.0 * ill + chance.between(-5.0, 5.0)),
            format!(
                "{:.0}/{:.0}",
                126.0 + 14.0 * ill + chance.between(-6.0, 6.0),
                78.0 + chance.between(-6.0, 8.0)
            ),
            format!("{:.0}", 97.5 - 3.5 * ill + chance.between(-0.6, 0.6)),
        ];
        let places = [6.0, 70.0, 180.0, 280.0, 405.0];
        let row: Vec<_> = places
            .iter()
            .zip(&cells)
            .map(|(x, words)| (LEFT + x, Font::Plain, BLACK, words.as_str()))
            .collect();
        paper.row(&row);
    }
}

fn medicines(paper: &mut Paper, medicines: &[(&str, &str, &str)]) {
    paper.columns(&[
        (LEFT + 6.0, "Medicine"),
        (LEFT + 260.0, "Morning - noon - evening"),
        (LEFT + 392.0, "For how long"),
    ]);
    for (name, dose, length) in medicines {
        paper.row(&[
            (LEFT + 6.0, Font::Bold, BLACK, name),
            (LEFT + 260.0, Font::Plain, BLACK, dose),
            (LEFT + 392.0, Font::Plain, GREY, length),
        ]);
    }
    paper.skip(6.0);
}

/// What the pharmacy gets.
pub(super) fn prescription(case: &Case, chance: &mut Chance, date: &str) -> Vec<u8> {
    let mut paper = Paper::new(&PRACTICE);
    paper.about(case, "Prescription", date);
    paper.heading("Rp.");
    medicines(&mut paper, case.illness.medicines);
    let packs =
        chance.pick(&["One pack each (N2).", "One pack each (N3).", "Two packs each (N1)."]);
    paper.paragraph(packs);
    paper.paragraph("Valid for 28 days. A generic of the same strength may be given instead.");
    paper.signature(&case.doctor, chance);
    paper.finish()
}

const VACCINES: [(&str, &str); 9] = [
    ("Tetanus, diphtheria, pertussis", "Demovax Tdap"),
    ("Influenza, seasonal", "Flusample Quadri"),
    ("Meningococci ACWY", "Examplivax"),
    ("Hepatitis B", "Hepademo B"),
    ("Measles, mumps, rubella", "Trisample MMR"),
    ("Pneumococci", "Pneumosample 20"),
    ("Tick-borne encephalitis", "Tickdemo"),
    ("Herpes zoster", "Zosterex Demo"),
    ("Hepatitis A", "Hepademo A"),
];

/// A page of the vaccination book.
pub(super) fn vaccinations(case: &Case, chance: &mut Chance, date: &str) -> Vec<u8> {
    let mut paper = Paper::new(&PRACTICE);
    paper.about(case, "Vaccination record", date);
    paper.heading("Vaccinations given");
    paper.columns(&[
        (LEFT + 6.0, "Date"),
        (LEFT + 80.0, "Against"),
        (LEFT + 255.0, "Vaccine"),
        (LEFT + 370.0, "Batch"),
        (LEFT + 430.0, "Dose"),
    ]);
    let mut year = 2012 + chance.below(4);
    let mut from = chance.below(VACCINES.len());
    while year <= 2026 {
        let (against, vaccine) = VACCINES[from % VACCINES.len()];
        let date = format!("{year}-{:02}-{:02}", 1 + chance.below(9), 1 + chance.below(28));
        let batch = format!("D{:05}", chance.below(100_000));
        let dose = (1 + chance.below(3)).to_string();
        paper.row(&[
            (LEFT + 6.0, Font::Plain, BLACK, &date),
            (LEFT + 80.0, Font::Bold, BLACK, against),
            (LEFT + 255.0, Font::Plain, BLACK, vaccine),
            (LEFT + 370.0, Font::Plain, GREY, &batch),
            (LEFT + 430.0, Font::Plain, BLACK, &dose),
        ]);
        from += 1 + chance.below(3);
        year += 1 + chance.below(2);
    }
    paper.skip(10.0);
    paper.paragraph("No unusual reactions were seen.");
    paper.signature(&case.doctor, chance);
    paper.finish()
}
