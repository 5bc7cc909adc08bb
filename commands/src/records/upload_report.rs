//! A report is uploaded: by its patient, or by a verified doctor whom the patient lets in. Decided twice:
//! before the first byte is taken, and again when the container is durable.

use domain::access::policy::Rule;
use domain::actor::Actor;
use domain::chart::Chart;
use domain::consent::grantee::Reader;
use domain::consent::state::Force;
use domain::identity::doctor::{Doctor, Standing};
use domain::ids::{BlobHash, DoctorId, KeyId, PatientId, ReportId, StreamName};
use domain::personal_text::PersonalText;
use domain::records::Category;
use domain::records::drawing_verdict::DrawingVerdict;
use domain::records::event::ReportUploaded;
use domain::time::Moment;

use crate::access::refusal::{self, RecordRejection};
use crate::decide::{Answer, Command, Decided, Decision, Refusal, answered_by, rejections};

/// A report that is about to be, or was, stored.
#[derive(Debug, Clone)]
pub struct Upload {
    /// Whose record.
    pub patient: PatientId,
    /// Drawn when the upload was announced.
    pub report: ReportId,
    /// Broad category.
    pub category: Category,
    /// As announced; the drawing process looks at the bytes again.
    pub media_type: String,
    /// Whether pages of this media type can be drawn.
    pub can_be_drawn: bool,
    /// What the uploader calls it; sealed in the event.
    pub title: PersonalText,
    /// Most bytes that the record may hold with it.
    pub record_bytes_max: u64,
    /// What was found when its pages were drawn once; none before its bytes came, and of what is not drawn.
    pub drawing: Option<DrawingVerdict>,
}

/// What storing it gave.
#[derive(Debug, Clone, Copy)]
pub struct StoredReport {
    /// Length of the plaintext, bytes.
    pub size: u64,
    /// Name of the container.
    pub blob: BlobHash,
    /// The patient key that wraps the report's key.
    pub key_id: KeyId,
}

rejections! {
    /// Why a report is not taken.
    UploadReportRejection {
        /// No such patient, or no link to them.
        NoSuchPatient => RecordRejection::NoSuchRecord.rejection();
        /// Consents exist, none is in force.
        NoConsentInForce = Forbidden, "no_consent_in_force", "The patient's consent is not in force.", "Ask the patient for a new consent.";
        /// A type whose pages cannot be drawn: nobody but the patient could ever look at it.
        CannotBeDrawn = Invalid, "cannot_be_drawn", "Reports of this media type cannot be shown to a doctor, so a doctor cannot upload them.", "Upload a PDF, PNG, JPEG or plain text.";
        /// Storage is shared by all patients.
        RecordFull = Conflict, "record_full", "The record has no room for this report: it holds as many bytes as one record may, of which a quarter is kept for what the patient uploads.", "Ask whoever runs the installation for more room.", AfterAChange;
        /// What is stored as a type is shown as that type, or cannot be shown.
        NotOfItsType = Invalid, "not_of_its_type", "The file is not of the media type that was announced for it; nothing was stored.", "Announce it again as what it is; what has no name here a patient may keep as application/octet-stream.";
        /// The report's id was used for another upload.
        ReportExists = AlreadyThere, "report_exists", "This ticket was used before, for other content.", "Start a new upload.";
    }
}

/// The bytes are still to come: asks whether they would be taken. There is nothing to record yet.
#[derive(Debug, Clone, Copy)]
pub struct NotStored;

/// What is known of a report's bytes, and so what can be recorded of them.
pub trait UploadBody: Copy + Send + Sync {
    /// What is answered.
    type Done: Answer;

    /// What a "yes" records.
    fn record(self, upload: &Upload, chart: &Chart) -> Decision<Self::Done>;
}

impl UploadBody for NotStored {
    type Done = ();

    fn record(self, upload: &Upload, chart: &Chart) -> Decision<()> {
        // No second body is stored to find out that there is one.
        if chart.reports.contains_key(&upload.report) {
            return Err(UploadReportRejection::ReportExists.into());
        }
        if upload.room(chart) == 0 {
            return Err(UploadReportRejection::RecordFull.into());
        }
        Ok(Decided::Already(()))
    }
}

