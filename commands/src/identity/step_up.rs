//! Step-up: a code, sent to the person, for exactly the operation they were shown.

use domain::actor::Actor;
use domain::ids::ChallengeId;
use secrecy::{ExposeSecret, SecretString};

use crate::decide::rejections;
use crate::house::{FlowError, House};
use crate::ports::credentials::{Answer, Letter, Operation};
use crate::ports::world::Throttle;

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
        WrongCode = Forbidden, "wrong_code", "The code is not right.", "Read the newest letter again; after five wrong tries ask for a new code.";
        /// Expired, used, out of tries, or for something else.
        DeadCode = Forbidden, "dead_code", "The code has expired, was used, or belongs to another operation.", "Ask for a new code.";
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

impl House {
    /// Makes a challenge and sends its code to the account's own address.
    pub async fn challenge(
        &self,
        account: Actor,
        operation: Operation,
        what: &str,
    ) -> Result<ChallengeId, FlowError> {
        let Some(words) = self.own_words(account).await? else {
            return Err(StepUpRejection::DeadCode.rejection().into());
        };
        self.challenge_at(account, &words.email, operation, what).await
    }

    /// Makes a challenge and sends its code to an address. `what` says, in words that betray nothing,
    /// what the code is for.
    pub(crate) async fn challenge_at(
        &self,
        account: Actor,
        address: &SecretString,
        operation: Operation,
        what: &str,
    ) -> Result<ChallengeId, FlowError> {
        self.throttle(Throttle::Letter, self.login_hash(address).0.as_slice())?;
        let now = self.executor.now();
        let (challenge, code) = self.challenges.make(account, operation, now).await?;
        let text = format!(
            "Your code is {}\n\nIt is good for five minutes, once, and only {what}.\n\
             If you did not ask for it, do nothing, and tell nobody the code.\n",
            code.expose_secret()
        );
        let subject = "Your Medlock code".to_owned();
        self.courier.send(Letter { to: address.clone(), subject, text: text.into() }, now).await?;
        Ok(challenge)
    }

    /// Judges an answer; right or not, an answer is used up as the challenge says.
    pub async fn check_step_up(
        &self,
        account: Actor,
        operation: Operation,
        answer: &StepUp,
    ) -> Result<(), FlowError> {
        let now = self.executor.now();
        let (challenge, code) = (answer.challenge, &answer.code);
        match self.challenges.answer(challenge, account, operation, code, now).await? {
            Answer::Right => Ok(()),
            Answer::Wrong { .. } => Err(StepUpRejection::WrongCode.rejection().into()),
            Answer::Dead => Err(StepUpRejection::DeadCode.rejection().into()),
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
