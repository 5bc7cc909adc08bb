//! How the answers to challenges are judged.

use domain::actor::Actor;
use domain::ids::ChallengeId;
use secrecy::SecretString;

use super::super::account_factors::Typed;
use super::super::typed;
use super::{Proof, StepUp, StepUpError, StepUpFlow, StepUpRejection};
use crate::ports::credentials::{ChallengeAnswer, GivenAnswer, Operation, WorkError};

impl StepUpFlow {
    /// Judges an answer; right or not, an answer is used up as the challenge says.
    pub(in crate::identity) async fn judge(
        &self,
        account: Actor,
        operation: Operation,
        answer: &StepUp,
    ) -> Result<ChallengeAnswer, StepUpError> {
        let challenge = answer.challenge;
        let judged = match &answer.proof {
            Proof::Code(code) => self.judge_code(challenge, account, operation, code).await?,
            Proof::Passkey(given) => {
                self.judge_passkey(challenge, account, operation, given).await?
            }
        };
        if judged == ChallengeAnswer::Right
            && let Err(error) = self.letters.withdraw(challenge).await
        {
            tracing::warn!(%error, "an answered letter could not be taken back; the sweep will do it");
        }
        Ok(judged)
    }

    async fn used_up(
        &self,
        challenge: ChallengeId,
        account: Actor,
        operation: Operation,
        given: GivenAnswer<'_>,
    ) -> Result<ChallengeAnswer, WorkError> {
        self.challenges.answer(challenge, account, operation, given, self.fresh.now()).await
    }

    /// A right code of an app or of paper is used up by being judged, so a challenge that is dead, or about
    /// something else, is looked at first. However many answers come at once, five are judged.
    async fn judge_code(
        &self,
        challenge: ChallengeId,
        account: Actor,
        operation: Operation,
        code: &SecretString,
    ) -> Result<ChallengeAnswer, StepUpError> {
        let given = typed::code(code);
        let now = self.fresh.now();
        let about = self.challenges.subject(challenge, now).await?.map(|subject| subject.account);
        let asked = self.challenges.operation(challenge, now).await?;
        if (about, asked) != (Some(account), Some(operation)) {
            return Ok(ChallengeAnswer::Dead);
        }
        let given = match self.factors.judge(account, &given, now).await? {
            Typed::OfALetter => GivenAnswer::Code(&given),
            Typed::Judged(right) => GivenAnswer::Judged { right },
        };
        Ok(self.used_up(challenge, account, operation, given).await?)
    }

    async fn judge_passkey(
        &self,
        challenge: ChallengeId,
        account: Actor,
        operation: Operation,
        given: &SecretString,
    ) -> Result<ChallengeAnswer, StepUpError> {
        let passkey = match self.passkey_asked(challenge).await? {
            Some(waiting) => self.passkeys.judge(account, &waiting, given).await?,
            None => None,
        };
        let given = GivenAnswer::Judged { right: passkey.is_some() };
        let judged = self.used_up(challenge, account, operation, given).await?;
        // Its counter moved: kept before anything is opened by it, so that a copy of the key shows itself.
        if let (ChallengeAnswer::Right, Some(passkey)) = (judged, passkey) {
            self.passkeys.keep(account, passkey).await?;
        }
        Ok(judged)
    }

    /// Judges an answer, and takes none but the right one.
    pub(crate) async fn check(
        &self,
        account: Actor,
        operation: Operation,
        answer: &StepUp,
    ) -> Result<(), StepUpError> {
        match self.judge(account, operation, answer).await? {
            ChallengeAnswer::Right => Ok(()),
            ChallengeAnswer::Wrong { .. } => Err(answer.proof.wrong().into()),
            ChallengeAnswer::Dead => Err(StepUpRejection::DeadCode.rejection().into()),
        }
    }
}
