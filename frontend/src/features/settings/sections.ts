/** The sections of the settings, in their order. */
import { DevicesIcon } from "@phosphor-icons/react/Devices";
import { EyeIcon } from "@phosphor-icons/react/Eye";
import { InfoIcon } from "@phosphor-icons/react/Info";
import { KeyIcon } from "@phosphor-icons/react/Key";
import { PaintBrushIcon } from "@phosphor-icons/react/PaintBrush";
import { UserCircleIcon } from "@phosphor-icons/react/UserCircle";

export const sections = [
  { to: "/settings/privacy", icon: EyeIcon, title: "privacy.title", text: "privacy.summary" },
  { to: "/settings/security", icon: KeyIcon, title: "security.title", text: "security.summary" },
  { to: "/settings/devices", icon: DevicesIcon, title: "devices.title", text: "devices.summary" },
  {
    to: "/settings/appearance",
    icon: PaintBrushIcon,
    title: "settings.appearance",
    text: "settings.appearanceSummary",
  },
  {
    to: "/settings/account",
    icon: UserCircleIcon,
    title: "account.title",
    text: "account.summary",
  },
  { to: "/settings/about", icon: InfoIcon, title: "about.title", text: "about.summary" },
] as const;
