//! Passwords, addresses and the end of accounts at the MFA service.

use protocol::{
    Code, PasswordResetId, Secret, UserId,
    mfa::{
        Account, AnnouncedFactorReset, Authenticated, ChangeEmail, ChangePassword,
        CompletePasswordReset, ConfirmEmail, ProvedPasswordReset, StartPasswordReset,
        StartedEmailChange, StartedPasswordReset, VerifyPasswordReset,
    },
};
use serde_json::Value;

use super::{Failure, Mfa};
use crate::caller::Caller;

impl Mfa {
    /// Mails a code to whoever has this name or address, if anybody.
    pub async fn start_reset(
        &self,
        identifier: String,
        caller: &Caller,
    ) -> Result<StartedPasswordReset, Failure> {
        let body = StartPasswordReset { identifier };
        self.post("/v1/password-resets", &body, caller).await
    }

    /// Gives the code of the mail.
    pub async fn prove_reset(
        &self,
        reset: PasswordResetId,
        code: Secret,
        caller: &Caller,
    ) -> Result<ProvedPasswordReset, Failure> {
        let path = format!("/v1/password-resets/{reset}/verify");
        self.post(&path, &VerifyPasswordReset { code }, caller)
            .await
    }

    /// Sets the new password.
    pub async fn complete_reset(
        &self,
        reset: PasswordResetId,
        body: &CompletePasswordReset,
        caller: &Caller,
    ) -> Result<Authenticated, Failure> {
        let path = format!("/v1/password-resets/{reset}/complete");
        self.post(&path, body, caller).await
    }

    /// Changes a password by the current one.
    pub async fn change_password(
        &self,
        account: UserId,
        body: &ChangePassword,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let path = format!("/v1/accounts/{account}/password");
        self.post::<_, Value>(&path, body, caller).await.map(drop)
    }

    /// Asks for another address; its code is mailed to it.
    pub async fn ask_email(
        &self,
        account: UserId,
        email: String,
        assertion: &Secret,
        caller: &Caller,
    ) -> Result<StartedEmailChange, Failure> {
        let path = format!("/v1/accounts/{account}/email");
        let body = ChangeEmail {
            email,
            password: None,
        };
        self.call_with(
            http::Method::POST,
            &path,
            Some(&body),
            Some(assertion),
            caller,
        )
        .await
    }

    /// Gives the code that was mailed to the new address.
    pub async fn confirm_email(
        &self,
        account: UserId,
        code: Secret,
        caller: &Caller,
    ) -> Result<Account, Failure> {
        let path = format!("/v1/accounts/{account}/email/verify");
        self.post(&path, &ConfirmEmail { code }, caller).await
    }

    /// Announces that all second factors of an account go in a day, unless its owner objects.
    pub async fn reset_factors(
        &self,
        account: UserId,
        caller: &Caller,
    ) -> Result<AnnouncedFactorReset, Failure> {
        let path = format!("/v1/accounts/{account}/factor-reset");
        self.call::<(), _>(http::Method::POST, &path, None, caller)
            .await
    }

    /// Calls that off.
    pub async fn keep_factors(&self, account: UserId, caller: &Caller) -> Result<(), Failure> {
        let path = format!("/v1/accounts/{account}/factor-reset");
        self.call::<(), Value>(http::Method::DELETE, &path, None, caller)
            .await
            .map(drop)
    }

    /// Removes an account for good, with its owner's fresh assertion. One that is gone already is
    /// gone.
    pub async fn delete(
        &self,
        account: UserId,
        assertion: Option<&Secret>,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let path = format!("/v1/accounts/{account}");
        let answer: Result<Value, _> = self
            .call_with::<(), _>(http::Method::DELETE, &path, None, assertion, caller)
            .await;
        match answer {
            Err(Failure::Refused(problem)) if problem.code == Code::NotFound => Ok(()),
            answer => answer.map(drop),
        }
    }
}
