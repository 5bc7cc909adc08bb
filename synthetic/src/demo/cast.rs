//! Who plays in the demo. Nobody here exists; every address ends in `.example`, which no mail reaches
//! (RFC 2606).

use domain::identity::specialty::Specialty;

use super::reports;

/// Everybody's password, so that one can be tried after the other.
pub const PASSWORD: &str = "synthetic-clinic-password";

/// What everything that is drawn by chance starts from.
pub const SEED: u64 = 20_261_123;

/// Somebody with an account.
#[derive(Debug, Clone, Copy)]
pub struct DemoPerson {
    /// Full name.
    pub name: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// What there is to see as this person.
    pub sees: &'static str,
}

/// A doctor who registers; not all of them are verified.
#[derive(Debug, Clone, Copy)]
pub struct DemoDoctor {
    /// Who.
    pub person: DemoPerson,
    /// Licence number.
    pub licence: &'static str,
    /// Who issued the licence.
    pub issuer: &'static str,
    /// Specialty.
    pub specialty: Specialty,
    /// In their own words.
    pub specialty_text: &'static str,
    /// Where the story leaves them.
    pub standing: &'static str,
}

const fn person(name: &'static str, email: &'static str, sees: &'static str) -> DemoPerson {
    DemoPerson { name, email, sees }
}

pub(super) const ANNELIESE: DemoPerson = person(
    "Anneliese Kowalczyk",
    "anneliese@kowalczyk.example",
    "consents in force, revoked and expired; views; refusals",
);
pub(super) const HENRIK: DemoPerson = person(
    "Henrik Vandersloot",
    "henrik@vandersloot.example",
    "categories, an exception, a single view that is used up",
);
pub(super) const MIRELA: DemoPerson = person(
    "Mirela Stojanovska",
    "mirela@stojanovska.example",
    "a consent that is not in force yet",
);
pub(super) const TOBIAS: DemoPerson =
    person("Tobias Lindqvist", "tobias@lindqvist.example", "everything but two categories");
pub(super) const YASMINA: DemoPerson = person(
    "Yasmina Haddadin",
    "yasmina@haddadin.example",
    "an expired consent, and who still tries",
);
pub(super) const CHIDERA: DemoPerson = person(
    "Chidera Okonkwo-Adeyemi",
    "chidera@okonkwo-adeyemi.example",
    "all taken back: nobody is let in",
);

/// The patients.
pub const PATIENTS: [DemoPerson; 6] = [ANNELIESE, HENRIK, MIRELA, TOBIAS, YASMINA, CHIDERA];

pub(super) const BEATRIX: DemoDoctor = DemoDoctor {
    person: person(
        "Dr Beatrix Oyelaran",
        "beatrix@oyelaran.example",
        "two patients, one of them whole",
    ),
    licence: "SYN-LIC-104-7731",
    issuer: "Chamber of Physicians of Northmarch",
    specialty: Specialty::InternalMedicine,
    specialty_text: "Interventional cardiology",
    standing: "verified",
};
pub(super) const CASIMIR: DemoDoctor = DemoDoctor {
    person: person("Dr Casimir Thorvaldsen", "casimir@thorvaldsen.example", "single reports only"),
    licence: "SYN-LIC-208-1194",
    issuer: "Chamber of Physicians of Northmarch",
    specialty: Specialty::Radiology,
    specialty_text: "Diagnostic radiology",
    standing: "verified",
};
pub(super) const INGEBORG: DemoDoctor = DemoDoctor {
    person: person(
        "Dr Ingeborg Halvorsen",
        "ingeborg@halvorsen.example",
        "was suspended for a day; consents in every state",
    ),
    licence: "SYN-LIC-311-5820",
    issuer: "Chamber of Physicians of Southfjord",
    specialty: Specialty::GeneralPractice,
    specialty_text: "Family medicine",
    standing: "verified",
};
pub(super) const LUDMILA: DemoDoctor = DemoDoctor {
    person: person("Dr Ludmila Brancovici", "ludmila@brancovici.example", "waits for an admin"),
    licence: "SYN-LIC-417-0063",
    issuer: "Chamber of Physicians of Southfjord",
    specialty: Specialty::Paediatrics,
    specialty_text: "Paediatric dermatology",
    standing: "pending",
};
pub(super) const EGONHARD: DemoDoctor = DemoDoctor {
    person: person("Dr Egonhard Pfisterer", "egonhard@pfisterer.example", "was turned down"),
    licence: "SYN-LIC-999-0000",
    issuer: "Academy of Applied Wellness",
    specialty: Specialty::Surgery,
    specialty_text: "Orthopaedic osteology",
    standing: "rejected",
};
pub(super) const QUENTIN: DemoDoctor = DemoDoctor {
    person: person(
        "Dr Quentin Abernathy",
        "quentin@abernathy.example",
        "was stopped, and is refused since",
    ),
    licence: "SYN-LIC-523-4417",
    issuer: "Chamber of Physicians of Northmarch",
    specialty: Specialty::Surgery,
    specialty_text: "Visceral surgery",
    standing: "suspended",
};

