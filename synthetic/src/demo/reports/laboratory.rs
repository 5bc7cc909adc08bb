//! Laboratory reports: tables of values beside their reference ranges.

use super::case::Case;
use super::chance::Chance;
use super::paper::{BLACK, Font, GREY, LEFT, Letterhead, Paper, RED};

static HEAD: Letterhead = Letterhead {
    name: "Lakeside Demo Laboratory",
    lines: ["Medical laboratory, accredited nowhere", "1 Sample Street, Exampleton"],
    colour: (0.05, 0.38, 0.42),
};

/// A test: its name, its unit, the range it should be in, and digits after the point.
struct Test(&'static str, &'static str, f64, f64, usize);

const COUNT: [Test; 8] = [
    Test("Haemoglobin", "g/dl", 12.0, 16.0, 1),
    Test("Haematocrit", "%", 36.0, 47.0, 1),
    Test("Erythrocytes", "10^12/l", 4.1, 5.4, 2),
    Test("MCV", "fl", 80.0, 96.0, 1),
    Test("MCH", "pg", 28.0, 33.0, 1),
    Test("Leukocytes", "10^9/l", 3.9, 10.2, 1),
    Test("Neutrophils", "%", 42.0, 75.0, 1),
    Test("Platelets", "10^9/l", 150.0, 370.0, 0),
];

const CHEMISTRY: [Test; 12] = [
    Test("Sodium", "mmol/l", 136.0, 145.0, 0),
    Test("Potassium", "mmol/l", 3.5, 5.1, 1),
    Test("Calcium", "mmol/l", 2.15, 2.55, 2),
    Test("Creatinine", "µmol/l", 49.0, 97.0, 0),
    Test("Urea", "mmol/l", 2.8, 8.1, 1),
    Test("Glucose, fasting", "mmol/l", 3.9, 5.6, 1),
    Test("ALT", "U/l", 10.0, 45.0, 0),
    Test("AST", "U/l", 10.0, 38.0, 0),
    Test("Gamma-GT", "U/l", 8.0, 55.0, 0),
    Test("Bilirubin, total", "µmol/l", 3.0, 19.0, 1),
    Test("C-reactive protein", "mg/l", 0.2, 5.0, 1),
    Test("Ferritin", "µg/l", 20.0, 250.0, 0),
];

const THYROID: [Test; 3] = [
    Test("TSH", "mIU/l", 0.4, 4.0, 2),
    Test("Free T4", "pmol/l", 12.0, 22.0, 1),
    Test("Free T3", "pmol/l", 3.1, 6.8, 1),
];

const URINE: [Test; 5] = [
    Test("Specific gravity", "kg/l", 1.005, 1.030, 3),
    Test("pH", "", 5.0, 7.5, 1),
    Test("Protein", "g/l", 0.01, 0.15, 2),
    Test("Creatinine in urine", "mmol/l", 3.5, 25.0, 1),
    Test("Albumin/creatinine", "mg/mmol", 0.1, 3.0, 1),
];

/// Blood count and chemistry.
pub(super) fn blood(case: &Case, chance: &mut Chance, date: &str) -> Vec<u8> {
    sheet(case, chance, date, &[("Blood count", &COUNT), ("Clinical chemistry", &CHEMISTRY)])
}

/// Urine and thyroid.
pub(super) fn urine(case: &Case, chance: &mut Chance, date: &str) -> Vec<u8> {
    sheet(case, chance, date, &[("Thyroid", &THYROID), ("Urine", &URINE)])
}

fn sheet(case: &Case, chance: &mut Chance, date: &str, panels: &[(&str, &[Test])]) -> Vec<u8> {
    let mut paper = Paper::new(&HEAD);
    paper.about(case, "Laboratory report", date);
    let mut outside = 0;
    for (name, tests) in panels {
        paper.heading(name);
        paper.columns(&[
            (LEFT + 6.0, "Test"),
            (LEFT + 178.0, "Result"),
            (LEFT + 248.0, "Unit"),
            (LEFT + 318.0, "Reference"),
            (LEFT + 410.0, "In range"),
        ]);
        for test in *tests {
            outside += usize::from(value(&mut paper, test, chance));
        }
        paper.skip(6.0);
    }
    paper.skip(8.0);
    let verdict = match outside {
        0 => "All values are inside their reference ranges.".to_owned(),
        1 => "One value is outside its reference range (marked).".to_owned(),
        n => format!("{n} values are outside their reference ranges (marked)."),
    };
    paper.paragraph(&format!("{verdict} Requested by {}.", case.doctor));
    paper.signature(&case.doctor, chance);
    paper.finish()
}

/// One row; answers whether the value is out of its range.
fn value(paper: &mut Paper, test: &Test, chance: &mut Chance) -> bool {
    let Test(name, unit, low, high, digits) = *test;
    let value = chance.around(low, high).max(low * 0.4);
    // Rounded first, so that the mark never contradicts the figure beside it.
    let scale = 10_f64.powi(digits as i32);
    let value = (value * scale).round() / scale;
    let (mark, font, colour) = match (value < low, value > high) {
        (true, _) => ("L", Font::Bold, RED),
        (_, true) => ("H", Font::Bold, RED),
        (false, false) => ("", Font::Plain, BLACK),
    };
    let y = paper.y();
    let (result, range) =
        (format!("{value:.digits$} {mark}"), format!("{low:.digits$} \u{2013} {high:.digits$}"));
    paper.row(&[
        (LEFT + 6.0, Font::Plain, BLACK, name),
        (LEFT + 178.0, font, colour, &result),
        (LEFT + 248.0, Font::Plain, GREY, unit),
        (LEFT + 318.0, Font::Plain, GREY, &range),
    ]);
    // Where the value lies: the pale stretch is the reference range.
    let left = LEFT + 410.0;
    let width = 54.0;
    let place = ((value - low) / (high - low)).clamp(-0.45, 1.45);
    paper.area(left, y - 5.0, width, 3.0, (0.86, 0.88, 0.9));
    paper.area(left + width * 0.25, y - 5.0, width * 0.5, 3.0, (0.62, 0.8, 0.68));
    paper.area(left + width * (0.25 + place * 0.5) - 1.0, y - 7.0, 2.0, 7.0, colour);
    !mark.is_empty()
}
