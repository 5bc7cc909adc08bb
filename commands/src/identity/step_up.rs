//! Step-up: a second factor (a code sent to the person, an app's or a recovery code, a passkey), for exactly
//! the operation they were shown.

mod judging;

use std::sync::Arc;
use std::time::Duration;

use domain::actor::Actor;
use domain::identity::event::Factor;
use domain::ids::ChallengeId;
use domain::time::{Moment, minutes};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::account_factors::{AccountFactors, AccountFactorsError, MayAnswer};
use super::account_passkeys::{AccountPasskeys, PasskeyError};
use super::letters::{Letters, Stamp};
use super::own_words::{AccountError, Accounts};
use crate::decide::{Rejection, rejections};
use crate::fresh::Fresh;
use crate::ports::credentials::{
    CHALLENGE_LIFE, ChallengeSubject, Challenges, Letter, Operation, WorkError,
};
use crate::ports::world::LetterKind;

/// How long a letter without a code lies in the outbox.
const NOTICE_LIFE: Duration = minutes(24 * 60);

/// An answer to a challenge.
#[derive(Debug, Clone)]
pub struct StepUp {
    /// Which challenge.
    pub challenge: ChallengeId,
    /// What answers it.
    pub proof: Proof,
}

/// What answers a challenge: one of the account's second factors.
#[derive(Debug, Clone)]
pub enum Proof {
    /// A code, as it was typed: of the letter, or of the account's app, or a recovery code.
    Code(SecretString),
    /// What a passkey answered: the JSON of a `PublicKeyCredential`.
    Passkey(SecretString),
}

impl Proof {
    /// Which factor it is.
    pub(super) const fn factor(&self) -> Factor {
        match self {
            Self::Code(_) => Factor::Otp,
            Self::Passkey(_) => Factor::Passkey,
        }
    }

    /// What is said of a wrong one.
    pub(super) const fn wrong(&self) -> Rejection {
        match self {
            Self::Code(_) => StepUpRejection::WrongCode.rejection(),
            Self::Passkey(_) => StepUpRejection::WrongPasskey.rejection(),
        }
    }
}

rejections! {
    /// Why a code is not taken.
    StepUpRejection {
        /// Wrong; some tries are left.
        WrongCode = Forbidden, "wrong_code", "The code is not right, or was used.", "Read it again, in the newest letter or in your app, where each code is good once; after five wrong tries begin again.", Never;
        /// Of no passkey of this account, or not to what was asked.
        WrongPasskey = Forbidden, "wrong_passkey", "The passkey's answer is not right.", "Ask for the passkey again, or answer with a code.", Never;
        /// Expired, used, out of tries, or for something else.
        DeadCode = Forbidden, "dead_code", "The code has expired, was used, or belongs to another operation.", "Ask for a new code.", Never;
        /// Codes sent again and wrong tries leave one answer.
        NoMoreCodes = Forbidden, "no_more_codes", "No more codes are sent for this.", "Answer the newest one, or begin again with what it was asked for.", Never;
        /// Whoever has something stronger does not fall back to letters.
        NoLetters = Conflict, "no_letters", "No code is sent to this account: it has a second factor of its own.", "Answer with your authenticator app, a passkey or a recovery code.", Never;
    }
}

