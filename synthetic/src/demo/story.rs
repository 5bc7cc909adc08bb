//! What happened in the five weeks before the demo was started.

use commands::consent::grant_flow::{Choice, Proposal};
use commands::identity::standing::StandingStep;
use commands::ports::world::Clock as _;
use domain::access::event::ClinicalList;
use domain::consent::grantee::Grantee;
use domain::consent::scope::{Exceptions, Purpose, Scope};
use domain::identity::event::NameList;
use domain::ids::{AdminId, ConsentId, ReportId};
use domain::personal_text::PersonalText;
use domain::records::Category;
use domain::time::{Moment, Period};

use super::cast::{self, notes};
use super::clinic::{DemoClinic, PatientRecord, RegisteredDoctor};

/// How many days before today the clinic opens.
pub const OPENED_DAYS_AGO: u32 = 35;

/// Everybody, and where their records are.
pub struct Story {
    clinic: DemoClinic,
    admin: AdminId,
    beatrix: RegisteredDoctor,
    casimir: RegisteredDoctor,
    ingeborg: RegisteredDoctor,
    quentin: RegisteredDoctor,
    pub(super) anneliese: PatientRecord,
    henrik: PatientRecord,
    mirela: PatientRecord,
    tobias: PatientRecord,
    yasmina: PatientRecord,
    chidera: PatientRecord,
    /// The consent that is taken back in the middle of a view.
    to_quentin: ConsentId,
}

const TREAT: Purpose = Purpose::Treat;

impl Story {
    /// Plays all of it, up to yesterday.
    pub async fn play(clinic: DemoClinic) -> anyhow::Result<Self> {
        let mut story = Self::everybody_comes(clinic).await?;
        story.doctors_bring_notes().await?;
        story.views_of_the_second_week().await?;
        story.a_consent_runs_out().await?;
        story.a_revoke_stops_the_open_view().await?;
        story.exceptions_win().await?;
        story.a_doctor_is_suspended_for_a_day().await?;
        story.a_doctor_is_stopped().await?;
        story.those_who_may_not().await?;
        story.yesterday().await?;
        Ok(story)
    }

    async fn everybody_comes(clinic: DemoClinic) -> anyhow::Result<Self> {
        clinic.clock.put(OPENED_DAYS_AGO, 7, 30);
        let admin = clinic.first_admin().await?;
        let beatrix = clinic.register_doctor(&cast::BEATRIX).await?;
        let casimir = clinic.register_doctor(&cast::CASIMIR).await?;
        let ingeborg = clinic.register_doctor(&cast::INGEBORG).await?;
        let quentin = clinic.register_doctor(&cast::QUENTIN).await?;
        clinic.log_in(&cast::ADMIN).await?;
        for known in [&beatrix, &casimir, &ingeborg, &quentin] {
            clinic.clock.wait(4);
            clinic.change(admin, known, StandingStep::Verify, notes::VERIFIED).await?;
        }
        clinic.clock.put(34, 10, 0);
        let egonhard = clinic.register_doctor(&cast::EGONHARD).await?;
        clinic.clock.wait(95);
        clinic.change(admin, &egonhard, StandingStep::Reject, notes::REJECTED).await?;
        clinic.clock.put(33, 8, 10);
        let anneliese = clinic.register_patient(cast::ANNELIESE, cast::BEATRIX.person).await?;
        let henrik = clinic.register_patient(cast::HENRIK, cast::BEATRIX.person).await?;
        clinic.clock.put(32, 9, 20);
        let mirela = clinic.register_patient(cast::MIRELA, cast::CASIMIR.person).await?;
        let tobias = clinic.register_patient(cast::TOBIAS, cast::INGEBORG.person).await?;
        clinic.clock.put(31, 17, 45);
        let yasmina = clinic.register_patient(cast::YASMINA, cast::INGEBORG.person).await?;
        let chidera = clinic.register_patient(cast::CHIDERA, cast::CASIMIR.person).await?;
        clinic.clock.put(30, 8, 0);
        let to_quentin = clinic.grant(&anneliese, clinic.all(&quentin, -30, 30)).await?;
        let story = Self {
            clinic,
            admin,
            beatrix,
            casimir,
            ingeborg,
            quentin,
            anneliese,
            henrik,
            mirela,
            tobias,
            yasmina,
            chidera,
            to_quentin,
        };
        story.patients_let_doctors_in().await?;
        Ok(story)
    }

