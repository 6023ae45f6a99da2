/** What a failure is called in the person's language. */
import { ApiError, NetworkError } from "@/core/api";
import type { Failure } from "@/core/engine.gen";
import { PasskeyError } from "@/core/passkeys";
import { Refused } from "@/core/refused";
import type { Code } from "@/protocol.gen";
import type { TFunction } from "i18next";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type en from "./en.json";

type Key = `problems.${keyof (typeof en)["problems"]}`;

const keys: Partial<Record<Code, Key>> = {
  "invalid-credentials": "problems.invalidCredentials",
  "invalid-code": "problems.invalidCode",
  "expired-code": "problems.expiredCode",
  "challenge-expired": "problems.challengeExpired",
  "challenge-used": "problems.challengeExpired",
  "enrolment-expired": "problems.enrolmentExpired",
  "mfa-unavailable": "problems.mfaUnavailable",
  unavailable: "problems.unavailable",
  "upstream-unavailable": "problems.unavailable",
  "queue-full": "problems.unavailable",
  timeout: "problems.unavailable",
  "account-deactivated": "problems.accountDeactivated",
  "signup-closed": "problems.signupClosed",
  "proof-required": "problems.proofRequired",
  "last-factor": "problems.lastFactor",
  "factor-active": "problems.factorActive",
  "last-admin": "problems.lastAdmin",
  forbidden: "problems.forbidden",
  "not-a-contact": "problems.notAContact",
  "already-contacts": "problems.alreadyContacts",
  "request-pending": "problems.requestPending",
  "too-many-blocked": "problems.tooManyBlocked",
  "not-found": "problems.notFound",
  "too-many-devices": "problems.tooManyDevices",
  "too-many-links": "problems.tooManyLinks",
  "archive-full": "problems.archiveFull",
  "body-too-large": "problems.tooLarge",
  internal: "problems.internal",
};

const passkeyKeys = {
  cancelled: "problems.passkeyCancelled",
  known: "problems.passkeyKnown",
  unknown: "problems.passkeyUnknown",
  failed: "problems.passkeyFailed",
} as const;

export function problemText(fault: unknown, t: TFunction, now = Date.now()): string {
  if (fault instanceof NetworkError) return t("errors.network");
  if (fault instanceof PasskeyError) return t(passkeyKeys[fault.why]);
  if (fault instanceof Refused) return failureText(fault.failure, t);
  if (!(fault instanceof ApiError)) return t("problems.unknown");
  const { code, problem } = fault;
  if (code === "locked" || code === "rate-limited") {
    const key = code === "locked" ? "problems.locked" : "problems.rateLimited";
    return t(key, { time: durationText(problem.retry_after ?? 60, t) });
  }
  if (code === "code-used") {
    const seconds = 30 - (Math.floor(now / 1000) % 30);
    return t("problems.codeUsed", { seconds });
  }
  if (code === "invalid-code") return wrongCodeText(fault, t);
  const key = keys[code];
  return key ? t(key) : t("problems.unknown");
}

/** As far as the engine passes a refusal on: its code. */
export function failureText({ code }: Failure, t: TFunction): string {
  if (code === "step-up-required") return t("problems.stepUpRequired");
  if (code === "rate-limited") return t("problems.tooOften");
  return t(keys[code] ?? "problems.unknown");
}

/** The first code of an authenticator app tells more: a slow clock, another algorithm. */
function wrongCodeText(fault: ApiError, t: TFunction): string {
  const reason = fault.member<string>("reason");
  if (reason === "wrong-algorithm") return t("problems.wrongAlgorithm");
  if (reason !== "clock-drift") return t("problems.invalidCode");
  const drift = fault.member<number>("seconds") ?? 0;
  const size = Math.abs(drift);
  const time =
    size < 90
      ? t("time.aboutSeconds", { count: size })
      : t("time.aboutMinutes", { count: Math.round(size / 60) });
  return t(drift < 0 ? "problems.clockSlow" : "problems.clockFast", { time });
}

/** 4 min 30 s */
export function durationText(seconds: number, t: TFunction): string {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.ceil(seconds % 60);
  const parts = [];
  if (minutes > 0) parts.push(t("time.minutes", { count: minutes }));
  if (rest > 0 || minutes === 0) parts.push(t("time.seconds", { count: rest }));
  return parts.join(" ");
}

export function useProblemText(): (fault: unknown) => string {
  const { t } = useTranslation();
  return useCallback((fault: unknown) => problemText(fault, t), [t]);
}