/// What a code is bound to: the name of the operation and everything about it that the person was shown.
pub fn operation(name: &str, parts: &[&[u8]]) -> Operation {
    let mut hasher = blake3::Hasher::new_derive_key("medlock 2026-11 operation");
    for part in std::iter::once(name.as_bytes()).chain(parts.iter().copied()) {
        // Lengths first: no two lists of parts hash the same bytes.
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    Operation(hasher.finalize().into())
}

/// Why a code was not sent or not taken.
#[derive(Debug, thiserror::Error)]
pub enum StepUpError {
    /// It is not the code, or too many letters went to the address.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The account's address could not be had.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The challenge or its letter could not be kept.
    #[error(transparent)]
    Work(#[from] WorkError),
    /// The account's passkeys could not be asked for or judged.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// What the account may answer with could not be had.
    #[error(transparent)]
    Factors(#[from] AccountFactorsError),
}

/// What it takes to ask somebody for a code.
pub struct StepUpFlow {
    accounts: Accounts,
    challenges: Arc<dyn Challenges>,
    passkeys: AccountPasskeys,
    factors: AccountFactors,
    letters: Letters,
    fresh: Fresh,
}

impl StepUpFlow {
    /// With what it needs.
    pub fn new(
        accounts: Accounts,
        challenges: Arc<dyn Challenges>,
        (passkeys, factors): (AccountPasskeys, AccountFactors),
        letters: Letters,
        fresh: Fresh,
    ) -> Self {
        Self { accounts, challenges, passkeys, factors, letters, fresh }
    }

    /// Makes a challenge, and sends its code to the account's own address if nothing stronger may answer it.
    pub(crate) async fn challenge(
        &self,
        account: Actor,
        operation: Operation,
        what: &str,
    ) -> Result<ChallengeId, StepUpError> {
        self.challenge_about(ChallengeSubject { account, form: None }, operation, what).await
    }

    /// The same, with something that waits for the answer.
    pub(super) async fn challenge_about(
        &self,
        subject: ChallengeSubject,
        operation: Operation,
        what: &str,
    ) -> Result<ChallengeId, StepUpError> {
        let account = subject.account;
        let Some(words) = self.accounts.own_words(account).await? else {
            return Err(StepUpRejection::DeadCode.rejection().into());
        };
        let stamp = self.stamp(LetterKind::StepUp, &words.email)?;
        self.challenge_at(stamp, subject, operation, what).await
    }

    /// Counts a letter to an address, before anything is made for it.
    pub(super) fn stamp(
        &self,
        kind: LetterKind,
        address: &SecretString,
    ) -> Result<Stamp, Rejection> {
        self.letters.stamp(kind, address)
    }

    /// Makes a challenge, and sends its code to an address if nothing stronger may answer it. `what` says, in
    /// words that betray nothing, what the code is for.
    pub(super) async fn challenge_at(
        &self,
        stamp: Stamp,
        subject: ChallengeSubject,
        operation: Operation,
        what: &str,
    ) -> Result<ChallengeId, StepUpError> {
        let now = self.fresh.now();
        let letter = self.may_answer(subject.account).await?.letter;
        let (challenge, code) = self.challenges.make(subject, operation, now).await?;
        // The stamp is used up either way: so many challenges, so many guesses.
        if letter {
            self.send_code(stamp, (challenge, now), &code, what).await?;
        }
        Ok(challenge)
    }

    /// Sends a code of a challenge that was made or renewed just now.
    async fn send_code(
        &self,
        stamp: Stamp,
        (challenge, now): (ChallengeId, Moment),
        code: &SecretString,
        what: &str,
    ) -> Result<(), WorkError> {
        let text = format!(
            "Your code is {}\n\nIt is good for five minutes, once, and only {what}.\n\
             If you did not ask for it, do nothing, and tell nobody the code.\n",
            code.expose_secret()
        );
        let subject = "Your Medlock code".to_owned();
        let (to, text, until) = (stamp.address, text.into(), now.plus(CHALLENGE_LIFE));
        self.letters.send(Letter { challenge, until, to, subject, text }).await
    }

    /// Sends a new code for a challenge that lives; the one before counts no more.
    pub(super) async fn renewed(
        &self,
        stamp: Stamp,
        (challenge, operation): (ChallengeId, Operation),
        what: &str,
    ) -> Result<(), StepUpError> {
        let now = self.fresh.now();
        let code = self.challenges.renew(challenge, operation, now).await?;
        let code = code.ok_or(StepUpRejection::NoMoreCodes.rejection())?;
        Ok(self.send_code(stamp, (challenge, now), &code, what).await?)
    }

    /// The same where nobody gets a code: the letter goes out once more.
    pub(super) async fn renewed_untold(
        &self,
        stamp: Stamp,
        (challenge, operation): (ChallengeId, Operation),
        letter: (&str, &str),
    ) -> Result<(), StepUpError> {
        let now = self.fresh.now();
        let code = self.challenges.renew(challenge, operation, now).await?;
        code.ok_or(StepUpRejection::NoMoreCodes.rejection())?;
        Ok(self.send_notice(stamp, (challenge, now), letter).await?)
    }

    /// What a living challenge is about, and what its code is for.
    pub(super) async fn asked(
        &self,
        challenge: ChallengeId,
    ) -> Result<(ChallengeSubject, Operation), StepUpError> {
        let subject = self.subject(challenge).await?;
        let operation = self.challenges.operation(challenge, self.fresh.now()).await?;
        Ok((subject, operation.ok_or(StepUpRejection::DeadCode.rejection())?))
    }

    /// Makes a challenge that looks like any other and whose code nobody gets: a letter with this subject and
    /// text goes out instead.
    pub(super) async fn challenge_untold(
        &self,
        stamp: Stamp,
        subject: ChallengeSubject,
        operation: Operation,
        letter: (&str, &str),
    ) -> Result<ChallengeId, StepUpError> {
        let now = self.fresh.now();
        let (challenge, _) = self.challenges.make(subject, operation, now).await?;
        self.send_notice(stamp, (challenge, now), letter).await?;
        Ok(challenge)
    }

    async fn send_notice(
        &self,
        stamp: Stamp,
        (challenge, now): (ChallengeId, Moment),
        (title, text): (&str, &str),
    ) -> Result<(), WorkError> {
        let (to, until) = (stamp.address, now.plus(NOTICE_LIFE));
        let (subject, text) = (title.to_owned(), text.to_owned().into());
        self.letters.send(Letter { challenge, until, to, subject, text }).await
    }

    /// What a challenge is about; a dead one is about nothing.
    pub(super) async fn subject(
        &self,
        challenge: ChallengeId,
    ) -> Result<ChallengeSubject, StepUpError> {
        let dead = StepUpRejection::DeadCode.rejection();
        Ok(self.challenges.subject(challenge, self.fresh.now()).await?.ok_or(dead)?)
    }

    /// Whose challenge this is, and the address they registered with; a dead one is nobody's.
    pub(super) async fn whose(
        &self,
        challenge: ChallengeId,
    ) -> Result<(Actor, SecretString), StepUpError> {
        let account = self.subject(challenge).await?.account;
        let words = self.accounts.own_words(account).await?;
        let dead = StepUpRejection::DeadCode.rejection();
        Ok((account, words.ok_or(dead)?.email))
    }

    /// What may answer a challenge of this account.
    pub async fn may_answer(&self, account: Actor) -> Result<MayAnswer, StepUpError> {
        Ok(self.factors.may_answer(account).await?)
    }

    /// What may answer this challenge. Whoever knows it may ask.
    pub async fn may_answer_this(&self, challenge: ChallengeId) -> Result<MayAnswer, StepUpError> {
        self.may_answer(self.subject(challenge).await?.account).await
    }

    /// Asks the browser for a passkey that answers a challenge: the options of `navigator.credentials.get`.
    /// Whoever knows the challenge may ask; an answer counts only with a passkey of its account.
    pub async fn ask_for_passkey(&self, challenge: ChallengeId) -> Result<Value, StepUpError> {
        let account = self.subject(challenge).await?.account;
        let asked = self.passkeys.ask(account).await?;
        self.wait_for_passkey(challenge, asked.waiting).await?;
        Ok(asked.options)
    }

    pub(super) async fn wait_for_passkey(
        &self,
        challenge: ChallengeId,
        waiting: String,
    ) -> Result<(), WorkError> {
        self.challenges.wait_for_passkey(challenge, waiting, self.fresh.now()).await
    }

    pub(super) async fn passkey_asked(
        &self,
        challenge: ChallengeId,
    ) -> Result<Option<String>, WorkError> {
        self.challenges.passkey_asked(challenge, self.fresh.now()).await
    }

    /// Forgets what is dead: challenges with what waited for them, and letters that nobody needs.
    pub async fn sweep(&self) -> Result<(), WorkError> {
        self.challenges.sweep(self.fresh.now()).await?;
        self.letters.sweep().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_operations_share_a_hash() {
        let all = [
            operation("a", &[]),
            operation("ab", &[]),
            operation("a", &[b"b"]),
            operation("a", &[b"b", b""]),
            operation("a", &[b"", b"b"]),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().map(|o| o.0).collect();
        assert_eq!(distinct.len(), all.len());
    }
}
