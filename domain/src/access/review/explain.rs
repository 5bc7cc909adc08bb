//! Why a doctor may see a report at some place in the log, or may not: the policy's answer and the events
//! it rests on.

use serde::Serialize;

use super::known::{DoctorFile, Place, ReviewedLog, ReviewedRecord};
use super::mark::Mark;
use super::reason::{because, of_consent};
use crate::access::ground::Ground;
use crate::access::policy::Rule;
use crate::access::policy::v1::Question;
use crate::access::policy::v2;
use crate::consent::grantee::Grantee;
use crate::consent::state::Consent;
use crate::ids::{ConsentId, StreamName};

/// What the policy says of one consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OneConsent {
    /// The consent.
    pub consent: ConsentId,
    /// Whom it lets in.
    pub grantee: Grantee,
    /// Where it was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<Mark>,
    /// By what rule it does not open the report; none: it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_by: Option<Rule>,
}

/// The policy's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Whether a viewing may be opened.
    pub allowed: bool,
    /// On what ground.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ground: Option<Ground>,
    /// By what rule not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// The events the answer rests on, the most telling first.
    pub because: Vec<Mark>,
    /// Every consent that counts for the doctor, oldest first, by itself.
    pub consents: Vec<OneConsent>,
    /// An event of an unknown type stands before: the answer may be wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_before: Option<super::Position>,
}

impl ReviewedLog {
    /// What the policy says to a doctor's question about a report of the record `stream`.
    pub fn explain(&self, stream: &StreamName, asked: Question) -> Explanation {
        let record = self.record(stream);
        let doctor = self.doctor(asked.reader.doctor);
        let answer = v2::may_open(&record.chart, &doctor.doctor, asked);
        let because = match answer {
            Ok(ground) => permit(record, doctor, asked, ground),
            Err(rule) => because(rule, (record, doctor), asked, None),
        };
        let one = |consent: &Consent| OneConsent {
            consent: consent.granted.consent,
            grantee: consent.granted.grantee,
            granted: record.granted(consent.ground()),
            refused_by: of_consent(record, doctor, asked, consent).err(),
        };
        Explanation {
            allowed: answer.is_ok(),
            ground: answer.ok(),
            rule: answer.err(),
            because,
            consents: record.chart.consents.of_reader(asked.reader).into_iter().map(one).collect(),
            unknown_before: record.reach.unknown.or(doctor.reach.unknown),
        }
    }
}

/// What a yes rests on.
fn permit(
    record: &ReviewedRecord,
    doctor: &DoctorFile,
    asked: Question,
    ground: Ground,
) -> Vec<Mark> {
    let granted = record.granted(ground);
    let uploaded = record.place(Place::Uploaded(asked.report));
    [granted, doctor.standing, uploaded].into_iter().flatten().collect()
}