    async fn patients_let_doctors_in(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        clinic.grant(&self.anneliese, clinic.all(&self.beatrix, -30, 60)).await?;
        let x_ray = self.anneliese.report(Category::Imaging)?;
        clinic.grant(&self.anneliese, clinic.one(&self.casimir, x_ray, -30, 40)).await?;
        let study = Choice::Custom {
            scope: Scope::Categories { categories: [Category::Laboratory].into() },
            exceptions: Exceptions::default(),
            purpose: Purpose::Hresch,
        };
        let study = clinic.proposal(&self.ingeborg, study, (-30, -16));
        clinic.grant(&self.anneliese, study).await?;

        clinic.clock.put(29, 11, 0);
        let letter = self.henrik.report(Category::Discharge)?;
        let parts = Choice::Custom {
            scope: Scope::Categories {
                categories: [Category::Laboratory, Category::Imaging, Category::Discharge].into(),
            },
            exceptions: Exceptions { categories: [].into(), reports: [letter].into() },
            purpose: TREAT,
        };
        clinic.grant(&self.henrik, clinic.proposal(&self.beatrix, parts, (-29, 45))).await?;
        let x_ray = self.henrik.report(Category::Imaging)?;
        let once = Proposal { views_max: Some(1), ..clinic.one(&self.casimir, x_ray, -29, 30) };
        clinic.grant(&self.henrik, once).await?;

        clinic.clock.put(28, 16, 0);
        let most = Choice::Custom {
            scope: Scope::Everything {},
            exceptions: Exceptions {
                categories: [Category::Other, Category::Prescription].into(),
                reports: [].into(),
            },
            purpose: TREAT,
        };
        clinic.grant(&self.tobias, clinic.proposal(&self.ingeborg, most, (-28, 60))).await?;
        clinic.grant(&self.yasmina, clinic.all(&self.ingeborg, -28, -9)).await?;
        let x_ray = self.mirela.report(Category::Imaging)?;
        clinic.grant(&self.mirela, clinic.one(&self.casimir, x_ray, -28, 20)).await?;
        Ok(())
    }

    async fn doctors_bring_notes(&mut self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        clinic.clock.put(27, 9, 0);
        let beatrix = clinic.doctor_in(&self.beatrix).await?;
        clinic.bring_note(beatrix, &mut self.anneliese).await?;
        clinic.bring_note(beatrix, &mut self.henrik).await?;
        let ingeborg = clinic.doctor_in(&self.ingeborg).await?;
        clinic.bring_note(ingeborg, &mut self.tobias).await?;
        clinic.bring_note(ingeborg, &mut self.yasmina).await?;
        let casimir = clinic.doctor_in(&self.casimir).await?;
        clinic.bring_note(casimir, &mut self.mirela).await?;
        // Chidera lets a doctor in for a day, and takes it back the same evening.
        clinic.clock.put(26, 8, 0);
        let for_a_day = clinic.grant(&self.chidera, clinic.all(&self.casimir, -26, -1)).await?;
        let casimir = clinic.doctor_in(&self.casimir).await?;
        clinic.bring_note(casimir, &mut self.chidera).await?;
        clinic.clock.put(26, 18, 30);
        clinic.revoke(&self.chidera, for_a_day).await
    }

