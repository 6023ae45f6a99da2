/** The sections of the settings, in their order. */
import { InfoIcon } from "@phosphor-icons/react/Info";
import { DevicesIcon } from "@phosphor-icons/react/Devices";
import { EyeIcon } from "@phosphor-icons/react/Eye";
import { PaintBrushIcon } from "@phosphor-icons/react/PaintBrush";

export const sections = [
  { to: "/settings/privacy", icon: EyeIcon, title: "privacy.title", text: "privacy.summary" },
  {
    to: "/settings/sessions",
    icon: DevicesIcon,
    title: "sessions.title",
    text: "sessions.summary",
  },
  {
    to: "/settings/appearance",
    icon: PaintBrushIcon,
    title: "settings.appearance",
    text: "settings.appearanceSummary",
  },
  { to: "/settings/about", icon: InfoIcon, title: "about.title", text: "about.summary" },
] as const;