/// The doctors.
pub const DOCTORS: [DemoDoctor; 6] = [BEATRIX, CASIMIR, INGEBORG, LUDMILA, EGONHARD, QUENTIN];

/// The admin.
pub const ADMIN: DemoPerson = person(
    "Philippa Rosengarten",
    "philippa@rosengarten.example",
    "the verification queue, the trail of events",
);

/// What the admin writes when a doctor's standing changes.
pub(super) mod notes {
    pub(in super::super) const VERIFIED: &str =
        "Licence found in the chamber's register of the day";
    pub(in super::super) const REJECTED: &str =
        "The issuer licenses no physicians, asked by telephone";
    pub(in super::super) const LAPSED: &str = "Register entry lapsed, reminder sent by letter";
    pub(in super::super) const RENEWED: &str = "Register entry renewed, certificate seen";
    pub(in super::super) const STOPPED: &str = "Under inquiry of the chamber, file forwarded";

    pub(super) const ALL: [&str; 5] = [VERIFIED, REJECTED, LAPSED, RENEWED, STOPPED];
}

/// The reports of a patient, as a doctor signed them.
pub fn reports_of(patient: &DemoPerson, signed_by: &DemoPerson) -> Vec<reports::DemoReport> {
    reports::reports(SEED, patient.name, signed_by.name)
}

/// The birth date of a patient, the same as in their documents.
pub fn birth_date_of(patient: &DemoPerson) -> String {
    reports::birth_date(SEED, patient.name)
}

/// Everything anybody of the cast says of themselves or of somebody else: what no file but a letter may
/// hold in the clear.
pub fn words() -> Vec<String> {
    let mut words = vec![PASSWORD.to_owned()];
    words.extend(notes::ALL.map(str::to_owned));
    let people = PATIENTS.into_iter().chain(DOCTORS.map(|doctor| doctor.person)).chain([ADMIN]);
    for person in people {
        words.extend([person.name.to_owned(), person.email.to_owned()]);
        let parts = person.name.split(|c: char| !c.is_alphabetic());
        words.extend(parts.filter(|part| part.len() >= 4).map(str::to_owned));
    }
    for doctor in DOCTORS {
        words.extend([doctor.licence, doctor.issuer, doctor.specialty_text].map(str::to_owned));
    }
    for patient in &PATIENTS {
        words.push(birth_date_of(patient));
        for report in reports_of(patient, &ADMIN) {
            // Without its date too, unless that leaves a single common word.
            let dateless = report.title.rsplit_once(", ").map(|(title, _)| title.to_owned());
            words.extend(dateless.filter(|title| title.contains(' ')));
            words.push(report.title);
        }
    }
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_of_the_cast_can_be_taken_for_somebody_who_exists() {
        let emails = PATIENTS.iter().map(|p| p.email).chain(DOCTORS.iter().map(|d| d.person.email));
        assert!(emails.chain([ADMIN.email]).all(|email| email.ends_with(".example")));
        assert!(DOCTORS.iter().all(|doctor| doctor.licence.starts_with("SYN-")));
    }

    #[test]
    fn no_word_is_so_short_that_chance_could_write_it() {
        let short: Vec<_> = words().into_iter().filter(|word| word.len() < 6).collect();
        assert!(short.is_empty(), "{short:?}");
    }
}
