//! Second factors, passkeys and remembered browsers at the MFA service.

use http::Method;
use protocol::{
    ChallengeId, FactorId, RememberedDeviceId, Secret, UserId,
    mfa::{
        ActivateFactor, ActivatedFactor, AddFactor, AddedFactor, AnswerRemembered, Authenticated,
        CancelFactorReset, Factor, Factors, FinishPasskeyLogin, PasskeyLogin, RecoveryCodes,
        RememberDevice, RememberedDevice, RememberedDevices, RememberedLogin, RenameFactor,
        StartPasskeyLogin,
    },
};
use serde_json::Value;

use super::{Failure, Mfa};
use crate::caller::Caller;

impl Mfa {
    /// All factors of an account.
    pub async fn factors(&self, account: UserId, caller: &Caller) -> Result<Factors, Failure> {
        let path = format!("/v1/accounts/{account}/factors");
        self.call::<(), _>(Method::GET, &path, None, caller).await
    }

    /// Adds a factor that waits to be activated.
    pub async fn add_factor(
        &self,
        account: UserId,
        body: &AddFactor,
        caller: &Caller,
    ) -> Result<AddedFactor, Failure> {
        let path = format!("/v1/accounts/{account}/factors");
        self.post(&path, body, caller).await
    }

    /// Gives the first answer of a factor.
    pub async fn activate(
        &self,
        account: UserId,
        factor: FactorId,
        body: &ActivateFactor,
        caller: &Caller,
    ) -> Result<ActivatedFactor, Failure> {
        let path = format!("/v1/accounts/{account}/factors/{factor}/activate");
        self.post(&path, body, caller).await
    }

    /// Gives a factor another label.
    pub async fn rename_factor(
        &self,
        account: UserId,
        factor: FactorId,
        label: String,
        caller: &Caller,
    ) -> Result<Factor, Failure> {
        let path = format!("/v1/accounts/{account}/factors/{factor}");
        self.call(Method::PATCH, &path, Some(&RenameFactor { label }), caller)
            .await
    }

    /// Removes a factor; an active one with its owner's fresh assertion.
    pub async fn remove_factor(
        &self,
        account: UserId,
        factor: FactorId,
        assertion: Option<&Secret>,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let path = format!("/v1/accounts/{account}/factors/{factor}");
        self.call_with::<(), Value>(Method::DELETE, &path, None, assertion, caller)
            .await
            .map(drop)
    }

    /// Makes new recovery codes; the older ones are void.
    pub async fn renew_recovery_codes(
        &self,
        account: UserId,
        assertion: &Secret,
        caller: &Caller,
    ) -> Result<RecoveryCodes, Failure> {
        let path = format!("/v1/accounts/{account}/recovery-codes");
        self.call_with::<(), _>(Method::POST, &path, None, Some(assertion), caller)
            .await
    }

    /// Asks the browser for any passkey of ours.
    pub async fn start_passkey_login(&self, caller: &Caller) -> Result<PasskeyLogin, Failure> {
        self.post("/v1/passkey-logins", &StartPasskeyLogin::default(), caller)
            .await
    }

    /// Checks the passkey that answered.
    pub async fn finish_passkey_login(
        &self,
        login: ChallengeId,
        body: &FinishPasskeyLogin,
        caller: &Caller,
    ) -> Result<Authenticated, Failure> {
        let path = format!("/v1/passkey-logins/{login}/finish");
        self.post(&path, body, caller).await
    }

    /// Remembers the browser in which a second factor was just given.
    pub async fn remember(
        &self,
        account: UserId,
        label: String,
        assertion: &Secret,
        caller: &Caller,
    ) -> Result<RememberedDevice, Failure> {
        let path = format!("/v1/accounts/{account}/remembered-devices");
        let body = RememberDevice { label };
        self.call_with(Method::POST, &path, Some(&body), Some(assertion), caller)
            .await
    }

    /// Answers the challenge of a login with the token of a remembered browser.
    pub async fn answer_remembered(
        &self,
        challenge: ChallengeId,
        remember_token: Secret,
        caller: &Caller,
    ) -> Result<RememberedLogin, Failure> {
        let path = format!("/v1/challenges/{challenge}/remembered");
        self.post(&path, &AnswerRemembered { remember_token }, caller)
            .await
    }

    /// The browsers that an account remembers.
    pub async fn remembered(
        &self,
        account: UserId,
        caller: &Caller,
    ) -> Result<RememberedDevices, Failure> {
        let path = format!("/v1/accounts/{account}/remembered-devices");
        self.call::<(), _>(Method::GET, &path, None, caller).await
    }

    /// Forgets one of them, or all.
    pub async fn forget(
        &self,
        account: UserId,
        browser: Option<RememberedDeviceId>,
        caller: &Caller,
    ) -> Result<(), Failure> {
        let mut path = format!("/v1/accounts/{account}/remembered-devices");
        if let Some(browser) = browser {
            path = format!("{path}/{browser}");
        }
        self.call::<(), Value>(Method::DELETE, &path, None, caller)
            .await
            .map(drop)
    }

    /// Calls off the reset of factors that a mail told of.
    pub async fn cancel_factor_reset(&self, token: Secret, caller: &Caller) -> Result<(), Failure> {
        self.post::<_, Value>(
            "/factor-resets/cancel",
            &CancelFactorReset { token },
            caller,
        )
        .await
        .map(drop)
    }
}
