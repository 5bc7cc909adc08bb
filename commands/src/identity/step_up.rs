//! Step-up: a code, sent to the person, for exactly the operation they were shown.

use std::sync::Arc;

use domain::actor::Actor;
use domain::ids::ChallengeId;
use secrecy::{ExposeSecret, SecretString};

use super::letters::Letters;
use super::own_words::{AccountError, Accounts};
use crate::decide::{Rejection, rejections};
use crate::fresh::Fresh;
use crate::ports::credentials::{ChallengeAnswer, Challenges, Letter, Operation, WorkError};

/// An answer to a challenge.
#[derive(Debug, Clone)]
pub struct StepUp {
    /// Which challenge.
    pub challenge: ChallengeId,
    /// The code that was sent.
    pub code: SecretString,
}

rejections! {
    /// Why a code is not taken.
    StepUpRejection {
        /// Wrong; some tries are left.
        WrongCode = Forbidden, "wrong_code", "The code is not right.", "Read the newest letter again; after five wrong tries ask for a new code.", Never;
        /// Expired, used, out of tries, or for something else.
        DeadCode = Forbidden, "dead_code", "The code has expired, was used, or belongs to another operation.", "Ask for a new code.", Never;
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
}

/// What it takes to ask somebody for a code.
pub struct StepUpFlow {
    accounts: Accounts,
    challenges: Arc<dyn Challenges>,
    letters: Letters,
    fresh: Fresh,
}

impl StepUpFlow {
    /// With what it needs.
    pub fn new(
        accounts: Accounts,
        challenges: Arc<dyn Challenges>,
        letters: Letters,
        fresh: Fresh,
    ) -> Self {
        Self { accounts, challenges, letters, fresh }
    }

    /// Makes a challenge and sends its code to the account's own address.
    pub(crate) async fn challenge(
        &self,
        account: Actor,
        operation: Operation,
        what: &str,
    ) -> Result<ChallengeId, StepUpError> {
        let Some(words) = self.accounts.own_words(account).await? else {
            return Err(StepUpRejection::DeadCode.rejection().into());
        };
        self.challenge_at(account, &words.email, operation, what).await
    }

    /// Makes a challenge and sends its code to an address. `what` says, in words that betray nothing,
    /// what the code is for.
    pub(super) async fn challenge_at(
        &self,
        account: Actor,
        address: &SecretString,
        operation: Operation,
        what: &str,
    ) -> Result<ChallengeId, StepUpError> {
        self.letters.take_one(address)?;
        let (challenge, code) = self.make(account, operation).await?;
        let text = format!(
            "Your code is {}\n\nIt is good for five minutes, once, and only {what}.\n\
             If you did not ask for it, do nothing, and tell nobody the code.\n",
            code.expose_secret()
        );
        let subject = "Your Medlock code".to_owned();
        self.letters.send(Letter { to: address.clone(), subject, text: text.into() }).await?;
        Ok(challenge)
    }

    /// Makes a challenge that looks like any other and whose code nobody gets; `letter` goes out instead.
    pub(super) async fn challenge_untold(
        &self,
        account: Actor,
        operation: Operation,
        letter: Letter,
    ) -> Result<ChallengeId, StepUpError> {
        self.letters.take_one(&letter.to)?;
        let (challenge, _) = self.make(account, operation).await?;
        self.letters.send(letter).await?;
        Ok(challenge)
    }

    async fn make(
        &self,
        account: Actor,
        operation: Operation,
    ) -> Result<(ChallengeId, SecretString), WorkError> {
        self.challenges.make(account, operation, self.fresh.now()).await
    }

    /// Whose challenge this is, and their address; a dead one is nobody's.
    pub(super) async fn whose(
        &self,
        challenge: ChallengeId,
    ) -> Result<(Actor, SecretString), StepUpError> {
        let dead = StepUpRejection::DeadCode.rejection();
        let account = self.challenges.account(challenge, self.fresh.now()).await?.ok_or(dead)?;
        let words = self.accounts.own_words(account).await?.ok_or(dead)?;
        Ok((account, words.email))
    }

    /// Judges an answer; right or not, an answer is used up as the challenge says.
    pub(super) async fn judge(
        &self,
        account: Actor,
        operation: Operation,
        answer: &StepUp,
    ) -> Result<ChallengeAnswer, WorkError> {
        let challenge = answer.challenge;
        let code = &answer.code;
        self.challenges.answer(challenge, account, operation, code, self.fresh.now()).await
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
            ChallengeAnswer::Wrong { .. } => Err(StepUpRejection::WrongCode.rejection().into()),
            ChallengeAnswer::Dead => Err(StepUpRejection::DeadCode.rejection().into()),
        }
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