    async fn views_of_the_second_week(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        clinic.clock.put(25, 14, 0);
        let beatrix = clinic.doctor_in(&self.beatrix).await?;
        clinic
            .app()
            .lists
            .permit_personal_text(beatrix, self.anneliese.patient, ClinicalList::ReportTitles)
            .await?;
        let letter = (self.anneliese.report(Category::Discharge)?, TREAT);
        let viewing = clinic.look(beatrix, &self.anneliese, letter, 2).await?;
        clinic.close(beatrix, &self.anneliese, viewing).await?;

        clinic.clock.put(24, 10, 0);
        let casimir = clinic.doctor_in(&self.casimir).await?;
        let x_ray = (self.henrik.report(Category::Imaging)?, TREAT);
        let viewing = clinic.look(casimir, &self.henrik, x_ray, 1).await?;
        clinic.close(casimir, &self.henrik, viewing).await?;
        clinic.refused(casimir, &self.henrik, x_ray, "views_used_up").await?;
        // A viewing that nobody closes ends by itself after a quarter of an hour.
        clinic.clock.wait(30);
        let x_ray = (self.anneliese.report(Category::Imaging)?, TREAT);
        let viewing = clinic.look(casimir, &self.anneliese, x_ray, 1).await?;
        clinic.clock.wait(20);
        let open = (&self.anneliese, viewing);
        clinic.page_refused(casimir, open, 1, "viewing_expired").await
    }

    async fn a_consent_runs_out(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        let laboratory = (self.anneliese.report(Category::Laboratory)?, Purpose::Hresch);
        clinic.clock.put(22, 15, 0);
        let ingeborg = clinic.doctor_in(&self.ingeborg).await?;
        clinic.look(ingeborg, &self.anneliese, laboratory, 1).await?;
        clinic.clock.put(14, 15, 0);
        let ingeborg = clinic.doctor_in(&self.ingeborg).await?;
        clinic.refused(ingeborg, &self.anneliese, laboratory, "consent_expired").await?;
        clinic.clock.put(13, 19, 0);
        clinic.log_in(&self.anneliese.person).await?;
        clinic.download(&self.anneliese, laboratory.0).await
    }

    async fn a_revoke_stops_the_open_view(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        clinic.clock.put(12, 11, 0);
        let quentin = clinic.doctor_in(&self.quentin).await?;
        let letter = (self.anneliese.report(Category::Discharge)?, TREAT);
        let viewing = clinic.look(quentin, &self.anneliese, letter, 1).await?;
        clinic.revoke(&self.anneliese, self.to_quentin).await?;
        let open = (&self.anneliese, viewing);
        clinic.page_refused(quentin, open, 2, "consent_revoked").await?;
        clinic.refused(quentin, &self.anneliese, letter, "consent_revoked").await
    }

    async fn exceptions_win(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        clinic.clock.put(10, 9, 30);
        let ingeborg = clinic.doctor_in(&self.ingeborg).await?;
        let list = ClinicalList::ReportTitles;
        clinic.app().lists.permit_personal_text(ingeborg, self.tobias.patient, list).await?;
        let x_ray = (self.tobias.report(Category::Imaging)?, TREAT);
        let viewing = clinic.look(ingeborg, &self.tobias, x_ray, 1).await?;
        clinic.close(ingeborg, &self.tobias, viewing).await?;
        let photograph = (self.tobias.report(Category::Other)?, TREAT);
        clinic.refused(ingeborg, &self.tobias, photograph, "report_excepted").await
    }

    async fn a_doctor_is_suspended_for_a_day(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        let admin = self.admin;
        clinic.clock.put(8, 8, 0);
        clinic.log_in(&cast::ADMIN).await?;
        clinic.change(admin, &self.ingeborg, StandingStep::Suspend, notes::LAPSED).await?;
        let ingeborg = clinic.doctor_in(&self.ingeborg).await?;
        let letter = (self.tobias.report(Category::Discharge)?, TREAT);
        clinic.refused(ingeborg, &self.tobias, letter, "only_a_verified_doctor").await?;
        clinic.clock.put(7, 8, 0);
        clinic.log_in(&cast::ADMIN).await?;
        clinic.change(admin, &self.ingeborg, StandingStep::Reinstate, notes::RENEWED).await
    }

    async fn a_doctor_is_stopped(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        let admin = self.admin;
        clinic.clock.put(6, 12, 0);
        clinic.log_in(&cast::ADMIN).await?;
        clinic.change(admin, &self.quentin, StandingStep::Suspend, notes::STOPPED).await?;
        clinic.clock.put(5, 21, 0);
        let quentin = clinic.doctor_in(&self.quentin).await?;
        let letter = (self.anneliese.report(Category::Discharge)?, TREAT);
        clinic.refused(quentin, &self.anneliese, letter, "only_a_verified_doctor").await
    }