impl UploadBody for StoredReport {
    type Done = ReportUploaded;

    fn record(self, upload: &Upload, chart: &Chart) -> Decision<ReportUploaded> {
        let uploaded = ReportUploaded {
            report: upload.report,
            report_version: 1,
            category: upload.category,
            media_type: upload.media_type.clone(),
            title: upload.title.clone(),
            size: self.size,
            blob: self.blob,
            key_id: self.key_id,
            drawing: upload.drawing.clone(),
        };
        match chart.reports.get(&upload.report) {
            None if self.size > upload.room(chart) => Err(UploadReportRejection::RecordFull.into()),
            None => Ok(Decided::record(uploaded)),
            Some(known) if known.blob == self.blob => Ok(Decided::Already(uploaded)),
            Some(_) => Err(UploadReportRejection::ReportExists.into()),
        }
    }
}

/// A patient uploads their own.
#[derive(Debug, Clone)]
pub struct UploadOwnReport<B> {
    /// What.
    pub upload: Upload,
    /// Its bytes.
    pub body: B,
}

/// A doctor uploads for a patient.
#[derive(Debug, Clone)]
pub struct UploadReport<B> {
    /// What.
    pub upload: Upload,
    /// Who.
    pub doctor: DoctorId,
    /// Its bytes.
    pub body: B,
}

impl Upload {
    /// Bytes for which there is room in the record: the sum of what its events say came in.
    pub fn room(&self, chart: &Chart) -> u64 {
        self.record_bytes_max.saturating_sub(chart.stored_bytes())
    }

    fn refuse_unless_registered(&self, chart: &Chart) -> Result<(), Refusal> {
        if chart.patient == Some(self.patient) {
            Ok(())
        } else {
            Err(UploadReportRejection::NoSuchPatient.into())
        }
    }
}

answered_by!(ReportUploaded);

impl<B: UploadBody> Command for UploadOwnReport<B> {
    type States = (Chart,);
    type Done = B::Done;

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.upload.patient)]
    }

    fn decide(&self, (chart,): (&Chart,), _now: Moment) -> Decision<Self::Done> {
        self.upload.refuse_unless_registered(chart)?;
        self.body.record(&self.upload, chart)
    }
}

impl<B: UploadBody> Command for UploadReport<B> {
    type States = (Chart, Doctor);
    type Done = B::Done;

    fn streams(&self) -> Vec<StreamName> {
        vec![StreamName::patient(self.upload.patient), StreamName::doctor(self.doctor)]
    }

    fn decide(&self, (chart, doctor): (&Chart, &Doctor), now: Moment) -> Decision<Self::Done> {
        if doctor.standing != Standing::Verified {
            return Err(refusal::rejection(Rule::OnlyAVerifiedDoctor).into());
        }
        self.upload.refuse_unless_registered(chart)?;
        let reader = Reader::doctor(self.doctor);
        let consents = chart.consents.of_reader(reader);
        if consents.is_empty() || chart.bars.unlinked(reader).is_some() {
            return Err(UploadReportRejection::NoSuchPatient.into());
        }
        if !consents.iter().any(|consent| consent.force(now) == Force::InForce) {
            return Err(UploadReportRejection::NoConsentInForce.into());
        }
        if !self.upload.can_be_drawn {
            return Err(UploadReportRejection::CannotBeDrawn.into());
        }
        self.body.record(&self.upload, chart)
    }
}

/// Who uploads, as a command.
#[derive(Debug, Clone)]
pub enum AnyUpload<B> {
    /// A patient, their own.
    Own(UploadOwnReport<B>),
    /// A doctor.
    Doctor(UploadReport<B>),
}

