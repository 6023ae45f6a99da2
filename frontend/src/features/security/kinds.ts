/** The kinds of second factors, for people. */
import type { FactorKind } from "@/protocol.gen";
import { DeviceMobileIcon } from "@phosphor-icons/react/DeviceMobile";
import { EnvelopeSimpleIcon } from "@phosphor-icons/react/EnvelopeSimple";
import { FingerprintIcon } from "@phosphor-icons/react/Fingerprint";
import { PaperPlaneTiltIcon } from "@phosphor-icons/react/PaperPlaneTilt";

export const kinds = {
  passkey: { icon: FingerprintIcon, name: "factors.passkey", add: "factors.addPasskey" },
  totp: { icon: DeviceMobileIcon, name: "factors.totp", add: "factors.addTotp" },
  email: { icon: EnvelopeSimpleIcon, name: "factors.email", add: "factors.addEmail" },
  telegram: { icon: PaperPlaneTiltIcon, name: "factors.telegram", add: "factors.addTelegram" },
} as const satisfies Record<FactorKind, unknown>;

/** In the order in which they are offered: the surest first. */
export const kindOrder: FactorKind[] = ["passkey", "totp", "telegram", "email"];