    async fn those_who_may_not(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        clinic.clock.put(4, 10, 0);
        let beatrix = clinic.doctor_in(&self.beatrix).await?;
        let asked = |record: &PatientRecord, category, purpose| {
            record.report(category).map(|report| (report, purpose))
        };
        let note = asked(&self.henrik, Category::Consultation, TREAT)?;
        clinic.refused(beatrix, &self.henrik, note, "scope_does_not_cover").await?;
        let letter = asked(&self.henrik, Category::Discharge, TREAT)?;
        clinic.refused(beatrix, &self.henrik, letter, "report_excepted").await?;
        let study = asked(&self.anneliese, Category::Laboratory, Purpose::Hresch)?;
        clinic.refused(beatrix, &self.anneliese, study, "purpose_not_covered").await?;
        // Whom no consent ever named learns nothing, not even that the record exists.
        let letter = asked(&self.chidera, Category::Discharge, TREAT)?;
        clinic.refused(beatrix, &self.chidera, letter, "not_found").await?;

        clinic.clock.put(3, 8, 40);
        let proposal = clinic.all(&self.ingeborg, 3, 30);
        clinic.grant(&self.mirela, proposal).await?;
        let ingeborg = clinic.doctor_in(&self.ingeborg).await?;
        let letter = asked(&self.mirela, Category::Discharge, TREAT)?;
        clinic.refused(ingeborg, &self.mirela, letter, "consent_not_yet").await?;
        let letter = asked(&self.yasmina, Category::Discharge, TREAT)?;
        clinic.refused(ingeborg, &self.yasmina, letter, "consent_expired").await
    }

    async fn yesterday(&self) -> anyhow::Result<()> {
        let clinic = &self.clinic;
        clinic.clock.put(2, 13, 0);
        clinic.register_doctor(&cast::LUDMILA).await?;
        clinic.clock.put(1, 8, 0);
        let admin = clinic.log_in(&cast::ADMIN).await?;
        clinic.app().lists.permit_names(admin, NameList::VerificationQueue).await?;
        clinic.clock.put(1, 9, 15);
        let beatrix = clinic.doctor_in(&self.beatrix).await?;
        let laboratory = (self.anneliese.report(Category::Laboratory)?, TREAT);
        let viewing = clinic.look(beatrix, &self.anneliese, laboratory, 1).await?;
        clinic.close(beatrix, &self.anneliese, viewing).await?;
        clinic.clock.put(1, 22, 5);
        clinic.guess_password_of(&self.anneliese.person).await?;
        clinic.clock.put(1, 22, 30);
        clinic.log_in(&self.anneliese.person).await?;
        Ok(())
    }
}

impl DemoClinic {
    async fn change(
        &self,
        admin: AdminId,
        known: &RegisteredDoctor,
        step: StandingStep,
        note: &str,
    ) -> anyhow::Result<()> {
        let change = (step, PersonalText::clear(note));
        let request = self.app().fresh.request();
        self.app().standing.change(admin, known.doctor, change, request).await?;
        Ok(())
    }

    /// From one day until another, both counted from today; what begins today begins now.
    fn proposal(
        &self,
        to: &RegisteredDoctor,
        choice: Choice,
        (from, until): (i64, i64),
    ) -> Proposal {
        let from = Moment::max(self.clock.now(), self.clock.midnight(from));
        let period = Period { from, until: self.clock.midnight(until) };
        Proposal { grantee: Grantee::Doctor(to.doctor), choice, period, views_max: None }
    }

    fn all(&self, to: &RegisteredDoctor, from: i64, until: i64) -> Proposal {
        self.proposal(to, Choice::AllForTreatment {}, (from, until))
    }

    fn one(&self, to: &RegisteredDoctor, report: ReportId, from: i64, until: i64) -> Proposal {
        self.proposal(to, Choice::ThisReportOnly { report }, (from, until))
    }
}