impl<B> AnyUpload<B> {
    /// The command of `actor`; none for roles that never upload.
    pub fn by(actor: Actor, upload: Upload, body: B) -> Option<Self> {
        match actor {
            Actor::Patient(patient) if patient == upload.patient => {
                Some(Self::Own(UploadOwnReport { upload, body }))
            }
            Actor::Doctor(doctor) => Some(Self::Doctor(UploadReport { upload, doctor, body })),
            Actor::Patient(_) | Actor::Manager(_) | Actor::Admin(_) | Actor::System => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::issue_view_token::tests::granted;
    use crate::spec::given;
    use domain::samples::{self, ANA, BO, OTHER_REPORT};
    use domain::time::minutes;

    const STORED: StoredReport =
        StoredReport { size: 5, blob: BlobHash([4; 32]), key_id: KeyId([1; 16]) };

    fn upload() -> Upload {
        Upload {
            patient: ANA,
            report: OTHER_REPORT,
            category: Category::Imaging,
            media_type: "image/png".to_owned(),
            can_be_drawn: true,
            drawing: None,
            title: samples::sealed("title"),
            record_bytes_max: 1 << 30,
        }
    }

    fn by_bo<B>(body: B) -> UploadReport<B> {
        UploadReport { upload: upload(), doctor: BO, body }
    }

    #[test]
    fn a_patient_uploads_their_own_and_nobody_elses() {
        let own = UploadOwnReport { upload: upload(), body: STORED };
        given().the_cast().when(&own).then_kinds(&["records.report_uploaded.v1"]);
        given().when(&own).refused("not_found");
        let other = Actor::Patient(samples::patient(1));
        assert!(AnyUpload::by(other, upload(), NotStored).is_none());
    }

    #[test]
    fn a_doctor_uploads_under_a_consent_in_force() {
        granted(|_| {}).when(&by_bo(NotStored)).then_nothing();
        granted(|_| {}).when(&by_bo(STORED)).then_kinds(&["records.report_uploaded.v1"]);
        given().the_cast().when(&by_bo(NotStored)).refused("not_found");
        granted(|_| {}).bo_suspended().when(&by_bo(NotStored)).refused("only_a_verified_doctor");
        let week = minutes(7 * 24 * 60);
        granted(|_| {}).later(week).when(&by_bo(NotStored)).refused("no_consent_in_force");
    }

    #[test]
    fn doing_it_twice_adds_nothing_and_other_content_is_refused() {
        let done =
            granted(|_| {}).twice::<UploadReport<StoredReport>>(Actor::Doctor(BO), &by_bo(STORED));
        let other = StoredReport { blob: BlobHash([5; 32]), ..STORED };
        done.when(&by_bo(other)).refused("report_exists");
        done.when(&by_bo(NotStored)).refused("report_exists");
        let own = UploadOwnReport { upload: upload(), body: STORED };
        given().the_cast().twice::<UploadOwnReport<StoredReport>>(Actor::Patient(ANA), &own);
    }

    #[test]
    fn a_record_holds_so_many_bytes_and_no_more() {
        // The report that is there has a thousand bytes, the new one five.
        let room = |record_bytes_max| Upload { record_bytes_max, ..upload() };
        let own = |most, body| UploadOwnReport { upload: room(most), body };
        let uploaded = ["records.report_uploaded.v1"];
        given().the_cast().when(&own(1_005, STORED)).then_kinds(&uploaded);
        given().the_cast().when(&own(1_004, STORED)).refused("record_full");
        let announced = |most| UploadOwnReport { upload: room(most), body: NotStored };
        given().the_cast().when(&announced(1_001)).then_nothing();
        given().the_cast().when(&announced(1_000)).refused("record_full");
        // What is there already is not counted a second time.
        let full = given().the_cast().done(Actor::Patient(ANA), &own(1_005, STORED));
        full.when(&own(1_005, STORED)).then_nothing();
        let by_bo = UploadReport { upload: room(1_004), doctor: BO, body: STORED };
        granted(|_| {}).when(&by_bo).refused("record_full");
    }

    #[test]
    fn what_cannot_be_drawn_is_for_the_patient_only() {
        let upload = Upload { can_be_drawn: false, ..upload() };
        let by_bo = UploadReport { upload: upload.clone(), doctor: BO, body: NotStored };
        granted(|_| {}).when(&by_bo).refused("cannot_be_drawn");
        let own = UploadOwnReport { upload, body: STORED };
        given().the_cast().when(&own).then_kinds(&["records.report_uploaded.v1"]);
    }
}
